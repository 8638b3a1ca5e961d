"""Versions of limits that somebody approved: in force from their time on, an event each, named by every signal."""

from __future__ import annotations

import numpy as np

from gateway.model import Noted, Signal
from gateway.pipeline import Pipeline
from gateway.site import Design, LimitsVersion
from tests.unit.fold.line import WALL_NS, Run, S, characteristic, config, point, reading, site


def version(number: int, at: float, center: float, sigma: float = 1.0, samples: int = 0) -> LimitsVersion:
    params = {"center": center, "sigma": sigma}
    return LimitsVersion(number, WALL_NS + round(at * S), params, "17", samples, f"hash{number}")


def row(*versions: LimitsVersion, **options):
    return characteristic("c", "x", params={}, limits=versions, **options)


def signals(events) -> list[Signal]:
    return [event for event in events if isinstance(event, Signal)]


def test_a_version_is_in_force_from_its_time_on():
    run = Run(site([point("x")], [row(version(1, 0, 50.0), version(2, 10, 60.0))]))
    (told,) = run(reading(1, 50.0))
    assert isinstance(told, Noted)
    assert (told.kind, told.facts["version"], told.facts["approved_by"]) == ("limits_in_force", 1, "17")
    assert (told.facts["center"], told.facts["baseline"]) == (50.0, "hash1")
    (told,) = run(reading(10, 60.0))
    assert isinstance(told, Noted)
    assert told.facts["version"] == 2
    (signal,) = signals(run(reading(11, 50.0)))
    assert (signal.baseline, signal.baseline_hash, signal.center) == ("version 2", "hash2", 60.0)


def test_before_the_first_version_phase_one_goes_on():
    run = Run(site([point("x")], [row(version(1, 10, 50.0))]))
    assert run(*(reading(t, 50.0) for t in range(1, 10))) == []
    assert run(reading(10, 50.0))


def test_a_version_that_comes_with_a_new_config_ends_what_the_old_one_knew():
    old = site([point("x")], [characteristic("c", "x")])
    run = Run(old)
    run(reading(1, 50.0))
    new = site([point("x")], [row(version(3, 1, 70.0))])
    run.pipeline = Pipeline(new)
    run.state = run.pipeline.adopt(run.state)
    run(config(2, new))
    (told,) = run(reading(3, 70.0))
    assert isinstance(told, Noted)
    assert told.facts["version"] == 3


def test_a_designed_limit_goes_by_the_samples_that_the_limits_come_from():
    design = Design(370.0, 0.9, "L", 3.0, ((25, 4.0), (100, 3.5)))
    run = Run(
        site([point("x")], [row(version(1, 0, 50.0, samples=100), version(2, 10, 50.0), design=design)])
    )
    assert signals(run(reading(1, 53.4))) == []  # within 3.5
    (signal,) = signals(run(reading(2, 53.6)))
    assert (signal.ucl, signal.arl0) == (53.5, 370.0)
    run(*(reading(t, 50.0) for t in range(3, 12)))
    (signal,) = signals(run(reading(20, 53.4)))  # nobody knows how many: as if known
    assert signal.ucl == 53.0


def test_phase_one_gets_the_limit_for_its_own_length():
    design = Design(370.0, 0.9, "L", 3.0, ((10, 6.0), (100, 3.5)))
    run = Run(site([point("x")], [characteristic("c", "x", params={"baseline": 10}, design=design)]))
    run(*(reading(t, 50.0 + (-1) ** t) for t in range(10)))
    (signal,) = signals(run(reading(20, 99.0)))
    sigma = np.sqrt(10 / 9) / 0.9727  # S over c4(10), Montgomery, appendix VI
    assert abs(signal.ucl - (50.0 + 6.0 * sigma)) < 1e-3
    assert signal.baseline == "phase I"

"""Versions of limits that somebody approved: in force from their time on, an event each, named by every signal."""

from __future__ import annotations

import numpy as np
import pytest

from gateway.model import Noted, Signal
from gateway.pipeline import Pipeline
from gateway.site import Design, LimitsVersion, Sampling, Site
from tests.unit.fold.line import WALL_NS, Run, S, characteristic, config, point, reading, site


def version(number: int, at: float, center: float, sigma: float = 1.0, samples: int = 0) -> LimitsVersion:
    params = {"center": center, "sigma": sigma}
    return LimitsVersion(number, WALL_NS + round(at * S), params, "17", samples, f"hash{number}")


def row(*versions: LimitsVersion, **options):
    return characteristic("c", "x", limits=versions, **{"params": {}, **options})


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


def test_the_sigma_of_a_version_is_that_of_single_values_as_the_plans_is():
    run = Run(site([point("x")], [row(version(1, 0, 50.0), sampling=Sampling(size=4))]))
    (signal,) = signals(run(*(reading(t, 52.0) for t in range(1, 5))))
    assert signal.ucl == 51.5  # 3 x 1 / sqrt(4)


def test_what_a_version_leaves_out_is_for_phase_one_and_what_it_says_stays():
    partly = LimitsVersion(1, WALL_NS, {"center": 60.0}, "17")
    run = Run(site([point("x")], [characteristic("c", "x", params={"baseline": 4}, limits=(partly,))]))
    run(*(reading(t, 50.0 + (-1) ** t) for t in range(1, 5)))
    (signal,) = signals(run(reading(5, 50.0)))
    assert signal.center == 60.0


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({"L": 2.0}, "c: limits, version 1: phase I of imr estimates center, sigma; take L out"),
        ({"center": [1.0, 2.0]}, "c: limits, version 1: center must be one number"),
        ({"center": [[1.0], [2.0, 3.0]]}, "c: limits, version 1: center must be one number"),
    ],
)
def test_a_version_that_the_chart_cannot_take_says_what_it_could(params, says):
    wrong = LimitsVersion(1, WALL_NS, params, "17")
    with pytest.raises(ValueError, match=says):
        Pipeline(site([point("x")], [row(wrong)]))


def test_a_new_share_of_the_budget_keeps_what_phase_one_learnt():
    def plan(known: float) -> Site:
        design = Design(370.0, 0.9, "L", known, ((4, known), (100, known)))
        rules = ("WE1",)
        return site([point("x")], [row(params={"baseline": 4, "center": 50.0}, design=design, rules=rules)])

    run = Run(plan(3.0))
    run(*(reading(t, 50.0 + (-1) ** t) for t in range(1, 5)))
    run.pipeline = Pipeline(plan(6.0))
    run.state = run.pipeline.adopt(run.state)
    run(config(6, plan(6.0)))
    (signal,) = signals(run(reading(7, 99.0)))
    assert signal.baseline == "phase I"
    assert abs(signal.ucl - (50.0 + 6.0 * 2.0 / 1.128379)) < 1e-4

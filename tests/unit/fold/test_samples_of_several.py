"""Charts whose sample is several numbers, live: subgroups, further tags, what totalizers grew."""

from __future__ import annotations

import numpy as np

from gateway.model import Noted, Quality, Signal
from gateway.site import Sampling
from tests.unit.fold.line import CELL, Run, characteristic, kinds, point, reading, site

TAGS = (f"{CELL}/y",)


def signals(events) -> list[Signal]:
    return [event for event in events if isinstance(event, Signal)]


def test_an_xbar_r_chart_gets_the_members_of_its_subgroups():
    row = characteristic("c", "x", "xbar-r", sampling=Sampling(size=4), rules=("R",))
    run = Run(site([point("x")], [row]))
    quiet = [50.5, 49.5, 50.2, 49.8]
    assert run(*(reading(t, x) for t, x in enumerate(quiet * 3, 1))) == []
    wide = [50.0, 46.0, 54.0, 50.0]  # the mean is as it should be, the range is 8 sigma
    (signal, *_) = signals(run(*(reading(20 + t, x) for t, x in enumerate(wide))))
    assert signal.rules == ("R",)
    assert (signal.value, signal.lcl) == (8.0, 0.0)


def test_a_partial_subgroup_that_is_kept_has_limits_of_its_own_size():
    row = characteristic("c", "x", "xbar-s", sampling=Sampling(size=4, on_change="keep"), key=("recipe",))
    run = Run(site([point("x"), point("recipe", "uint16")], [row]))
    run(*(reading(t, 50.0 + 0.1 * t, 1) for t in range(1, 5)))
    events = run(reading(5, 53.0, 1), reading(6, 53.0, 1), reading(7, 50.0, 2))
    (signal, *_) = signals(events)
    assert signal.value == 53.0
    assert signal.ucl == 50.0 + 3 / np.sqrt(2)  # two members, not four


def vector(**options):
    params = {"baseline": 60, **options.pop("params", {})}
    return characteristic("c", "x", "t2", params=params, tags=TAGS, **options)


def correlated(n: int, seed: int = 5) -> np.ndarray:
    a, b = np.random.default_rng(seed).standard_normal((2, n))
    return np.stack([50 + a, 20 + 0.95 * a + 0.31 * b], axis=1)


def test_t2_sees_what_no_single_tag_shows():
    run = Run(site([point("x"), point("y")], [vector()]))
    run(*(reading(1 + t, *pair) for t, pair in enumerate(correlated(60))))
    assert kinds(run.events) == ["limits_frozen"]
    assert signals(run(reading(100, 51.5, 21.4))) == []  # high together, as they always are
    (signal,) = signals(run(reading(101, 51.5, 18.6)))  # each within 1.5 sigma, but apart
    assert signal.chart == "t2"
    assert signal.change is not None
    assert signal.change.direction == ""
    assert signal.change.size is None
    assert list(signal.contributions) == [f"{CELL}/x", f"{CELL}/y"]
    assert min(signal.contributions.values()) > 10  # either is odd, given the other


def test_a_tag_that_is_not_good_makes_no_sample():
    run = Run(site([point("x"), point("y")], [vector()]))
    run(*(reading(1 + t, *pair) for t, pair in enumerate(correlated(60))))
    bad = [0, int(Quality.NO_ANSWER)]
    assert signals(run(reading(100, 59.0, 0.0, quality=bad))) == []


def test_a_tag_of_another_group_gives_its_newest_good_value():
    run = Run(site([point("x")], [vector()], other=[point("y")]))
    for t, (x, y) in enumerate(correlated(60)):
        run(reading(1 + t, y, group="press1/slow"), reading(1 + t, x))
    assert kinds(run.events) == ["limits_frozen"]
    run(reading(100, 18.6, group="press1/slow"))
    assert signals(run(reading(101, 51.5)))


def test_what_totalizers_grew_is_charted_as_a_share():
    sampling = Sampling("time", 10_000_000_000, take="difference")
    row = characteristic(
        "c", "rejects", "p", params={"center": 0.02}, tags=(f"{CELL}/shots",), sampling=sampling
    )
    run = Run(site([point("rejects", "uint32"), point("shots", "uint32")], [row]))
    assert run(*(reading(10 * t, 2 * t, 100 * t) for t in range(1, 9))) == []
    (signal,) = signals(run(reading(90, 16 + 9, 900)))
    assert (signal.value, signal.center) == (0.09, 0.02)


def test_a_totalizer_that_was_cleared_makes_no_sample():
    sampling = Sampling(take="difference")
    run = Run(site([point("x", "uint32")], [characteristic("c", "x", sampling=sampling)]))
    assert signals(run(reading(1, 1000), reading(2, 1050), reading(3, 10), reading(4, 60))) == []
    (signal,) = signals(run(reading(5, 120)))
    assert signal.value == 60.0


def test_events_of_phase_one_carry_what_was_learnt():
    run = Run(site([point("x"), point("y")], [vector()]))
    run(*(reading(1 + t, *pair) for t, pair in enumerate(correlated(60))))
    (frozen,) = run.events
    assert isinstance(frozen, Noted)
    covariance = frozen.facts["covariance"]
    assert isinstance(covariance, list)
    assert len(covariance) == 2
    assert isinstance(frozen.facts["baseline"], str)
    assert len(frozen.facts["baseline"]) == 32


def test_frozen_limits_of_means_tell_the_sigma_of_single_values():
    row = characteristic("c", "x", "ewma", params={"baseline": 40}, sampling=Sampling(size=4))
    run = Run(site([point("x")], [row]))
    noise = np.random.default_rng(2).standard_normal(160)
    run(*(reading(1 + t, 50.0 + float(z)) for t, z in enumerate(noise)))
    (frozen,) = run.events
    assert isinstance(frozen, Noted)
    assert isinstance(frozen.facts["sigma"], float)
    assert 0.7 < frozen.facts["sigma"] < 1.3

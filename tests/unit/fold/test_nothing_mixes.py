"""No sample of one process on another's chart: changeovers nobody saw, totalizers, counters, keys that look alike."""

from __future__ import annotations

import pytest

from gateway.model import Signal
from gateway.site import Sampling, When
from tests.unit.fold.line import CELL, Run, S, characteristic, kinds, point, reading, site, start, tick

SLOW = "press1/slow"
SHOTS = f"{CELL}/shots"
GROWTH = {"center": 50.0, "sigma": 1.0}


def signals(events) -> list[Signal]:
    return [event for event in events if isinstance(event, Signal)]


# --- a key that may have changed while nobody looked ---


def keyed(**options) -> Run:
    row = characteristic("c", "x", key=("recipe",), **options)
    return Run(site([point("x")], [row], other=[point("recipe", "uint16")]))


def test_after_a_restart_no_sample_goes_to_a_recipe_that_may_be_over():
    run = keyed()
    run(reading(1, 1, group=SLOW), reading(2, 50.0))
    run(start(10, stopped=3))
    assert run(reading(11, 99.0)) == []  # of which recipe? it was not read since
    run(reading(12, 2, group=SLOW))
    (signal,) = signals(run(reading(13, 99.0)))
    assert signal.key == "2"


def test_the_same_recipe_after_a_restart_goes_on_where_it_was():
    run = keyed(rules=("WE4",))
    run(reading(1, 1, group=SLOW), *(reading(1 + t, 50.5) for t in range(1, 8)))
    run(start(20, stopped=9), reading(21, 1, group=SLOW))
    assert kinds(signals(run(reading(22, 50.5)))) == ["signal WE4"]


def test_a_partial_subgroup_goes_on_after_a_restart_with_the_same_recipe():
    run = keyed(sampling=Sampling(size=2))
    run(reading(1, 1, group=SLOW), reading(2, 54.0))
    run(start(20, stopped=9), reading(21, 1, group=SLOW))
    (signal,) = signals(run(reading(22, 56.0)))
    assert signal.value == 55.0


def test_a_recipe_whose_group_fell_silent_is_not_known():
    run = keyed()
    run(reading(1, 1, group=SLOW), *(reading(t, 50.0) for t in range(2, 100, 4)))
    run(tick(100))
    assert signals(run(reading(101, 99.0))) == []
    run(reading(102, 1, group=SLOW))
    assert signals(run(reading(103, 99.0)))


def test_a_state_not_read_since_the_start_is_none_in_which_samples_are_made():
    row = characteristic("c", "x", when=When(f"{CELL}/state", ("2",)))
    run = Run(site([point("x")], [row], other=[point("state", "uint16")]))
    run(reading(1, 2, group=SLOW), reading(2, 50.0))
    run(start(10, stopped=3))
    assert signals(run(reading(11, 99.0))) == []
    run(reading(12, 2, group=SLOW))
    assert signals(run(reading(13, 99.0)))


def test_a_number_of_another_group_is_not_taken_over_a_stop():
    row = characteristic("c", "x", "p", params={"center": 0.02}, tags=(f"{CELL}/n",))
    run = Run(site([point("x", "uint16")], [row], other=[point("n", "uint16")]))
    run(reading(1, 100, group=SLOW), reading(2, 2))
    run(start(10, stopped=3))
    assert signals(run(reading(11, 50))) == []
    run(reading(12, 100, group=SLOW))
    assert signals(run(reading(13, 50)))


def test_keys_of_several_texts_are_told_apart():
    row = characteristic("c", "x", key=("a", "b"))
    text = {"words": 2, "order": "AB"}
    run = Run(site([point("x"), point("a", "string", **text), point("b", "string", **text)], [row]))

    def told(t: float, a: str, b: str) -> str:
        words = [word for each in (a, b) for word in (ord(each[0]) << 8 | ord(f"{each}\0"[1]), 0)]
        (signal,) = signals(run(reading(t, 99.0, 0.0, 0.0, raw=[0, 0, *words])))
        return signal.key

    assert len({told(1, "x|", "y"), told(2, "x", "|y"), told(3, "x\\", "y")}) == 3


# --- totalizers ---


def totals(sampling: Sampling, **options) -> Run:
    row = characteristic("c", "x", sampling=sampling, **options)
    points = [point("x", "uint32"), point("recipe", "uint16"), point("state", "uint16")]
    return Run(site([*points, point("shots", "uint16")], [row]))


def test_what_grew_over_a_changeover_belongs_to_neither_recipe():
    run = totals(Sampling(take="difference"), key=("recipe",))
    run(reading(1, 1000, 1, 0, 0), reading(2, 1050, 1, 0, 0))
    assert signals(run(reading(3, 1150, 2, 0, 0), reading(4, 1200, 2, 0, 0))) == []
    assert signals(run(reading(5, 1300, 2, 0, 0)))


def test_what_grew_while_the_machine_stood_still_is_no_sample():
    run = totals(Sampling(take="difference"), when=When(f"{CELL}/state", ("2",)))
    run(reading(1, 1000, 1, 2, 0), reading(2, 1050, 1, 2, 0), reading(3, 1080, 1, 0, 0))
    assert signals(run(reading(4, 1100, 1, 2, 0), reading(5, 1150, 1, 2, 0))) == []


def test_what_grew_while_the_gateway_was_down_is_no_sample():
    run = totals(Sampling(take="difference"))
    run(reading(1, 1000, 1, 0, 0), reading(2, 1050, 1, 0, 0), start(100, stopped=3))
    assert signals(run(reading(101, 9000, 1, 0, 0), reading(102, 9050, 1, 0, 0))) == []
    assert signals(run(reading(103, 9200, 1, 0, 0)))


@pytest.mark.parametrize(
    ("sampling", "quality"),
    [
        (Sampling(take="difference"), 0x81),  # each reading, and one that had no answer
        (Sampling("time", S, take="difference"), 0x81),  # a period without a good value
        (Sampling("counter", counter=SHOTS, take="difference"), 0x81),  # a shot that nobody read
    ],
)
def test_what_grew_over_a_missing_sample_is_not_the_growth_of_one(sampling, quality):
    run = totals(sampling)
    run(*(reading(t, 1000 + 50 * t, 1, 0, t) for t in range(1, 4)))
    bad = reading(4, 0, 1, 0, 4, quality=[quality, 0, 0, 0])
    assert signals(run(bad, *(reading(t, 1000 + 50 * t, 1, 0, t) for t in range(5, 8)))) == []
    assert signals(run(reading(8, 9000, 1, 0, 8)))


def test_a_share_is_the_same_over_however_many_readings_it_grew():
    row = characteristic(
        "c", "x", "p", params={"center": 0.5}, tags=(f"{CELL}/n",), sampling=Sampling(take="difference")
    )
    run = Run(site([point("x", "uint32"), point("n", "uint32")], [row]))
    run(reading(1, 100, 200))
    run(reading(2, 0, 0, quality=[0x81, 0x81]))
    assert signals(run(reading(3, 200, 400))) == []
    assert signals(run(reading(4, 300, 500)))


# --- what a counter latched ---


def counted(**options) -> Run:
    row = characteristic("c", "x", sampling=Sampling("counter", counter=SHOTS), **options)
    points = [point("x"), point("shots", "uint16"), point("state", "uint16")]
    return Run(site(points, [row]))


def test_the_last_shot_of_a_warm_up_is_no_sample_when_the_warm_up_ends():
    run = counted(when=When(f"{CELL}/state", ("2",), 3 * S))
    run(reading(1, 99.0, 1, 2), reading(2, 99.0, 2, 2))
    assert signals(run(reading(5, 99.0, 2, 2))) == []  # warm now, but this was shot 2
    assert signals(run(reading(6, 99.0, 3, 2)))


def test_a_counter_that_was_cleared_has_counted_no_shot():
    run = counted(rules=("WE4",))
    run(*(reading(t, 50.5, t, 0) for t in range(1, 8)))
    assert kinds(run(reading(8, 50.5, 0, 0))) == ["counter_reset"]  # what is latched was sampled as shot 7
    assert kinds(signals(run(reading(9, 50.5, 1, 0)))) == ["signal WE4"]


def test_a_counter_that_wraps_to_0_has_counted_one():
    run = counted()
    run(reading(1, 50.0, 65534, 0), reading(2, 50.0, 65535, 0))
    assert signals(run(reading(3, 99.0, 0, 0)))

"""How readings become samples. The charts here have given limits; a sample far out is a signal that shows its value."""

from __future__ import annotations

import pytest

from gateway.model import Noted, Signal
from gateway.site import Sampling
from tests.unit.fold.line import CELL, Run, S, at, characteristic, kinds, point, reading, scan, site, start

FAR = 100.0  # 50 sigma: each sample that gets to the chart speaks, unless the one before spoke too
NEAR = 50.0


def run_of(every: str, *, key=(), other=(), counter: str = "", **sampling) -> Run:
    tag = f"{CELL}/{counter}" if counter else ""
    row = characteristic("c", "x", rules=("WE1",), key=key, sampling=Sampling(every, counter=tag, **sampling))
    return Run(site([point("x"), point("n", "uint16")], [row], other=other))


def charted(run: Run, *inputs) -> list[float]:
    """Values of the signals that these inputs give."""
    return [event.value for event in run(*inputs) if isinstance(event, Signal)]


def test_every_reading_is_a_sample_but_doubtful_ones():
    run = run_of("reading")
    assert charted(run, reading(1, FAR, 0)) == [FAR]
    assert (
        charted(run, reading(2, NEAR, 0), reading(3, FAR + 1, 0, quality=[0x41, 0]), reading(4, NEAR, 0))
        == []
    )


def test_every_period_takes_the_first_good_value_of_each_cell_of_the_grid():
    run = run_of("time", period_ns=10 * S)
    assert charted(run, reading(10, NEAR, 0), reading(13, FAR, 0), reading(19.9, FAR, 0)) == []
    assert charted(
        run, reading(20.5, FAR, 0, quality=[0x81, 0]), reading(21, 101.0, 0), reading(22, 102.0, 0)
    ) == [101.0]


def test_the_grid_starts_over_with_boottime():
    run = run_of("time", period_ns=10 * S)
    run(reading(500, NEAR, 0))
    assert charted(run, start(1), reading(2, FAR, 0)) == [FAR]


def test_a_latched_register_polled_twice_is_one_sample():
    run = run_of("counter", counter="n")
    assert charted(run, reading(1, FAR, 7), reading(2, FAR, 7), reading(3, FAR, 7)) == [FAR]
    assert charted(run, reading(4, NEAR, 8), reading(5, FAR, 8)) == []
    assert charted(run, reading(6, FAR, 9)) == [FAR]


def test_a_jump_of_the_counter_is_told_with_how_many_were_missed():
    run = run_of("counter", counter="n")
    (event,) = run(reading(1, NEAR, 7), reading(2, NEAR, 8), reading(3, NEAR, 12))
    assert isinstance(event, Noted)
    assert (event.kind, event.subject) == ("missed_shots", f"{CELL}/n")
    assert event.facts == {"missed": 3, "group": "press1/fast", "from": 8.0, "to": 12.0}


def test_a_wrap_is_no_reset_and_a_reset_is_no_jump():
    run = run_of("counter", counter="n")
    assert run(reading(1, NEAR, 65535), reading(2, NEAR, 0)) == []
    assert kinds(run(reading(3, NEAR, 5000), reading(4, NEAR, 1))) == ["missed_shots", "counter_reset"]
    assert charted(run, reading(5, FAR, 2)) == [FAR]


def test_a_jump_over_the_wrap_counts_right():
    run = run_of("counter", counter="n")
    (event,) = run(reading(1, NEAR, 65534), reading(2, NEAR, 2))
    assert isinstance(event, Noted)
    assert event.facts["missed"] == 3


def test_a_shot_whose_value_came_late_is_still_sampled_and_a_bad_count_samples_nothing():
    run = run_of("counter", counter="n")
    run(reading(1, NEAR, 7))
    assert charted(run, reading(2, FAR, 8, quality=[0x81, 0]), reading(3, FAR, 8)) == [FAR]
    assert charted(run, reading(4, NEAR, 9), reading(5, FAR, 10, quality=[0, 0x85])) == []


def test_shots_made_while_the_gateway_was_down_are_told_too():
    run = run_of("counter", counter="n")
    assert kinds(run(reading(1, NEAR, 7), start(60, stopped=2), reading(61, NEAR, 20))) == [
        "gap",
        "missed_shots",
    ]


def test_a_counter_in_another_group_counts_as_last_read():
    row = characteristic("c", "x", rules=("WE1",), sampling=Sampling("counter", counter=f"{CELL}/shots"))
    run = Run(site([point("x")], [row], other=[point("shots", "uint32")]))
    assert charted(run, reading(1, FAR)) == []
    assert charted(run, reading(2, 1, group="press1/slow"), reading(3, FAR), reading(4, FAR)) == [FAR]


def test_per_lot_the_mean_of_its_good_values_when_it_is_gone():
    run = run_of("lot")
    assert charted(run, reading(1, 900.0, 0), scan(2, "A"), reading(3, 90.0, 0), reading(4, 92.0, 0)) == []
    assert charted(run, reading(5, 1e6, 0, quality=[0x60 - 0x20 + 1, 0]), scan(6, "B")) == []
    events = run(reading(7, 50.0, 0))
    signal = next(event for event in events if isinstance(event, Signal))
    assert (signal.value, signal.lots, signal.time_ns) == (91.0, ("A",), at(4).time_ns)


def test_every_lot_has_a_mean_of_its_own():
    run = run_of("lot")
    run(
        scan(1, "A"),
        reading(2, 50.0, 0),
        scan(3, "B"),
        reading(4, 90.0, 0),
        reading(5, 92.0, 0),
        scan(6, "C"),
    )
    assert charted(run, reading(7, 50.0, 0)) == [91.0]


def test_a_subgroup_of_lots_spans_lots():
    run = run_of("lot", size=2)
    for t, (lot, value) in enumerate([("A", 90.0), ("B", 100.0)]):
        run(scan(10 * t + 1, lot), reading(10 * t + 2, value, 0))
    assert charted(run, scan(30, "C"), reading(31, 50.0, 0)) == [95.0]


def test_a_subgroup_is_charted_as_its_mean_with_sigma_over_root_n():
    run = run_of("reading", size=4)
    (signal,) = [
        e
        for e in run(*(reading(t, v, 0) for t, v in enumerate([51, 53, 52, 52], 1)))
        if isinstance(e, Signal)
    ]
    assert (signal.value, signal.ucl, signal.lcl) == (52.0, 51.5, 48.5)
    assert signal.size_sigma == pytest.approx(4.0)


@pytest.mark.parametrize(("policy", "seen"), [("drop", []), ("keep", [90.0])])
def test_another_lot_closes_a_partial_subgroup_by_policy(policy, seen):
    run = run_of("reading", size=3, on_change=policy)
    run(scan(1, "A"), reading(2, 80.0, 0), reading(3, 100.0, 0), scan(4, "B"))
    assert charted(run, reading(5, 50.0, 0)) == seen
    assert charted(run, reading(6, 50.0, 0), reading(7, 50.0, 0)) == []  # the next subgroup is B's alone


@pytest.mark.parametrize(("policy", "seen"), [("drop", []), ("keep", [(90.0, "1")])])
def test_another_key_closes_a_partial_subgroup_under_the_old_key(policy, seen):
    run = run_of("reading", size=3, on_change=policy, key=("recipe",), other=[point("recipe", "uint16")])
    run(reading(1, 1, group="press1/slow"), reading(2, 80.0, 0), reading(3, 100.0, 0))
    events = run(reading(4, 2, group="press1/slow"), reading(5, 50.0, 0))
    assert [(event.value, event.key) for event in events if isinstance(event, Signal)] == seen


def test_without_a_known_key_there_are_no_samples():
    run = run_of("reading", key=("recipe",), other=[point("recipe", "uint16")])
    assert (
        charted(
            run, reading(1, FAR, 0), reading(2, 9, group="press1/slow", quality=[0x81]), reading(3, FAR, 0)
        )
        == []
    )
    assert charted(run, reading(4, 9, group="press1/slow"), reading(5, FAR, 0)) == [FAR]


def test_a_key_may_be_text():
    run = run_of("reading", key=("tool",), other=[point("tool", "string", words=2)])
    run(reading(1, float("nan"), group="press1/slow", raw=[0x4D31, 0x3700]))
    (signal,) = [event for event in run(reading(2, FAR, 0)) if isinstance(event, Signal)]
    assert signal.key == "M17"

"""Samples only in the states of the machine that the plan names, and once it is warm."""

from __future__ import annotations

from gateway.model import Noted, Signal
from gateway.site import When
from tests.unit.fold.line import CELL, Run, S, characteristic, kinds, point, reading, site, start

RUNS, IDLE = 2, 0


def made(warm_up_s: float = 0.0, key=()) -> Run:
    when = When(f"{CELL}/state", ("2", "3"), round(warm_up_s * S))
    row = characteristic("c", "x", when=when, key=key)
    return Run(site([point("x"), point("state", "uint16"), point("recipe", "uint16")], [row]))


def signals(events) -> list[Signal]:
    return [event for event in events if isinstance(event, Signal)]


def test_an_idle_machine_makes_no_samples():
    run = made()
    assert signals(run(reading(1, 50.0, RUNS, 1), reading(2, 0.0, IDLE, 1), reading(3, 0.0, IDLE, 1))) == []
    assert signals(run(reading(4, 57.0, 3, 1)))


def test_a_state_that_nobody_has_read_is_none_in_which_samples_are_made():
    run = made()
    assert run(reading(1, 99.0, 0, 1, quality=[0, 0x81, 0])) == []


def test_stop_and_start_are_told_with_the_state():
    run = made(warm_up_s=5)
    told = [
        each
        for each in run(*(reading(t, 50.0, s, 1) for t, s in enumerate([2, 0, 0, 3], 1)))
        if isinstance(each, Noted)
    ]
    assert [(each.kind, each.facts["state"]) for each in told] == [
        ("chart_resumed", "2"), ("chart_paused", "0"), ("chart_resumed", "3"),
    ]  # fmt: skip
    assert told[0].facts["warm_up_seconds"] == 5.0


def test_a_machine_warms_up_before_it_is_sampled():
    run = made(warm_up_s=10)
    assert signals(run(*(reading(t, 99.0, RUNS, 1) for t in range(1, 11)))) == []
    assert signals(run(reading(11, 99.0, RUNS, 1)))


def test_a_changeover_warms_it_up_again():
    run = made(warm_up_s=10, key=("recipe",))
    run(*(reading(t, 50.0, RUNS, 1) for t in range(1, 20)))
    assert signals(run(*(reading(t, 99.0, RUNS, 2) for t in range(20, 30)))) == []
    assert signals(run(reading(30, 99.0, RUNS, 2)))


def test_a_restart_warms_it_up_again_for_nobody_saw_what_it_did():
    run = made(warm_up_s=10)
    run(*(reading(t, 50.0, RUNS, 1) for t in range(1, 20)))
    run(start(20, stopped=19))
    assert signals(run(reading(21, 99.0, RUNS, 1))) == []
    assert signals(run(reading(31, 99.0, RUNS, 1)))


def test_a_stop_and_a_start_do_not_touch_limits_and_sums():
    run = made()
    run(*(reading(t, 51.5, RUNS, 1) for t in range(1, 8)))
    run(reading(8, 0.0, IDLE, 1))
    events = run(reading(9, 51.5, RUNS, 1))
    assert "signal WE3+WE4" in kinds(events) or signals(events) or "WE4" in str(run.events)

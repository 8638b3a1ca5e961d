"""Limits of designed charts tighten as samples come in, and stop at a signal until somebody has answered."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from gateway.folding.foldstate import State
from gateway.model import AlarmChanged, Entry, Noted, Signal
from gateway.plain import from_plain, to_plain
from gateway.site import Design
from tests.unit.fold.line import Run, at, characteristic, kinds, point, reading, site

TABLE = ((20, 5.0), (100, 3.5), (2000, 3.1))
NOISE = np.random.default_rng(11).standard_normal(400)


def made(**params) -> Run:
    design = Design(370.0, 0.9, "L", 3.0, TABLE)
    row = characteristic("c", "x", "ewma", params={"baseline": 20, "lambda": 1.0, **params}, design=design)
    return Run(site([point("x")], [row]))


def feed(run: Run, first: int, last: int, shift: float = 0.0) -> list:
    return run(*(reading(t + 1, 50.0 + 2.0 * float(NOISE[t]) + shift) for t in range(first, last)))


def tightened(events) -> list[Noted]:
    return [each for each in events if isinstance(each, Noted) and each.kind == "limits_tightened"]


def test_limits_follow_the_samples_that_were_in_control():
    run = made()
    told = tightened(feed(run, 0, 200))
    samples = [numbers(each)["samples"] for each in told]
    assert len(told) > 10
    assert all(b >= 1.1 * a for a, b in itertools.pairwise(samples))
    limits = [numbers(each)["L"] for each in told]
    assert limits == sorted(limits, reverse=True)
    last = numbers(told[-1])
    seen = 50.0 + 2.0 * NOISE[: int(last["samples"])]
    assert last["center"] == pytest.approx(seen.mean(), abs=1e-9)
    assert last["sigma"] == pytest.approx(seen.std(ddof=1), rel=0.005)  # S / c4, and c4 is nearly 1


def numbers(told: Noted) -> dict[str, float]:
    return {name: float(fact) for name, fact in told.facts.items() if isinstance(fact, int | float)}


def answer(run: Run, kind: str) -> list:
    alarm = next(each for each in reversed(run.events) if isinstance(each, AlarmChanged))
    body = {"alarm": alarm.alarm, "cause": "looked", "action": "none", "cause_class": kind}
    return run(Entry("acknowledge", at(500), "17", body))


def test_nothing_is_learnt_from_a_signal_on_until_somebody_answers():
    run = made()
    feed(run, 0, 100)
    assert any(isinstance(each, Signal) for each in feed(run, 100, 101, shift=20.0))
    assert tightened(feed(run, 101, 250)) == []
    answer(run, "assignable")
    assert tightened(feed(run, 250, 350))


def test_a_false_alarm_is_learnt_from_too():
    def samples_after(kind: str) -> float:
        run = made()
        feed(run, 0, 100)
        feed(run, 100, 101, shift=20.0)
        answer(run, kind)
        return feed_until_told(run)["samples"]

    def feed_until_told(run: Run) -> dict[str, float]:
        for t in range(101, 400):
            told = tightened(feed(run, t, t + 1))
            if told:
                return numbers(told[0])
        raise AssertionError("nothing told")

    assert samples_after("assignable") == samples_after("false")  # told at the same growth ...
    run, pardoned = made(), made()
    for each, kind in ((run, "assignable"), (pardoned, "false")):
        feed(each, 0, 100)
        feed(each, 100, 101, shift=20.0)
        answer(each, kind)
    counts = [_count(each.state) for each in (run, pardoned)]
    assert counts[1] > counts[0]  # ... but of more samples


def _count(state: State) -> float:
    (bank,) = state.groups["press1/fast"].charting.banks
    return float(bank.learning["count"][0])


def test_what_the_plan_gives_is_not_learnt():
    run = made(center=50.0, sigma=2.0)
    assert tightened(feed(run, 0, 300)) == []


def test_learning_survives_a_snapshot():
    run, other = made(), made()
    feed(run, 0, 77)
    feed(other, 0, 77)
    other.state = from_plain(State, to_plain(other.state))
    assert kinds(feed(run, 77, 200)) == kinds(feed(other, 77, 200))
    assert to_plain(run.state) == to_plain(other.state)


@pytest.mark.parametrize("scale", [1e200, 1e-170, 1e-320])
def test_a_baseline_whose_squares_are_no_numbers_is_waited_out(scale):
    run = made()
    run(*(reading(t + 1, scale * float(NOISE[t])) for t in range(40)))
    assert run.events == []
    assert kinds(feed(run, 40, 100))[0] == "limits_frozen"


@pytest.mark.parametrize("spike", [1e200, -1.7e308])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # numpy's, of the spike's own z
def test_nothing_is_learnt_from_a_spike_beyond_all_reason_though_it_is_pardoned(spike):
    run = made()
    feed(run, 0, 100)
    run(reading(150, spike))
    answer(run, "false")
    last = numbers(tightened(feed(run, 200, 390))[-1])
    assert last["sigma"] == pytest.approx(2.0, rel=0.2)

"""What a signal says of the change behind it: since when, how much, which lots."""

from __future__ import annotations

import itertools

import numpy as np

from gateway.model import AlarmChanged, Signal
from tests.unit.fold.line import Run, acknowledge, at, characteristic, point, reading, scan, site


def drifted(kind: str = "cusum", seed: int = 3) -> tuple[Run, Signal]:
    """100 samples in control, then 1.5 sigma more; boxes are changed at 90.5 s and 105.5 s."""
    run = Run(site([point("x", uom="g")], [characteristic("c", "x", kind)]))
    noise = np.random.default_rng(seed).standard_normal(140)
    run(scan(0.5, "BOX-A"))
    for t, z in enumerate(noise, 1):
        if t == 91:
            run(scan(90.5, "BOX-B"))
        if t == 106:
            run(scan(105.5, "BOX-C"))
        events = run(reading(t, 50.0 + z + (1.5 if t > 100 else 0.0)))
        found = [each for each in events if isinstance(each, Signal)]
        if found:
            return run, found[0]
    raise AssertionError("no signal")


def test_it_says_since_when_and_how_much_in_units():
    _, signal = drifted()
    change = signal.change
    assert change is not None
    assert change.from_ns <= change.time_ns <= change.to_ns <= signal.time_ns
    assert at(97).time_ns <= change.time_ns <= at(104).time_ns
    assert change.direction == "up"
    assert 0.7 < change.size_sigma < 2.6
    assert change.size == change.size_sigma  # sigma is 1 g here
    assert signal.uom == "g"
    assert change.samples == 1 + (signal.time_ns - change.time_ns) // 10**9


def test_it_names_every_lot_since_the_change_may_have_begun():
    _, signal = drifted()
    assert signal.change is not None
    boxes = {"BOX-A": (0.5, 90.5), "BOX-B": (90.5, 105.5), "BOX-C": (105.5, 999.0)}
    there = [box for box, (_, end) in boxes.items() if at(end).time_ns > signal.change.from_ns]
    made = [box for box in there if at(boxes[box][0]).time_ns <= signal.time_ns]
    assert set(signal.lots_since) == set(made)
    assert set(signal.lots) <= set(signal.lots_since)


def test_the_alarm_has_these_lots_and_says_it_in_words():
    run, signal = drifted()
    alarm = next(each for each in run.events if isinstance(each, AlarmChanged))
    assert set(alarm.lots) == set(signal.lots_since)
    assert {"sentence", "sentence_zh"} <= set(alarm.facts or {})


def test_after_an_answer_the_change_before_it_is_forgotten():
    run, signal = drifted()
    alarm = next(each for each in run.events if isinstance(each, AlarmChanged))
    run(acknowledge(150, alarm.alarm))
    found: list[Signal] = []
    for t in itertools.count(151):
        found = [each for each in run(reading(t, 52.0)) if isinstance(each, Signal)]
        if found:
            break
    assert found[0].change is not None
    assert found[0].change.from_ns >= at(151).time_ns
    assert signal.change is not None


def test_shewhart_signals_say_it_too():
    run = Run(site([point("x")], [characteristic("c", "x")]))
    run(*(reading(t, 50.0 + (-1) ** t * 0.7) for t in range(1, 40)))
    (signal,) = [each for each in run(reading(40, 43.0)) if isinstance(each, Signal)]
    assert signal.change is not None
    assert signal.change.direction == "down"
    assert at(39).time_ns <= signal.change.time_ns <= at(40).time_ns

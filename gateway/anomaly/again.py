"""What comes again and again is not rare: sees a strong event among the ones before it.

A tail is extrapolated; a shift that begins at eight every morning is beyond any of them. So the strongest events so
far are remembered with their rows: if k of them, this strong or nearly, came within the last n rows, an event is taken
as no rarer than k in n. One or two say little about how often they come: k is three or more.
"""

from __future__ import annotations

from typing import NamedTuple

from gateway.anomaly.tail import decades

STRONG = 2.5  # surprise from which on an event is remembered
NEARLY = 0.3  # so much less counts as strong as another
MOST = 8
ENOUGH = 3
APART = 100.0  # rows without a strong one that end an event


class Event(NamedTuple):
    """Strong rows close to each other."""

    begin: float
    end: float
    surprise: float  # the largest


def recall(events: tuple[Event, ...], row: float, surprise: float) -> tuple[tuple[Event, ...], float]:
    """The events, the oldest first, after a surprise in a row; and what is left of the surprise."""
    if surprise < STRONG:
        return events, surprise
    alike, left = 0, surprise
    for event in reversed(events):
        if event.surprise >= surprise - NEARLY and row - event.end > APART:
            alike += 1
            if alike >= ENOUGH:
                left = min(left, decades((row - event.begin) / alike))
    if events and row - events[-1].end <= APART:
        last = events[-1]
        return (*events[:-1], Event(last.begin, row, max(last.surprise, surprise))), left
    if len(events) >= MOST:
        weakest = min(range(MOST), key=lambda place: events[place].surprise)
        events = events[:weakest] + events[weakest + 1 :]
    return (*events, Event(row, row, surprise)), left

"""Samples of a characteristic while a lot was at its cell, out of readings, as the plan samples it.

A latched value that was polled ten times in one shot is one sample: the counter of the plan says when there is a new
one. States that the plan does not chart, with their warm-up, give none. Only good values count.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import numpy as np

from gateway.journal.series import Series
from gateway.model import UNCERTAIN_FROM
from gateway.site import Characteristic
from gateway.spc.track import Floats
from gateway.stats.sums import mean


class Reads(Protocol):
    """A journal, as far as samples ask."""

    def readings(self, tag: str, t0: int, t1: int, /) -> Series:
        """One tag in [t0, t1)."""


Span = tuple[int, int]
_BEFORE_NS = 600_000_000_000  # how far back a counter's and a state's last value are looked for


def samples(reader: Reads, row: Characteristic, tag: str, spans: Iterable[Span]) -> Floats:
    """Values of a tag of the characteristic, in the order of time; none where its tag is not stored."""
    found = [_in_span(reader, row, tag, *span) for span in spans]
    return np.concatenate(found) if found else np.zeros(0)


def _in_span(reader: Reads, row: Characteristic, tag: str, t0: int, t1: int) -> Floats:
    series = reader.readings(tag, t0, t1)
    values = series.numbers()
    values[series.quality >= UNCERTAIN_FROM] = np.nan
    times = series.time_ns
    match row.sampling.every:
        case "counter":
            at = _moves(reader.readings(row.sampling.counter, t0 - _BEFORE_NS, t1))
            places = np.searchsorted(times, at[at >= t0], side="right") - 1
            places = np.unique(places[places >= 0])
        case "time":
            places = np.unique(times // row.sampling.period_ns, return_index=True)[1]
        case _:
            places = np.arange(len(times))
    keep = _charted(reader, row, times[places], t0, t1)
    taken = values[places]
    if row.sampling.take == "difference":
        taken, keep = np.diff(taken), keep[1:]
    taken = taken[keep]
    good: Floats = taken[np.isfinite(taken)]
    return good if row.sampling.every != "lot" or not len(good) else np.array([mean(good)])


def _moves(counter: Series) -> np.ndarray:
    """When a counter had another value than before; the first one that is seen is none."""
    usable = counter.quality < UNCERTAIN_FROM
    values, times = counter.numbers()[usable], counter.time_ns[usable]
    moved: np.ndarray = times[1:][np.diff(values) != 0] if len(values) else times
    return moved


def _charted(reader: Reads, row: Characteristic, at: np.ndarray, t0: int, t1: int) -> np.ndarray:
    """Which instants lie in a state that is charted, behind its warm-up."""
    if not row.when.tag or not len(at):
        return np.ones(len(at), dtype=bool)
    series = reader.readings(row.when.tag, t0 - _BEFORE_NS - row.when.warm_up_ns, t1)
    if not len(series):
        return np.zeros(len(at), dtype=bool)
    inside = np.array([str(each).removesuffix(".0") in row.when.values for each in series.values.tolist()])
    inside &= series.quality < UNCERTAIN_FROM
    since = np.maximum.accumulate(np.where(np.diff(inside, prepend=False), series.time_ns, 0))
    since[inside & (since == 0)] = series.time_ns[0] - row.when.warm_up_ns
    place = np.searchsorted(series.time_ns, at, side="right") - 1
    known = place >= 0
    place = np.maximum(place, 0)
    charted: np.ndarray = known & inside[place] & (at - since[place] >= row.when.warm_up_ns)
    return charted

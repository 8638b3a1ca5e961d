"""Samples of several numbers, and what a totalizer grew. Pure.

A chart of several tags (or of a count and its size) takes the numbers of its other tags when its first tag makes a
sample: out of the same reading where they are in the same poll group, else the newest good ones folded before. One that
is missing makes it no sample.

With `take: difference` the tags are totalizers, and a sample is what they grew since the sample before. Nothing is
counted over what nobody sampled: a totalizer that went down was cleared; another key, a stop of the machine and a
restart of the gateway begin anew; and what grew over a sample that is missing (a period, a shot, a reading) is not the
growth of one. Each of these makes no sample, and the next counts from there. Only of a count and its size the span does
not matter: both grew over the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gateway.sampling.samples import Samples
from gateway.site import Characteristic


@dataclass(frozen=True, slots=True)
class BesideState:
    """What each column had at the sample before; nan: none yet."""

    totals: NDArray[np.float64]  # [columns, widest]
    place: NDArray[np.float64]  # in the order of its samples: which period, or which shot


class Beside:
    """The further numbers of one poll group's characteristics."""

    def __init__(
        self, rows: tuple[Characteristic, ...], places: Mapping[str, int], sized: frozenset[int] = frozenset()
    ) -> None:
        """`places` of the group's own tags; `sized`: columns whose chart takes a count and its size."""
        self._rows, self._places = rows, dict(places)
        self._columns = tuple(
            i for i, row in enumerate(rows) if row.tags or row.sampling.take == "difference"
        )
        growing = (i for i in self._columns if rows[i].sampling.take == "difference")
        self._single = frozenset(growing) - sized
        self._each_reading = tuple(i for i in self._single if rows[i].sampling.every == "reading")
        self._widest = 1 + max((len(row.tags) for row in rows), default=0)
        self.none = not self._columns

    def start(self) -> BesideState:
        """No totals known."""
        rows = len(self._rows) if self._columns else 0
        return BesideState(np.full((rows, self._widest), np.nan), np.full(rows, np.nan))

    def forget(self, state: BesideState, columns: NDArray[np.bool_]) -> BesideState:
        """These columns count anew."""
        if self.none or np.isnan(state.totals[columns]).all():
            return state
        return BesideState(np.where(columns[:, None], np.nan, state.totals), state.place)

    def run(
        self,
        state: BesideState,
        samples: Samples,
        good: NDArray[np.float64],
        others: Mapping[str, float],
        boottime_ns: int,
    ) -> tuple[BesideState, Samples]:
        """Complete a row of samples. `good`: the reading's values; `others`: newest good values by tag."""
        if not any(samples.values[i] == samples.values[i] for i in self._columns):  # nan is none
            return state, samples
        values, wide = samples.values.copy(), dict(samples.wide)
        totals, place = state.totals, state.place
        for i in self._columns:
            row = self._rows[i]
            if np.isnan(values[i]):
                continue
            numbers = np.array([values[i], *(self._newest(tag, good, others) for tag in row.tags)])
            if row.sampling.take == "difference" and not np.isnan(numbers).any():
                here = self._place(i, others, boottime_ns)
                grown = numbers - totals[i, : len(numbers)]
                gap = i in self._single and not here - place[i] <= 1
                totals, place = totals.copy(), place.copy()
                totals[i, : len(numbers)], place[i] = numbers, here
                numbers = np.where((grown >= 0) & (not gap), grown, np.nan)
            values[i] = np.nan if np.isnan(numbers).any() else numbers[0]
            if row.tags:
                wide[i] = numbers
        return BesideState(totals, place), Samples(samples.time_ns, values, wide)

    def missed(self, state: BesideState, values: NDArray[np.float64]) -> BesideState:
        """Columns of which each reading is a sample, and this one has none (`values` by column), count anew."""
        if not any(np.isnan(values[i]) for i in self._each_reading):
            return state
        gone = np.zeros(len(self._rows), dtype=np.bool_)
        gone[list(self._each_reading)] = True
        return self.forget(state, gone & np.isnan(values))

    def _place(self, i: int, others: Mapping[str, float], boottime_ns: int) -> float:
        sampling = self._rows[i].sampling
        if sampling.every == "time":
            return float(boottime_ns // max(sampling.period_ns, 1))
        return others.get(sampling.counter, np.nan) if sampling.every == "counter" else 0.0

    def _newest(self, tag: str, good: NDArray[np.float64], others: Mapping[str, float]) -> float:
        place = self._places.get(tag)
        return others.get(tag, np.nan) if place is None else float(good[place])

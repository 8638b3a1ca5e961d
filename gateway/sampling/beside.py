"""Samples of several numbers, and what a totalizer grew. Pure.

A chart of several tags (or of a count and its size) takes the numbers of its other tags when its first tag makes a
sample: out of the same reading where they are in the same poll group, else the newest good ones folded before. One that
is missing makes it no sample.

With `take: difference` the tags are totalizers, and a sample is what they grew since the sample before. A totalizer
that went down was cleared: that makes no sample, and the next counts from there.
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
    """Totals at the sample before, [columns, widest]; nan: none yet."""

    totals: NDArray[np.float64]


class Beside:
    """The further numbers of one poll group's characteristics."""

    def __init__(self, rows: tuple[Characteristic, ...], places: Mapping[str, int]) -> None:
        """`places` of the group's own tags."""
        self._rows, self._places = rows, dict(places)
        self._columns = tuple(
            i for i, row in enumerate(rows) if row.tags or row.sampling.take == "difference"
        )
        self._widest = 1 + max((len(row.tags) for row in rows), default=0)
        self.none = not self._columns

    def start(self) -> BesideState:
        """No totals known."""
        return BesideState(np.full((len(self._rows) if self._columns else 0, self._widest), np.nan))

    def run(
        self,
        state: BesideState,
        samples: Samples,
        good: NDArray[np.float64],
        others: Mapping[str, float],
    ) -> tuple[BesideState, Samples]:
        """Complete a row of samples. `good`: the reading's values; `others`: newest good values by tag."""
        if not any(samples.values[i] == samples.values[i] for i in self._columns):  # nan is none
            return state, samples
        values, wide, totals = samples.values.copy(), dict(samples.wide), state.totals
        for i in self._columns:
            row = self._rows[i]
            if np.isnan(values[i]):
                continue
            numbers = np.array([values[i], *(self._newest(tag, good, others) for tag in row.tags)])
            if row.sampling.take == "difference" and not np.isnan(numbers).any():
                grown = numbers - totals[i, : len(numbers)]
                totals = totals.copy()
                totals[i, : len(numbers)] = numbers
                numbers = np.where(grown >= 0, grown, np.nan)
            values[i] = np.nan if np.isnan(numbers).any() else numbers[0]
            if row.tags:
                wide[i] = numbers
        return BesideState(totals), Samples(samples.time_ns, values, wide)

    def _newest(self, tag: str, good: NDArray[np.float64], others: Mapping[str, float]) -> float:
        place = self._places.get(tag)
        return others.get(tag, np.nan) if place is None else float(good[place])

"""Vectors one after another in growing arrays, for `rebuild`: only those that a later lot is made of stay."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gateway.genealogy.levels import ranges
from gateway.genealogy.vector import TAIL

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class Arena:
    """Slot i holds the vector of `lot[i]`: entries start[i] to start[i] + count[i]."""

    def __init__(self, rows: int) -> None:
        self.slots = self.used = 0
        self.lot, self.start, self.count = (np.zeros(64, np.int64) for _ in range(3))
        self.tail = np.zeros((64, rows, TAIL))
        self.tail_variance = np.zeros((64, 2))
        self.source = np.zeros(1_024, np.int32)
        self.share = np.zeros((rows, 1_024))
        self.variance = np.zeros(1_024)

    def add_sources(self, lots: Ints, recycled: Floats, recycled_sigma: Floats) -> Ints:
        """Lots from outside; their slots."""
        rows = len(self.share)
        tail = np.zeros((len(lots), rows, TAIL))
        tail[:, :, 0], tail[:, :, 2] = recycled[:, None], 1.0
        variance = np.zeros((len(lots), 2))
        variance[:, 1] = recycled_sigma**2
        ones = np.ones(len(lots), np.int64)
        return self.add(lots, ones, lots, np.ones((rows, len(lots))), np.zeros(len(lots)), tail, variance)

    def add(
        self,
        lots: Ints,
        count: Ints,
        source: NDArray[Any],
        share: Floats,
        variance: Floats,
        tail: Floats,
        tail_variance: Floats,
    ) -> Ints:
        """Vectors of these lots, their entries one after another; their slots."""
        begin, end = self.slots, self.slots + len(lots)
        first, last = self.used, self.used + len(source)
        self._grow(end, last)
        self.lot[begin:end], self.count[begin:end] = lots, count
        self.start[begin:end] = first + np.cumsum(count) - count
        self.tail[begin:end], self.tail_variance[begin:end] = tail, tail_variance
        self.source[first:last], self.share[:, first:last], self.variance[first:last] = (
            source,
            share,
            variance,
        )
        self.slots, self.used = end, last
        return np.arange(begin, end)

    def keep(self, wanted: Ints) -> Ints:
        """Forgets all other slots; where the wanted ones are now."""
        slots, place = np.unique(wanted, return_inverse=True)
        entries = ranges(self.start[slots], self.count[slots])
        self.slots = self.used = 0
        self.add(
            self.lot[slots],
            self.count[slots],
            self.source[entries],
            self.share[:, entries],
            self.variance[entries],
            self.tail[slots],
            self.tail_variance[slots],
        )
        return place.reshape(-1)

    def _grow(self, slots: int, entries: int) -> None:
        while slots > len(self.lot):
            self.lot, self.start, self.count = (np.tile(a, 2) for a in (self.lot, self.start, self.count))
            self.tail, self.tail_variance = np.tile(self.tail, (2, 1, 1)), np.tile(self.tail_variance, (2, 1))
        while entries > len(self.source):
            self.source, self.variance = np.tile(self.source, 2), np.tile(self.variance, 2)
            self.share = np.tile(self.share, (1, 2))

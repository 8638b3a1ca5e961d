"""Two one-sided tabular CUSUM (Page 1954): sees small, lasting shifts and adds them up until they count.

In units of sigma ``C+ = max(0, C+ + z - k)`` and ``C- = max(0, C- - z - k)``; above h the process has moved up or down
(Montgomery, Introduction to Statistical Quality Control, 6th ed., 9.2 and 9.3). A head start (Lucas & Crosier 1982)
begins both sums at that many sigma. After a signal the sums run on: the caller says when the process was mended.

>>> import numpy as np
>>> chart = Cusum(center=10.0, sigma=1.0, k=0.5, h=5.0)
>>> x = np.array([9.33, 12.29, 11.5, 10.6, 11.08, 10.38, 11.62, 11.31, 10.52])
>>> state, track = chart.run(chart.start(), x)
>>> [round(float(up), 2) for up in track.value]   # Montgomery, table 9.2, periods 22 to 30
[0.0, 1.79, 2.79, 2.89, 3.47, 3.35, 4.47, 5.28, 5.3]
>>> track.rules.tolist()
[0, 0, 0, 0, 0, 0, 0, 1, 1]
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from gateway.spc.chart import Individuals
from gateway.spc.track import Floats, Track, as_rows, column, lines, slots_of


@dataclass(frozen=True, slots=True)
class CusumState:
    """Per slot both sums, in sigma."""

    upper: Floats
    lower: Floats


@dataclass(frozen=True, slots=True)
class Cusum(Individuals):
    """The chart: allowance `k`, decision interval `h` and `headstart` in units of sigma."""

    center: float | Floats
    sigma: float | Floats
    k: float | Floats = 0.5
    h: float | Floats = 5.0
    headstart: float | Floats = 0.0

    RULES: ClassVar[tuple[str, ...]] = ("CUSUM",)

    def start(self) -> CusumState:
        """Both sums at the head start."""
        slots = slots_of(self.center, self.sigma)
        head = column(self.headstart, slots)
        return CusumState(head.copy(), head.copy())

    def run(self, state: CusumState, block: Floats) -> tuple[CusumState, Track]:
        """Chart a block; nan is no sample. The track is the upper panel, its `second` the lower one."""
        x = as_rows(block)
        rows, slots = x.shape
        k, h = column(self.k, slots), column(self.h, slots)
        z = (x - column(self.center, slots)) / column(self.sigma, slots)
        above, below = z - k, -z - k
        up, low = state.upper, state.lower
        seen = x == x  # noqa: PLR0124 # false for nan only
        whole = bool(seen.all())
        for row in range(rows):
            grown = np.maximum(above[row] + up, 0.0, out=above[row])
            sunk = np.maximum(below[row] + low, 0.0, out=below[row])
            up = grown if whole else np.where(seen[row], grown, up)
            low = sunk if whole else np.where(seen[row], sunk, low)
        if whole and rows:
            up, low = up.copy(), low.copy()  # not a view of the track
        zero, limit = np.zeros(x.shape), lines(h, rows)
        second = Track("lower", below, zero, zero, limit, (below > h).astype(np.uint32), self.RULES)
        track = Track("upper", above, zero, zero, limit, (above > h).astype(np.uint32), self.RULES, second)
        return CusumState(up, low), track.shaped(np.shape(block))


CHART = Cusum

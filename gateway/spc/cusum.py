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
from gateway.spc.pieces import pieces
from gateway.spc.track import Floats, Track, as_rows, column, lines, slots_of


@dataclass(frozen=True, slots=True)
class CusumState:
    """Per slot both sums, in sigma."""

    upper: Floats
    lower: Floats


@dataclass(frozen=True, slots=True)
class _Made:
    """Parameters as one element per slot."""

    center: Floats
    sigma: Floats
    k: Floats
    h: Floats
    zero: Floats


@dataclass(frozen=True, eq=False)  # no slots: what is made of it is kept beside it
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

    def _made(self, slots: int) -> _Made:
        made: _Made | None = vars(self).get("_kept")
        if made is None or made.center.size != slots:
            center, sigma = column(self.center, slots), column(self.sigma, slots)
            made = _Made(center, sigma, column(self.k, slots), column(self.h, slots), np.zeros(slots))
            vars(self)["_kept"] = made
        return made

    def run(self, state: CusumState, block: Floats) -> tuple[CusumState, Track]:
        """Chart a block; nan is no sample. The track is the upper panel, its `second` the lower one."""
        x = as_rows(block)
        rows, slots = x.shape
        made = self._made(slots)
        above, below = np.empty((rows, slots)), np.empty((rows, slots))
        over, under = np.zeros((rows, slots), dtype=np.uint32), np.zeros((rows, slots), dtype=np.uint32)
        up, low = state.upper, state.lower
        for some in pieces(rows, slots):
            z = np.subtract(x[some], made.center, out=above[some])
            z /= made.sigma
            np.add(z, made.k, out=below[some])
            z -= made.k
            up, low = _sums(above[some], below[some], up, low, made.zero)
            np.copyto(over[some], above[some] > made.h)
            np.copyto(under[some], below[some] > made.h)
        if rows:
            up, low = up.copy(), low.copy()  # not a view of the track
        zero, limit = lines(made.zero, rows), lines(made.h, rows)
        second = Track("lower", below, zero, zero, limit, under, self.RULES)
        track = Track("upper", above, zero, zero, limit, over, self.RULES, second)
        return CusumState(up, low), track.shaped(block.shape)


def _sums(above: Floats, below: Floats, up: Floats, low: Floats, zero: Floats) -> tuple[Floats, Floats]:
    """The sums, row by row, in place of z - k in `above` and z + k in `below`."""
    if not np.isnan(above).any():
        for more, less in zip(above, below, strict=True):
            np.add(more, up, out=more)
            up = np.maximum(more, zero, out=more)
            np.subtract(low, less, out=less)
            low = np.maximum(less, zero, out=less)
        return up, low
    for more, less in zip(above, below, strict=True):
        seen = ~np.isnan(more)
        up = np.where(seen, np.maximum(np.add(more, up, out=more), zero, out=more), up)
        low = np.where(seen, np.maximum(np.subtract(low, less, out=less), zero, out=less), low)
    return up, low


CHART = Cusum

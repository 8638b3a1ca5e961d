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
from gateway.spc.pieces import Tall, pieces
from gateway.spc.track import Floats, Track, as_rows, column, lines, slots_of


@dataclass(frozen=True, slots=True)
class CusumState:
    """Per slot both sums, in sigma."""

    upper: Floats
    lower: Floats


@dataclass(frozen=True, slots=True)
class _Made:
    """Parameters as one element per slot."""

    center: Tall
    sigma: Tall
    k: Floats
    h: Tall
    less: Floats  # -k
    zero: Floats  # [2, slots]


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
        if made is None or made.k.size != slots:
            center, sigma = column(self.center, slots), column(self.sigma, slots)
            k = column(self.k, slots)
            made = _Made(Tall(center), Tall(sigma), k, Tall(column(self.h, slots)), -k, np.zeros((2, slots)))
            vars(self)["_kept"] = made
        return made

    def run(self, state: CusumState, block: Floats) -> tuple[CusumState, Track]:
        """Chart a block; nan is no sample. The track is the upper panel, its `second` the lower one."""
        x = as_rows(block)
        rows, slots = x.shape
        made = self._made(slots)
        if rows == 1:
            return _row(made, state, x, block.shape)
        sums = np.empty((rows, 2, slots))  # both sides in one array: half as many calls a row
        rules = np.zeros((rows, 2, slots), dtype=np.uint32)
        last = np.empty((2, slots))
        last[0], last[1] = state.upper, state.lower
        for some in pieces(rows, slots):
            part = sums[some]
            _steps(made, x[some], part)
            after = _summed(part, last, made.zero)
            if np.count_nonzero(np.isnan(after)):  # nan goes on to the end: one was missing
                _steps(made, x[some], part)
                after = _summed_with_gaps(part, last)
            last = after
            over = np.empty((2 * len(part), slots), dtype=np.bool_)
            made.h(np.greater, part.reshape(-1, slots), over)
            np.copyto(rules[some], over.reshape(part.shape))
        zero, limit = lines(made.zero[0], rows), lines(made.h.one, rows)
        second = Track("lower", sums[:, 1], zero, zero, limit, rules[:, 1], self.RULES)
        track = Track("upper", sums[:, 0], zero, zero, limit, rules[:, 0], self.RULES, second)
        return CusumState(last[0].copy(), last[1].copy()), track.shaped(block.shape)


def _row(made: _Made, state: CusumState, x: Floats, shape: tuple[int, ...]) -> tuple[CusumState, Track]:
    """One sample of each slot: the same sums, without the care that a long block needs."""
    z = (x - made.center.one) / made.sigma.one
    up, low = z - made.k, made.less - z
    up += state.upper
    low += state.lower
    np.maximum(up, made.zero[:1], out=up)
    np.maximum(low, made.zero[:1], out=low)
    zero, limit, rules = made.zero[:1], made.h.one[None], Cusum.RULES
    second = Track("lower", low, zero, zero, limit, (low > limit).astype(np.uint32), rules)
    track = Track("upper", up, zero, zero, limit, (up > limit).astype(np.uint32), rules, second)
    after = CusumState(up[0], low[0])
    gone = np.isnan(z[0])
    if np.count_nonzero(gone):
        after = CusumState(np.where(gone, state.upper, up[0]), np.where(gone, state.lower, low[0]))
    return after, track.shaped(shape)


def _steps(made: _Made, x: Floats, steps: Floats) -> None:
    """What each sample adds to both sums: z - k and -z - k, as ``[rows, 2, slots]``."""
    z = made.center(np.subtract, x, np.empty(x.shape))
    made.sigma(np.divide, z, z)
    np.subtract(z, made.k, out=steps[:, 0])
    np.subtract(made.less, z, out=steps[:, 1])


def _summed(steps: Floats, last: Floats, zero: Floats) -> Floats:
    """Both sums ``[2, slots]``, row by row, in place of the steps; gives the last."""
    for row in steps:
        np.add(row, last, out=row)
        last = np.maximum(row, zero, out=row)
    return last


def _summed_with_gaps(steps: Floats, last: Floats) -> Floats:
    for row in steps:
        seen = ~np.isnan(row)
        last = np.where(seen, np.maximum(np.add(row, last, out=row), 0.0, out=row), last)
    return last


CHART = Cusum

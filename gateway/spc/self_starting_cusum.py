"""Self-starting CUSUM (Hawkins 1987): sees small, lasting shifts of a new recipe, from its third sample on.

There is no phase I. Each sample is compared with the mean and spread of all before it, which makes it Student's t with
n - 2 degrees of freedom; turned into the normal number U of the same probability, these are independent standard normal
while in control, whatever mean and spread are (Hawkins & Olwell, Cumulative Sum Charts and Charting for Quality
Improvement, 1998, ch. 7). Two one-sided CUSUMs add them up, as the chart "cusum" does with known limits.

It misses a shift that comes before it has seen some twenty samples, for the shifted ones then become its idea of
normal; and an unanswered signal fades as it learns the new level. So act on the first signal. When somebody answers for
it, the chart begins anew. Samples that are all the same are learnt from, not judged: there is no spread yet.

>>> import numpy as np
>>> chart = SelfStartingCusum(k=0.5, h=4.0)                                    # a step after the eighth
>>> x = np.array([10.1, 9.8, 10.0, 10.2, 9.9, 10.0, 9.7, 10.1, 10.4, 10.5, 10.6, 10.5])
>>> state, track = chart.run(chart.start(), x)
>>> [round(float(up), 1) for up in track.value[-4:]], track.rules.tolist()[-4:]
([1.7, 3.1, 4.4, 5.1], [0, 0, 1, 1])
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from gateway.spc.chart import Takes
from gateway.spc.normal_score import normal_score
from gateway.spc.track import Floats, Track, as_rows, column, lines, slots_of


@dataclass(frozen=True, slots=True)
class SelfStartingState:
    """Per slot: what is learnt of the samples so far, and both sums.

    Learnt: their number, the first one, and the sums of how far the others are from it, and of the squares of that.
    Sums about the first lose no digits as sums about 0 would, and unlike a running mean they are one pass of a block.
    """

    samples: Floats
    first: Floats  # nan before it
    total: Floats
    squares: Floats
    upper: Floats
    lower: Floats


@dataclass(frozen=True)  # no slots: what is made of the parameters is kept in __dict__
class SelfStartingCusum:
    """The chart: allowance `k`, decision interval `h` and `headstart` in standard deviations."""

    k: float | Floats = 0.5
    h: float | Floats = 5.0
    headstart: float | Floats = 0.0

    RULES: ClassVar[tuple[str, ...]] = ("CUSUM",)
    TAKES: ClassVar[Takes] = "value"

    def start(self) -> SelfStartingState:
        """No sample seen: both sums at the head start."""
        slots = slots_of(self.k, self.h, self.headstart)
        head = column(self.headstart, slots)
        none, zero = np.full(slots, np.nan), np.zeros(slots)
        return SelfStartingState(zero, none, zero.copy(), zero.copy(), head.copy(), head.copy())

    def run(self, state: SelfStartingState, block: Floats) -> tuple[SelfStartingState, Track]:
        """Chart a block; nan is no sample. The track is the upper panel, its `second` the lower one."""
        x = as_rows(block)
        rows, slots = x.shape
        learnt, u, _ = _scores(state, x)
        steps = np.empty((rows, 2, slots))
        np.subtract(u, self.k, out=steps[:, 0])
        np.subtract(-u, self.k, out=steps[:, 1])
        last = np.empty((2, slots))
        last[0], last[1] = state.upper, state.lower
        judged = u == u  # noqa: PLR0124 # false for nan only
        for row, every in enumerate(judged.all(axis=1).tolist()):
            if every:
                np.add(steps[row], last, out=steps[row])
                last = np.maximum(steps[row], 0.0, out=steps[row])
            else:
                last = np.where(judged[row], np.maximum(steps[row] + last, 0.0), last)
                steps[row] = last
        up, low = last.copy()  # not a view of the track
        missing = np.isnan(x)
        if missing.any():
            steps.swapaxes(0, 1)[:, missing] = np.nan
        limit = lines(self._limit(slots), rows)
        zero, rules = np.zeros(x.shape), (steps > limit[:, None]).astype(np.uint32)
        second = Track("lower", steps[:, 1], zero, zero, limit, rules[:, 1], self.RULES)
        track = Track("upper", steps[:, 0], zero, zero, limit, rules[:, 0], self.RULES, second)
        return SelfStartingState(*learnt, up, low), track.shaped(np.shape(block))

    def _limit(self, slots: int) -> Floats:
        made: Floats | None = vars(self).get("_kept")
        if made is None or made.size != slots:
            made = vars(self)["_kept"] = column(self.h, slots)
        return made

    def standardise(self, state: SelfStartingState, block: Floats) -> tuple[Floats, Floats]:
        """U of each sample, nan for those that are only learnt from; its unit is the spread of those before."""
        _, u, spread = _scores(state, as_rows(block))
        return u, spread

    @classmethod
    def learnt(cls, width: int) -> Mapping[str, tuple[int, ...]]:
        """Nothing: there is no phase I."""
        del width
        return {}

    @classmethod
    def learn(cls, baseline: Floats, known: Mapping[str, Floats]) -> dict[str, Floats]:
        """Nothing."""
        del baseline, known
        return {}


def _scores(
    state: SelfStartingState, x: Floats
) -> tuple[tuple[Floats, Floats, Floats, Floats], Floats, Floats]:
    """What is learnt after the samples; U of each; and the spread of those before it, nan where it is not judged."""
    seen = x == x  # noqa: PLR0124 # false for nan only
    first = state.first
    if len(x) and np.isnan(first).any():
        at = seen.argmax(axis=0)
        first = np.where(np.isnan(first), x[at, np.arange(x.shape[1])], first)
    sums = np.empty(
        (len(x) + 1, 3, x.shape[1])
    )  # of samples, of how far they are off, of the squares of that
    sums[0, 0], sums[0, 1], sums[0, 2] = state.samples, state.total, state.squares
    sums[1:, 0] = seen
    off = np.where(seen, x - first, 0.0)
    sums[1:, 1] = off
    np.multiply(off, off, out=sums[1:, 2])
    np.add.accumulate(sums, axis=0, out=sums)  # one by one, so that rows and blocks give the same bits
    n, total, squares = sums[:-1, 0], sums[:-1, 1], sums[:-1, 2]
    mean, freedom = total / np.maximum(n, 1.0), n - 1.0
    scatter = squares - total * mean
    ready = seen & (scatter > 0.0)  # so there were two or more, and they differ
    spread = np.sqrt(np.where(ready, scatter, np.nan) / np.maximum(freedom, 1.0))
    u = normal_score((off - mean) * np.sqrt(n / (n + 1.0)) / spread, freedom)
    after = sums[-1].copy()
    return (after[0], first, after[1], after[2]), u, spread


CHART = SelfStartingCusum

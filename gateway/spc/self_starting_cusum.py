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
    """Per slot: number, mean and sum of squared deviations of the samples so far (Welford 1962), and both sums."""

    samples: Floats
    mean: Floats
    scatter: Floats
    upper: Floats
    lower: Floats


@dataclass(frozen=True, slots=True)
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
        head, zero = column(self.headstart, slots), np.zeros(slots)
        return SelfStartingState(zero, zero.copy(), zero.copy(), head.copy(), head.copy())

    def run(self, state: SelfStartingState, block: Floats) -> tuple[SelfStartingState, Track]:
        """Chart a block; nan is no sample. The track is the upper panel, its `second` the lower one."""
        x = as_rows(block)
        rows, slots = x.shape
        k, h = column(self.k, slots), column(self.h, slots)
        learnt, u, _ = _scores(state, x)
        above, below = u - k, -u - k
        up, low = state.upper, state.lower
        judged = u == u  # noqa: PLR0124 # false for nan only
        for row in range(rows):
            up = np.where(judged[row], np.maximum(above[row] + up, 0.0), up)
            low = np.where(judged[row], np.maximum(below[row] + low, 0.0), low)
            above[row], below[row] = up, low
        missing = np.isnan(x)
        above[missing] = below[missing] = np.nan
        zero, limit = np.zeros(x.shape), lines(h, rows)
        second = Track("lower", below, zero, zero, limit, (below > h).astype(np.uint32), self.RULES)
        track = Track("upper", above, zero, zero, limit, (above > h).astype(np.uint32), self.RULES, second)
        return SelfStartingState(*learnt, up, low), track.shaped(np.shape(block))

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


def _scores(state: SelfStartingState, x: Floats) -> tuple[tuple[Floats, Floats, Floats], Floats, Floats]:
    """What is learnt after the samples; U of each; and the spread of those before it."""
    rows, slots = x.shape
    n, mean, scatter = (np.broadcast_to(part, slots) for part in (state.samples, state.mean, state.scatter))
    off, spread, freedom = (np.empty((rows, slots)) for _ in range(3))
    seen = x == x  # noqa: PLR0124 # false for nan only
    for row in range(rows):
        here, delta = seen[row], x[row] - mean
        more = n + 1.0
        off[row], freedom[row] = delta * np.sqrt(n / more), n - 1.0
        spread[row] = np.sqrt(scatter / np.maximum(n - 1.0, 1.0))
        moved = mean + delta / more
        scatter = np.where(here, scatter + delta * (x[row] - moved), scatter)
        n, mean = np.where(here, more, n), np.where(here, moved, mean)
    ready = seen & (freedom >= 1.0) & (spread > 0.0)
    t = np.where(ready, off, np.nan) / np.where(ready, spread, 1.0)
    return (n, mean, scatter), normal_score(t, freedom), np.where(ready, spread, np.nan)


CHART = SelfStartingCusum

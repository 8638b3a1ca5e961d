"""Hotelling's T2 chart (Hotelling 1947): sees a large, sudden shift of several tags, or of how they go together.

A sample is one number of each tag, or the means of a subgroup of `size`. T2 = n (x - m)' S**-1 (x - m) is its distance
from the mean in the units of the process's own scatter, so that two tags which always rise together alarm when one of
them falls. The limit follows from `alpha` and from what is known: gateway/spc/t2_limits.py. A vector with a nan is no
sample at all.

>>> import numpy as np
>>> chart = T2(center=np.array([115.59, 1.06]), covariance=np.array([[1.23, 0.79], [0.79, 0.83]]), size=10)
>>> state, track = chart.run(chart.start(), np.array([[115.25, 1.04], [116.21, 1.05]]))   # Montgomery, table 11.1
>>> [round(float(value), 1) for value in track.value], f"{track.ucl[0]:.2f}"
([2.2, 8.3], '11.83')
>>> chart.contributions(state, np.array([[116.21, 1.05]])).round(1).tolist()   # both: they no longer go together
[[8.3, 5.2]]
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal

import numpy as np

from gateway.spc import t2_limits, vectors
from gateway.spc.chart import Takes
from gateway.spc.matrices import product, squares, whitening
from gateway.spc.track import Floats, Track, as_wide, column, lines
from gateway.spc.vectors import Seen


@dataclass(frozen=True)  # no slots: what is computed once of the parameters is kept in __dict__
class T2:
    """The chart. `samples` and `freedom` say how well mean and covariance are known; 0 samples: exactly.

    `phase` "I" judges the very samples that the estimates came from, "II" those after. A `limit` that is given is
    taken as it is. Raises ValueError where a covariance is singular, or its degrees of freedom too few.
    """

    center: Floats  # [p] or [slots, p]
    covariance: Floats  # [p, p] or [slots, p, p], of single vectors
    samples: float | Floats = 0.0
    freedom: float | Floats = 0.0  # of the covariance; 0: samples - 1
    differences: float | Floats = 0.0  # 1: phase I takes the covariance from successive differences
    alpha: float | Floats = 0.0027  # false alarms a sample: as many as 3 sigma limits give
    limit: float | Floats = float("nan")
    size: float | Floats = 1.0  # vectors that a sample is the mean of
    phase: Literal["II", "I"] = "II"

    RULES: ClassVar[tuple[str, ...]] = ("T2",)
    TAKES: ClassVar[Takes] = "vector"
    DIRECTED: ClassVar[bool] = False  # a distance has no sign

    def __post_init__(self) -> None:
        if self.phase not in {"I", "II"}:
            raise ValueError(f"phase {self.phase} is not one of I, II")
        if not ((np.asarray(self.alpha) > 0) & (np.asarray(self.alpha) < 1)).all():
            raise ValueError("alpha is a probability between 0 and 1")
        if self._whitening.shape[:2] != self._center.shape:
            raise ValueError("center and covariance are not of the same tags")
        _ = self._limits

    @cached_property
    def _center(self) -> Floats:
        return vectors.per_slot(self.center, 1)

    @cached_property
    def _whitening(self) -> Floats:
        return whitening(vectors.per_slot(self.covariance, 2))

    @cached_property
    def _middle(self) -> Floats:
        """The mean of T2 where mean and covariance are known: the number of tags."""
        return np.full(len(self._center), float(self._center.shape[1]))

    @cached_property
    def _limits(self) -> Floats:
        """One limit a slot, each by itself: equal parameters give equal bits in any company."""
        slots, p = self._center.shape
        names = (self.limit, self.samples, self.freedom, self.alpha, self.size)
        rows = zip(*(column(value, slots).tolist() for value in names), strict=True)
        return np.array([self._limit(p, *row) for row in rows])

    def _limit(self, p: int, *given: float) -> float:
        limit, samples, freedom, alpha, size = given
        if not np.isnan(limit):
            return limit
        if np.isnan(samples):  # phase I is not over
            return float("nan")
        if samples == 0:
            return t2_limits.known(p, alpha)
        freedom = freedom or samples - 1
        if self.phase == "II":
            return t2_limits.future(p, samples, freedom, alpha)
        return (t2_limits.own if size == 1 else t2_limits.own_means)(p, samples, freedom, alpha)

    def start(self) -> Seen:
        """No sample seen."""
        return Seen(np.zeros(len(self._center), dtype=np.int64))

    def _white(self, block: Floats) -> Floats:
        """Samples as independent standard normal numbers ``[rows, slots, p]`` while in control."""
        return product(self._whitening, as_wide(block) - self._center)

    def run(self, state: Seen, block: Floats) -> tuple[Seen, Track]:
        """Chart a block ``[rows, slots, p]``, or ``[rows, p]`` of one slot."""
        value = self.size * squares(self._white(block))
        rows, zero = len(value), np.zeros(value.shape)
        over = (value > self._limits).astype(np.uint32)
        middle, top = lines(self._middle, rows), lines(self._limits, rows)
        track = Track("t2", value, middle, zero, top, over, self.RULES)
        return vectors.counted(state, value), track.shaped(value.shape[: np.ndim(block) - 1])

    def standardise(self, state: Seen, block: Floats) -> tuple[Floats, Floats]:
        """Each sample along the direction of the newest one, in standard deviations; there is no unit for that.

        Samples before the newest are standard normal while in control; after a shift in its direction they lie there.
        """
        del state
        y = self._white(block) * np.sqrt(np.asarray(self.size))[..., None]
        z = vectors.along(y, vectors.newest(y))
        return z, np.full(z.shape, np.nan)

    def contributions(self, state: Seen, block: Floats) -> Floats:
        """What each tag adds to a sample's T2 after all the others, shaped as the block."""
        del state
        y = self._white(block) * np.sqrt(np.asarray(self.size))[..., None]
        return vectors.conditional(self._whitening, y).reshape(np.shape(block))

    @classmethod
    def learnt(cls, width: int) -> Mapping[str, tuple[int, ...]]:
        """Mean, covariance, how well they are known, and by which way."""
        numbers = dict.fromkeys(("samples", "freedom", "differences"), ())
        return {"center": (width,), "covariance": (width, width), **numbers}

    @classmethod
    def learn(cls, baseline: Floats, known: Mapping[str, Floats]) -> dict[str, Floats]:
        """Phase I out of single vectors ``[m, p]`` in time order. Raises ValueError where they cannot tell."""
        learnt, samples, freedom = vectors.learn(baseline, known)
        learnt |= {"samples": np.asarray(float(samples)), "freedom": np.asarray(freedom)}
        return {name: known.get(name, value) for name, value in learnt.items()}

    @classmethod
    def learn_subgroups(cls, baseline: Floats) -> dict[str, Floats]:
        """Phase I out of subgroups ``[m, n, p]``: mean of means, covariance pooled within them, and `size` n."""
        m, n, p = baseline.shape
        if m < 2 or n < 2 or m * (n - 1) < p + 2 or np.isnan(baseline).any():
            raise ValueError(
                f"covariance within subgroups of {p} tags: give more of them, whole, of two or more"
            )
        parts = [vectors.covariance(group, "pooled")[0] for group in baseline]
        learnt = {"center": vectors.means(baseline.mean(axis=1)), "covariance": np.mean(parts, axis=0)}
        numbers = {"samples": m, "freedom": m * (n - 1), "size": n}
        return learnt | {name: np.asarray(float(value)) for name, value in numbers.items()}


CHART = T2

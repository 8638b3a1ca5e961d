"""Group chart (Boyd 1950; Nelson 1986): sees one of many like streams go its own way, the cavities of one mould, say.

A sample is one number of each stream. Each is taken from its own `center` in units of its own spread, and only the
largest and the smallest are charted: two panels, however many streams. Two rules: the extreme is beyond limits that
hold for all streams at once (GROUP), or the same stream has been the extreme one `same_stream` samples in a row (RUN),
which finds a stream that drifts off within the limits.

What all streams have in common (a batch of material, the hour of the day) makes them rise and fall together. With
`common` "removed" the mean of the streams is taken out of each sample first, so that what is left is the streams' own
(Mortell & Runger 1995): it sees a single stream sooner, and a shift of all of them not at all: chart their mean too.

Limits are for streams whose numbers are independent ("exact", exact for "kept" then; Šidák 1967) or for any
("bonferroni"); `L` overrides both. A stream that is nan takes no part; a tie for the extreme ends a run.

>>> import numpy as np
>>> chart = Group(center=np.full((1, 4), 10.0), sigma=np.full((1, 4), 1.0), apart=np.full((1, 4), 1.0), same_stream=3)
>>> x = np.array([[10.2, 9.4, 11.0, 10.5], [9.9, 9.0, 10.8, 10.1], [10.3, 9.9, 11.5, 14.9], [9.2, 10, 11.2, 10.6]])
>>> state, track = chart.run(chart.start(), x)
>>> f"{track.ucl[0]:.2f}", track.rules.tolist(), state.largest.tolist()
('3.40', [0, 0, 1, 0], [2])
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from gateway.spc import vectors
from gateway.spc.chart import Takes
from gateway.spc.track import Floats, Track, as_wide, column, lines
from gateway.stats.constants import d2
from gateway.stats.special import normal_isf

_NOBODY = -1


@dataclass(frozen=True, slots=True)
class GroupState:
    """Per slot: which stream was the largest and the smallest (from 0; -1: none), and for how many samples."""

    largest: NDArray[np.int64]
    most: NDArray[np.int64]
    smallest: NDArray[np.int64]
    least: NDArray[np.int64]


@dataclass(frozen=True)  # no slots: what is computed once of the parameters is kept in __dict__
class Group:
    """The chart. `sigma` is the spread of each stream, `apart` that with the streams' mean taken out.

    Raises ValueError for settings that make no sense.
    """

    center: Floats  # [p] or [slots, p]
    sigma: Floats  # the same
    apart: Floats  # the same
    alpha: float | Floats = 0.0027  # false alarms of rule GROUP a sample
    L: float | Floats = float("nan")  # limits in standard deviations, instead of alpha
    same_stream: float | Floats = 0.0  # samples in a row that RUN takes; 0: the fewest with at most alpha
    limits: Literal["exact", "bonferroni"] = "exact"
    common: Literal["kept", "removed"] = "kept"

    RULES: ClassVar[tuple[str, ...]] = ("GROUP", "RUN")
    TAKES: ClassVar[Takes] = "vector"

    def __post_init__(self) -> None:
        if self.limits not in {"exact", "bonferroni"}:
            raise ValueError(f"limits {self.limits} is not one of exact, bonferroni")
        if self.common not in {"kept", "removed"}:
            raise ValueError(f"common {self.common} is not one of kept, removed")
        if not ((np.asarray(self.alpha) > 0) & (np.asarray(self.alpha) < 1)).all():
            raise ValueError("alpha is a probability between 0 and 1")
        long = np.asarray(self.same_stream)
        if not ((long == 0) | (long >= 2) & (long % 1 == 0)).all():
            raise ValueError("same_stream is a whole number of samples, 2 or more, or 0")
        if self._center.shape[1] < 2:
            raise ValueError("a group has two or more streams: name more tags, or use a chart of one")

    @cached_property
    def _center(self) -> Floats:
        return vectors.per_slot(self.center, 1)

    @cached_property
    def _unit(self) -> Floats:
        return vectors.per_slot(self.sigma if self.common == "kept" else self.apart, 1)

    @cached_property
    def _reach(self) -> Floats:
        """Limits in standard deviations, a slot each by itself."""
        slots, p = self._center.shape
        pairs = zip(column(self.L, slots).tolist(), column(self.alpha, slots).tolist(), strict=True)
        return np.array([far if far == far else self._limit(p, alpha) for far, alpha in pairs])  # noqa: PLR0124

    def _limit(self, p: int, alpha: float) -> float:
        each = alpha / p if self.limits == "bonferroni" else -math.expm1(math.log1p(-alpha) / p)
        return float(normal_isf(each / 2))

    @cached_property
    def _length(self) -> NDArray[np.int64]:
        slots, p = self._center.shape
        pairs = zip(column(self.same_stream, slots).tolist(), column(self.alpha, slots).tolist(), strict=True)
        return np.array([int(given) or run_length(p, 1 / alpha) for given, alpha in pairs], dtype=np.int64)

    def start(self) -> GroupState:
        """No sample seen."""
        slots = len(self._center)
        nobody, zero = np.full(slots, _NOBODY, dtype=np.int64), np.zeros(slots, dtype=np.int64)
        return GroupState(nobody, zero, nobody.copy(), zero.copy())

    def _scaled(self, block: Floats) -> Floats:
        """Every stream in standard deviations from its centre ``[rows, slots, p]``, the common mean taken out."""
        off = as_wide(block) - self._center
        if self.common == "removed":
            there = off == off  # noqa: PLR0124 # false for nan only
            total = np.add.accumulate(np.where(there, off, 0.0), axis=-1)[..., -1]
            off = off - (total / np.maximum(there.sum(axis=-1), 1))[..., None]
        return off / self._unit

    def run(self, state: GroupState, block: Floats) -> tuple[GroupState, Track]:
        """Chart a block ``[rows, slots, p]``, or ``[rows, p]`` of one slot: the largest, its `second` the smallest."""
        z = self._scaled(block)
        rows, reach = len(z), self._reach
        top, bottom, middle = lines(reach, rows), lines(-reach, rows), np.zeros(z.shape[:2])
        panels = []
        runs: list[NDArray[np.int64]] = []
        for name, side, who, many in (
            ("max", z, state.largest, state.most),
            ("min", -z, state.smallest, state.least),
        ):
            far = np.fmax.reduce(side, axis=-1)
            value = far if name == "max" else -far
            who, many, long = self._streaks(side, far, who, many)  # noqa: PLW2901 # the same, later
            rules = ((value > top) | (value < bottom)).astype(np.uint32) | (long.astype(np.uint32) << 1)
            panels.append((name, value, middle, bottom, top, rules, self.RULES))
            runs += [who, many]
        track = Track(*panels[0], Track(*panels[1]))
        return GroupState(*runs), track.shaped(z.shape[: np.ndim(block) - 1])

    def _streaks(
        self, side: Floats, far: Floats, who: NDArray[np.int64], many: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
        """Which stream is the extreme one, for how many samples, and in which rows for `same_stream` or more."""
        at = side == far[..., None]
        alone = at.sum(axis=-1) == 1
        first = np.where(alone, at.argmax(axis=-1), _NOBODY)
        seen = far == far  # noqa: PLR0124 # false for nan only
        long = np.empty(far.shape, dtype=np.bool_)
        for row in range(len(far)):
            here = np.where((first[row] == who) & alone[row], many + 1, alone[row])
            many = np.where(seen[row], here, many)
            who = np.where(seen[row], first[row], who)
            long[row] = seen[row] & (many >= self._length)
        return who, many, long

    def standardise(self, state: GroupState, block: Floats) -> tuple[Floats, Floats]:
        """Every sample of the stream that is furthest out in the newest one; its spread is the unit."""
        del state
        z = self._scaled(block)
        last = np.abs(vectors.newest_any(z))
        stream = np.where(np.isnan(last), -1.0, last).argmax(axis=-1)[:, None]
        found = np.take_along_axis(z, stream[None], axis=-1)[..., 0]
        unit = np.take_along_axis(np.broadcast_to(self._unit, last.shape), stream, axis=-1)[:, 0]
        return found, np.broadcast_to(unit, found.shape)

    def contributions(self, state: GroupState, block: Floats) -> Floats:
        """How far each stream is from its centre, in standard deviations, shaped as the block."""
        del state
        return self._scaled(block).reshape(np.shape(block))

    @classmethod
    def learnt(cls, width: int) -> Mapping[str, tuple[int, ...]]:
        """Of each stream: centre, spread, and spread with the streams' mean taken out."""
        return {"center": (width,), "sigma": (width,), "apart": (width,)}

    @classmethod
    def learn(cls, baseline: Floats, known: Mapping[str, Floats]) -> dict[str, Floats]:
        """Means and mean moving ranges of each stream. Raises ValueError where one of them does not vary."""
        x = vectors.whole(baseline, 5)
        center = vectors.means(x)
        off = x - center
        apart = off - np.add.accumulate(off, axis=1)[:, -1:] / off.shape[1]
        learnt = {"center": center, "sigma": _spreads(off), "apart": _spreads(apart)}
        return {name: known.get(name, value) for name, value in learnt.items()}


def run_length(streams: int, arl0: float) -> int:
    """The fewest samples in a row that rule RUN may take for a mean run length of `arl0` or more in control.

    One stream out of p is the largest r times in a row every (p**r - 1) / (p - 1) samples on average, and as often the
    smallest (Nelson 1986; Montgomery, 6th ed., 10.3.2): half of that for either.
    """
    length = 2
    while (streams**length - 1) / (2 * (streams - 1)) < arl0:
        length += 1
    return length


def _spreads(x: Floats) -> Floats:
    """Standard deviation of each stream by its moving ranges."""
    with np.errstate(over="ignore", invalid="ignore"):
        steps = np.abs(np.diff(x, axis=0))
    found = np.array([vectors.total(stream) for stream in steps.T]) / (len(x) - 1) / d2(2)
    constant = np.flatnonzero(~(found > 0))
    if constant.size:
        raise ValueError(
            f"tag {constant[0] + 1} does not vary: leave it out, or give samples in which it does"
        )
    return found


CHART = Group

"""Quality by judgement: what a value's own history says against it. Pure.

Rule 1: only what was read as good is judged; bad stays bad, a device's own doubt keeps its reason.  Rule 2: the number
is never touched.  Rule 3: boottime only; a run that begins forgets the past, for nobody saw what happened in between.

`OUT_OF_RANGE`: outside the point's plausible range. `RATE`: further from the last value that was believed than the
point can have moved since then; the way back from a glitch is therefore good, and a true step is believed as soon as
the point could have made it. `FROZEN`: read unchanged, without a hole longer than that, for longer than the point can
stand still. A value breaking several gets the first of this order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gateway.model import JUDGED_BIT, Quality, as_read
from gateway.site import Group

_GOOD = np.uint8(Quality.GOOD)
_JUDGED = np.uint8(JUDGED_BIT)


@dataclass(frozen=True, slots=True, eq=False)
class QualityState:
    """What judging remembers: of points with a rate limit the last believed value, of others their last change."""

    believed: NDArray[np.float64]  # [rated points]; nan: none in this run
    believed_at: NDArray[np.int64]  # boottime
    last: NDArray[np.float64]  # [points that must move]; nan: none in this run
    last_at: NDArray[np.int64]
    moved_at: NDArray[np.int64]


class Judge:
    """The quality rules of one poll group."""

    def __init__(self, group: Group) -> None:
        points = group.points
        self._low = np.array([-np.inf if point.low is None else point.low for point in points])
        self._high = np.array([np.inf if point.high is None else point.high for point in points])
        self._ranged = any(point.low is not None or point.high is not None for point in points)
        self._rated = np.array(
            [i for i, point in enumerate(points) if point.max_rate is not None], dtype=np.intp
        )
        self._per_ns = np.array([point.max_rate * 1e-9 for point in points if point.max_rate is not None])
        self._moving = np.array([i for i, point in enumerate(points) if point.frozen_after_ns], dtype=np.intp)
        self._still_ns = np.array([p.frozen_after_ns for p in points if p.frozen_after_ns], dtype=np.int64)

    def start(self) -> QualityState:
        """Nothing remembered; also what a new run begins with."""
        rated, moving = len(self._rated), len(self._moving)
        never = np.zeros(moving, dtype=np.int64)
        return QualityState(
            np.full(rated, np.nan), np.zeros(rated, dtype=np.int64), np.full(moving, np.nan), never, never
        )

    def run(
        self, state: QualityState, boottime_ns: int, values: NDArray[np.float64], quality: NDArray[np.uint8]
    ) -> tuple[QualityState, NDArray[np.uint8]]:
        """Judged quality of one reading, whose own `quality` may have been judged before (a replayed record)."""
        if (quality & _JUDGED).any():
            quality = as_read(quality)
        judged = quality
        if self._ranged:
            outside = (values < self._low) | (values > self._high)
            if outside.any():
                judged = np.where(outside & (quality == _GOOD), np.uint8(Quality.OUT_OF_RANGE), quality)
        if len(self._rated):
            state, judged = self._rate(state, boottime_ns, values, judged)
        if len(self._moving):
            state, judged = self._frozen(state, boottime_ns, values, judged)
        return state, judged

    def _rate(
        self, state: QualityState, now: int, values: NDArray[np.float64], quality: NDArray[np.uint8]
    ) -> tuple[QualityState, NDArray[np.uint8]]:
        value, good = values[self._rated], quality[self._rated] == _GOOD
        with np.errstate(over="ignore", invalid="ignore"):  # float64 registers hold any bits
            fast = np.abs(value - state.believed) > self._per_ns * (now - state.believed_at)
        if fast.any():
            quality = quality.copy()
            quality[self._rated[fast & good]] = Quality.RATE
            good &= ~fast
        believed = np.where(good, value, state.believed)
        believed_at = np.where(good, now, state.believed_at)
        return QualityState(believed, believed_at, state.last, state.last_at, state.moved_at), quality

    def _frozen(
        self, state: QualityState, now: int, values: NDArray[np.float64], quality: NDArray[np.uint8]
    ) -> tuple[QualityState, NDArray[np.uint8]]:
        value, got = values[self._moving], quality[self._moving] < Quality.BAD
        moved = got & ((value != state.last) | (now - state.last_at > self._still_ns))
        moved_at = np.where(moved, now, state.moved_at)
        still = got & (now - moved_at > self._still_ns) & (quality[self._moving] == _GOOD)
        if still.any():
            quality = quality.copy()
            quality[self._moving[still]] = Quality.FROZEN
        last, last_at = np.where(got, value, state.last), np.where(got, now, state.last_at)
        return QualityState(state.believed, state.believed_at, last, last_at, moved_at), quality

"""A value that is unusual for the hour: sees a shift that did not come, a machine that runs on Sunday, at usual values.

Two profiles are learnt, by the hour of the day and by two-hour spans of the week: mean and mean distance of each span,
once per visit and when it is over, so that what is strange now does not teach itself. A reading is only as strange as
the kinder of the two finds it. Spans that were seen less than twice have no say; hours are those of UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan, sqrt
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gateway.anomaly.check import SILENT, Seen

Floats = NDArray[np.float64]
_new = tuple.__new__  # Profile(...) by a third of its time: this is the hot path
DAY, WEEK = 86_400.0, 604_800.0


class Profile(NamedTuple):
    """Of a day or a week. `means`, `sizes`, `visits` have an element a span; the rest is about the span we are in."""

    means: Floats
    sizes: Floats
    visits: Floats
    common: float  # mean distance in all spans
    span: int
    known: float  # visits before this one
    mean: float
    size: float
    total: float
    distance: float
    rows: int
    off: float  # average of the last distances, in sizes


class HourState(NamedTuple):
    """The two profiles."""

    day: Profile
    week: Profile


@dataclass(frozen=True, slots=True)
class Hour:
    """`weight`: of the newest reading in the average that is judged; `least`: of the newest visit in a profile."""

    weight: float = 0.3
    least: float = 0.15

    USUAL: ClassVar[tuple[float, float]] = (1.1, 0.15)
    WORTH: ClassVar[float] = 1.0

    def start(self) -> HourState:
        return HourState(_empty(24), _empty(84))

    def step(self, state: HourState, seen: Seen) -> tuple[HourState, float]:
        x, time = seen.x, seen.time
        if isnan(time):
            return state, SILENT
        day, by_day = self._look(state.day, x, int(time % DAY * 24.0 / DAY))
        week, by_week = self._look(state.week, x, int(time % WEEK * 84.0 / WEEK))
        worst = by_week if 0.0 <= by_week < by_day else by_day
        return _new(HourState, (day, week)), sqrt(worst) if worst >= 0.0 else SILENT

    def _look(self, profile: Profile, x: float, span: int) -> tuple[Profile, float]:
        """The profile after a reading, and how far off that is; -1 where the profile cannot tell."""
        if span != profile.span:
            profile = self._enter(profile, span)
        means, sizes, visits, common, span, known, mean, size, total, distance, rows, off = profile
        if not known:
            parts = (
                means,
                sizes,
                visits,
                common,
                span,
                known,
                mean,
                size,
                total + x,
                distance,
                rows + 1,
                off,
            )
            return _new(Profile, parts), -1.0
        apart = x - mean
        far = apart / size if size > 0.0 else 0.0
        off += self.weight * ((20.0 if far > 20.0 else max(far, -20.0)) - off)
        after = _new(
            Profile,
            (
                means,
                sizes,
                visits,
                common,
                span,
                known,
                mean,
                size,
                total + x,
                distance + abs(apart),
                rows + 1,
                off,
            ),
        )
        return after, abs(off) if known >= 2.0 else -1.0

    def _enter(self, profile: Profile, span: int) -> Profile:
        """Close the visit of one span, begin that of another."""
        means, sizes, visits, common = profile.means, profile.sizes, profile.visits, profile.common
        if profile.rows:
            was, known = profile.span, profile.known
            means, visits = means.copy(), visits.copy()
            mean, weight = profile.total / profile.rows, max(1.0 / (known + 1.0), self.least)
            if known:
                apart = profile.distance / profile.rows
                if (
                    known > 2.0 and apart > 4.0 * profile.size
                ):  # a strange visit teaches as much as four sizes would
                    mean = profile.mean + (mean - profile.mean) * 4.0 * profile.size / apart
                    apart = 4.0 * profile.size
                sizes = sizes.copy()
                sizes[was] += max(1.0 / known, self.least) * (apart - sizes[was])
                common += 0.02 * (apart - common) if common else apart
            means[was] += weight * (mean - means[was])
            visits[was] = known + 1.0
        known = visits.item(span)
        size = (known * sizes.item(span) + 2.0 * common) / (known + 2.0)
        return Profile(
            means, sizes, visits, common, span, known, means.item(span), size, 0.0, 0.0, 0, profile.off
        )


def _empty(spans: int) -> Profile:
    nothing = np.zeros(spans)
    return Profile(nothing, nothing, nothing, 0.0, -1, 0.0, 0.0, 0.0, 0.0, 0.0, 0, 0.0)


CHECK = Hour

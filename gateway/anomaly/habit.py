"""What a tag usually does next: level, spread, and the part of a reading that the two before it do not explain.

The one before and the one before that predict a reading by an autoregression of order two, whose coefficients follow
from running autocovariances (Yule-Walker: phi1 = r1 (1 - r2) / (1 - r1**2), phi2 = (r2 - r1**2) / (1 - r1**2); Box &
Jenkins 1970, 3.2). Readings far from the level count as five spreads: one wild value does not teach a habit.
"""

from __future__ import annotations

from typing import NamedTuple

from gateway.anomaly.check import Seen

MEMORY = 2000.0  # readings that a habit goes back
FAR = 5.0
_new = tuple.__new__  # Habit(...) by a third of its time: this is the hot path


class Habit(NamedTuple):
    """Of one tag, after `past` good readings."""

    past: int = 0
    last: float = 0.0
    before: float = 0.0
    at: float = 0.0  # seconds of the running clock at `last`
    level: float = 0.0
    spread: float = 0.0
    c0: float = 0.0
    c1: float = 0.0
    c2: float = 0.0
    size: float = 0.0  # mean size of what is not explained


def see(habit: Habit, x: float, clock: float, time: float) -> tuple[Habit, Seen]:
    """One good reading; `clock` are seconds that only ever grow, `time` are those of the wall."""
    past, last, before, at, level, spread, c0, c1, c2, size = habit
    if not past:
        return Habit(1, x, x, clock, x), Seen(0, x, x, 0.0, time, x, 0.0, 0.0)
    d, d1, d2 = x - level, last - level, before - level
    guess = 0.0
    if c0 > 0.0:
        r1, r2 = c1 / c0, c2 / c0
        rest = 1.0 - r1 * r1
        guess = (r1 * (1.0 - r2) * d1 + (r2 - r1 * r1) * d2) / rest if rest > 1e-6 else d1
    error = d - guess
    away = error if error >= 0.0 else -error
    z = error / size if size > 0.0 else 0.0 if error == 0.0 else 99.0 if error > 0.0 else -99.0
    seen = _new(Seen, (past, x, last, clock - at, time, level, spread, z))
    weight = 1.0 / (past + 1.0 if past < MEMORY else MEMORY)
    far = FAR * spread if past > 20 and spread > 0.0 else 1e300
    if not (-far <= d <= far and -far <= d1 <= far and -far <= d2 <= far):
        d, d1, d2 = _within(d, far), _within(d1, far), _within(d2, far)
    most = FAR * size if past > 20 and size > 0.0 else 1e300
    habit = _new(
        Habit,
        (
            past + 1,
            x,
            last,
            clock,
            level + weight * d,
            spread + weight * ((d if d >= 0.0 else -d) - spread),
            c0 + weight * (d * d - c0),
            c1 + weight * (d * d1 - c1),
            c2 + weight * (d * d2 - c2),
            size + weight * ((min(away, most)) - size),
        ),
    )
    return habit, seen


def _within(d: float, far: float) -> float:
    return far if d > far else max(d, -far)

"""Noise that grows or falls silent: sees a change of variance, both ways.

An average of the size of the unexplained part, against its long mean, which is 1 by its making; the ratio, or its
inverse where it is below one, less one.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import ClassVar

from gateway.anomaly.check import SILENT, Seen


@dataclass(frozen=True, slots=True)
class Spread:
    """`weight` of the newest reading in the average. The state is that average."""

    weight: float = 0.05

    USUAL: ClassVar[tuple[float, float]] = (0.55, 0.06)
    WORTH: ClassVar[float] = 1.0

    def start(self) -> float:
        return 1.0

    def step(self, state: float, seen: Seen) -> tuple[float, float]:
        if not seen.spread > 0.0:
            return state, SILENT
        size = abs(seen.z)
        now = state + self.weight * ((min(size, 5.0)) - state)
        low = max(0.01, now)
        return now, sqrt(now - 1.0 if now > 1.0 else 1.0 / low - 1.0)


CHECK = Spread

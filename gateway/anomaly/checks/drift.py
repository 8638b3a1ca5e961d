"""A level that leaves where it was for long: sees slow drifts, and steps in tags whose readings hang together.

The distance of a quick average from the slow mean, in units of the usual distance of a reading from it. Tags that
wander by nature have large distances by nature, and their past says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import ClassVar

from gateway.anomaly.check import Seen


@dataclass(frozen=True, slots=True)
class Drift:
    """`weight` of the newest reading in the quick average of distances, which is the state."""

    weight: float = 0.1

    USUAL: ClassVar[tuple[float, float]] = (0.75, 0.1)
    WORTH: ClassVar[float] = 1.0

    def start(self) -> float:
        return 0.0

    def step(self, state: float, seen: Seen) -> tuple[float, float]:
        if not seen.spread > 0.0:
            return state, 0.0
        far = (seen.x - seen.level) / seen.spread
        state += self.weight * ((20.0 if far > 20.0 else max(far, -20.0)) - state)
        return state, sqrt(abs(state))


CHECK = Drift

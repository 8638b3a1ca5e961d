"""A value that no longer moves: sees a frozen sensor, by how long it stayed the same against how long it ever did.

The statistic is the square root of the run of equal readings. Coarse readings have long runs by nature, and their past
says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import ClassVar

from gateway.anomaly.check import SILENT, Seen


@dataclass(frozen=True, slots=True)
class Stuck:
    """The state is the number of readings in a row that equalled the one before; -1 before the first change.

    A value that never moved is not stuck: it may be a setpoint.
    """

    USUAL: ClassVar[tuple[float, float]] = (1.0, 0.3)
    WORTH: ClassVar[float] = 1.0

    def start(self) -> float:
        return -1.0

    def step(self, state: float, seen: Seen) -> tuple[float, float]:
        if seen.x != seen.last:
            return 0.0, 0.0
        if state < 0.0:
            return state, SILENT
        return state + 1.0, sqrt(state + 1.0)


CHECK = Stuck

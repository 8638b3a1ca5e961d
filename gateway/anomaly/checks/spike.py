"""One value that does not belong where it is: sees spikes and jumps, of any height against the usual unexplained part.

The statistic is the square root of the unexplained part of the reading: with a root, normal and heavy-tailed noise both
end about exponentially or lighter, so that a tail fitted to either does not promise too much.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import ClassVar

from gateway.anomaly.check import Seen


@dataclass(frozen=True, slots=True)
class Spike:
    """No parameters, no state."""

    USUAL: ClassVar[tuple[float, float]] = (1.57, 0.13)
    WORTH: ClassVar[float] = 0.65

    def start(self) -> tuple[()]:
        return ()

    def step(self, state: tuple[()], seen: Seen) -> tuple[tuple[()], float]:
        return state, sqrt(abs(seen.z))


CHECK = Spike

"""A value outside the range so far: sees what was never seen, by how far outside it is against the usual spread.

The range forgets slowly: its ends move towards the level, so that one wild day does not blind it for ever.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import ClassVar, NamedTuple

from gateway.anomaly.check import Seen

_new = tuple.__new__  # ReachState(...) by a third of its time: this is the hot path


class ReachState(NamedTuple):
    """The ends of the range."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Reach:
    """`memory`: readings in which an end that is never reached again comes 63 % of the way to the level."""

    memory: int = 20_000

    USUAL: ClassVar[tuple[float, float]] = (0.3, 0.3)
    WORTH: ClassVar[float] = 1.0

    def start(self) -> ReachState:
        return ReachState(0.0, 0.0)

    def step(self, state: ReachState, seen: Seen) -> tuple[ReachState, float]:
        x = seen.x
        if not seen.past:
            return ReachState(x, x), 0.0
        low, high = state
        out = low - x if x < low else x - high if x > high else 0.0
        low = x if x < low else low + (seen.level - low) / self.memory
        high = x if x > high else high - (high - seen.level) / self.memory
        return _new(ReachState, (low, high)), sqrt(out / seen.spread) if out > 0.0 < seen.spread else 0.0


CHECK = Reach

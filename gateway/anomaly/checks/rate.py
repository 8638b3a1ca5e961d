"""A value that changes faster than it ever did: sees jumps where readings come at uneven times.

Change per second since the last good reading, against its running mean; the square root, as for spikes.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import ClassVar, NamedTuple

from gateway.anomaly.check import SILENT, Seen

_new = tuple.__new__  # RateState(...) by a third of its time: this is the hot path


class RateState(NamedTuple):
    """Mean size of the change per second."""

    rows: int
    usual: float


@dataclass(frozen=True, slots=True)
class Rate:
    """`memory`: readings that the usual rate goes back."""

    memory: int = 2000

    USUAL: ClassVar[tuple[float, float]] = (1.57, 0.13)
    WORTH: ClassVar[float] = 0.65

    def start(self) -> RateState:
        return RateState(0, 0.0)

    def step(self, state: RateState, seen: Seen) -> tuple[RateState, float]:
        if not seen.since > 0.0:
            return state, SILENT
        count, usual = state
        speed = abs(seen.x - seen.last) / seen.since
        count = count + 1 if count < self.memory else count
        counted = 6.0 * usual if speed > 6.0 * usual > 0.0 and count > 20 else speed
        after = _new(RateState, (count, usual + (counted - usual) / count))
        return after, sqrt(speed / usual) if usual > 0.0 else 0.0


CHECK = Rate

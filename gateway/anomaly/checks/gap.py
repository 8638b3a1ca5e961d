"""A reading that comes late: sees missing readings when the next one comes, by the time since the last good one.

Against the running mean of that time; the square root of what is beyond twice of it: one missing reading is no news.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import ClassVar, NamedTuple

from gateway.anomaly.check import SILENT, Seen

_new = tuple.__new__  # GapState(...) by a third of its time: this is the hot path


class GapState(NamedTuple):
    """Usual time between readings, in seconds."""

    rows: int
    usual: float


@dataclass(frozen=True, slots=True)
class Gap:
    """`memory`: readings that the usual time goes back."""

    memory: int = 2000

    USUAL: ClassVar[tuple[float, float]] = (0.5, 0.25)
    WORTH: ClassVar[float] = 1.0

    def start(self) -> GapState:
        return GapState(0, 0.0)

    def step(self, state: GapState, seen: Seen) -> tuple[GapState, float]:
        count, usual = state
        if not seen.past:
            return state, SILENT
        late = seen.since / usual - 2.0 if usual > 0.0 else 0.0
        count = count + 1 if count < self.memory else count
        counted = 6.0 * usual if seen.since > 6.0 * usual > 0.0 and count > 10 else seen.since
        return _new(GapState, (count, usual + (counted - usual) / count)), sqrt(late) if late > 0.0 else 0.0


CHECK = Gap

"""A small shift that stays: sees what no single reading shows, in two averages of the unexplained part, long and short.

Both are exponentially weighted (Roberts 1959), each in units of its own spread on white noise; the larger counts.
Values beyond four usual sizes count as four: a spike is no step.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import sqrt
from typing import ClassVar, NamedTuple

from gateway.anomaly.check import Seen

_new = tuple.__new__  # StepState(...) by a third of its time: this is the hot path


class StepState(NamedTuple):
    """The two averages."""

    short: float
    long: float


@dataclass(frozen=True, slots=True)
class Step:
    """Weights of the newest reading in the two averages."""

    short: float = 0.2
    long: float = 0.04

    USUAL: ClassVar[tuple[float, float]] = (1.65, 0.13)
    WORTH: ClassVar[float] = 1.0

    def start(self) -> StepState:
        return StepState(0.0, 0.0)

    def step(self, state: StepState, seen: Seen) -> tuple[StepState, float]:
        z = seen.z
        z = 4.0 if z > 4.0 else max(z, -4.0)
        short = state.short + self.short * (z - state.short)
        long = state.long + self.long * (z - state.long)
        quick, slow = abs(short) * _size(self.short), abs(long) * _size(self.long)
        return _new(StepState, (short, long)), sqrt(max(slow, quick))


@cache
def _size(weight: float) -> float:
    """One over the spread of such an average of independent values of spread 1."""
    return sqrt((2.0 - weight) / weight)


CHECK = Step

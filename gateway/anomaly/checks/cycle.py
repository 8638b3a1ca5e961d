"""A value that is unusual for the phase of its cycle: sees a stroke that is cut short, a peak that did not come.

A cycle begins where the value comes up through its level (with a quarter of its spread to spare, both ways). While
cycles last about equally long, sixteen phases are learnt, and a reading is judged against that of its phase; a cycle
that lasts too long counts too. Tags without a cycle are left in peace.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import ClassVar, NamedTuple

from gateway.anomaly.check import SILENT, Seen

PHASES = 16

_new = tuple.__new__  # CycleState(...) by a third of its time: this is the hot path


class CycleState(NamedTuple):
    """`means` and `sizes` of the phases, the running cycle's age, and how long and how regular cycles are."""

    means: tuple[float, ...]
    sizes: tuple[float, ...]
    up: bool
    age: float  # readings since the cycle began
    cycles: int
    period: float  # readings
    jitter: float  # mean distance of a cycle's length from it
    off: float


@dataclass(frozen=True, slots=True)
class Cycle:
    """`cycles` to see before the first judgement; `jitter`: share of its period by which a regular cycle may vary."""

    cycles: int = 8
    jitter: float = 0.1
    weight: float = 0.3

    USUAL: ClassVar[tuple[float, float]] = (1.3, 0.15)
    WORTH: ClassVar[float] = 1.0

    def start(self) -> CycleState:
        return CycleState((0.0,) * PHASES, (0.0,) * PHASES, False, 0.0, -1, 0.0, 0.0, 0.0)

    def step(self, state: CycleState, seen: Seen) -> tuple[CycleState, float]:
        means, sizes, up, age, cycles, period, jitter, off = state
        d, margin = seen.x - seen.level, 0.25 * seen.spread
        age += 1.0
        if up:
            up = d > -margin
        elif d > margin and seen.past > 20:
            up = True
            cycles, period, jitter = _ended(cycles, age, period, jitter)
            age = 0.0
        regular = cycles >= 3 and period >= 8.0 and jitter < self.jitter * period
        if not regular:
            return _new(CycleState, (means, sizes, up, age, cycles, period, jitter, 0.0)), SILENT
        phase = int(PHASES * age / period)
        if phase >= PHASES:
            late = age / period - 1.0
            worst = late / self.jitter if cycles >= self.cycles else SILENT
            return CycleState(means, sizes, up, age, cycles, period, jitter, off), sqrt(
                worst
            ) if worst > 0.0 else worst
        apart = seen.x - means[phase]
        size = sizes[phase]
        far = apart / size if size > 0.0 else 0.0
        off += self.weight * ((20.0 if far > 20.0 else max(far, -20.0)) - off)
        weight = 0.5 if cycles < 5 else 0.1 * PHASES / period if period > PHASES else 0.1
        taught = apart if cycles < self.cycles or abs(far) < 5.0 else apart * 5.0 / abs(far)
        means = (*means[:phase], means[phase] + weight * taught, *means[phase + 1 :])
        sizes = (*sizes[:phase], size + weight * (abs(taught) - size), *sizes[phase + 1 :])
        judged = sqrt(abs(off)) if cycles >= self.cycles else SILENT
        return CycleState(means, sizes, up, age, cycles, period, jitter, off), judged


def _ended(cycles: int, age: float, period: float, jitter: float) -> tuple[int, float, float]:
    """A cycle is over after `age` readings: how many there were, how long they are, how regular."""
    cycles += 1
    if cycles == 0:
        return cycles, 0.0, 0.0
    if cycles == 1:
        return cycles, age, 0.0
    weight = 0.2 if cycles > 5 else 1.0 / cycles
    apart = abs(age - period)
    return cycles, period + weight * (age - period), jitter + weight * (apart - jitter)


CHECK = Cycle

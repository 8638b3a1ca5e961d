"""What every machine is: acts at its own instants, and shows signals that a register map can name."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass

from simulators.plant.material import Blend

SECOND = 1_000_000_000
WITHIN_A_DAY = 0.7
"""What the control plan charts varies within a day by this share of the plan's sigma, which is that of weeks, material
lots and shifts included. So the demo's charts, a few hundred samples long, stay silent unless something was done.
"""
Value = float | int | str


@dataclass(frozen=True, slots=True)
class Change:
    """A planted change of a process mean: a step, or a drift that reaches its size after `over_ns`."""

    size: float
    start_ns: int
    over_ns: int = 0  # 0: a step
    end_ns: int | None = None  # back to what it was; None: for ever

    def at(self, time_ns: int) -> float:
        """What it adds at that plant time."""
        if time_ns < self.start_ns or (self.end_ns is not None and time_ns >= self.end_ns):
            return 0.0
        if not self.over_ns:
            return self.size
        return self.size * min((time_ns - self.start_ns) / self.over_ns, 1.0)


class Machine(ABC):
    """Base of the machines. `signals` is what the wire shows; latched values change only in `act`."""

    def __init__(self, name: str, seed: int, period_s: float, first_s: float | None = None) -> None:
        self.name, self._seed = name, seed
        self._chances: dict[str, random.Random] = {}
        self.period_ns = round(period_s * SECOND)
        self.next_ns = round(first_s * SECOND) if first_s is not None else self.period_ns
        self.signals: dict[str, Value] = {}
        self._changes: dict[str, list[Change]] = {}

    def plant(self, what: str, change: Change) -> None:
        """Add a change to the mean of one of the machine's process variables."""
        lasting = [
            each for each in self._changes.get(what, ()) if each.end_ns is None or each.end_ns > self.next_ns
        ]
        self._changes[what] = [*lasting, change]

    def draw_charted(self, what: str, mean: float, sigma: float) -> float:
        """One of what the control plan charts: `sigma` is the plan's, of weeks; within a day it varies less."""
        return self.draw(what, mean, WITHIN_A_DAY * sigma)

    def draw(self, what: str, mean: float, sigma: float) -> float:
        """One independent Gaussian value of a process variable, planted changes included."""
        offset = sum(change.at(self.next_ns) for change in self._changes.get(what, ()))
        return self.chance(what).gauss(mean + offset, sigma)

    def chance(self, what: str) -> random.Random:
        """The variable's own chance, so that one more variable leaves the others' values as they were."""
        if what not in self._chances:
            self._chances[what] = random.Random(f"{self._seed}/{self.name}/{what}")
        return self._chances[what]

    def act(self) -> None:
        """What happens at `next_ns`; then `next_ns` moves on."""
        self.work()
        self.next_ns += self.period_ns

    @abstractmethod
    def work(self) -> None:
        """What this machine does at one of its instants."""

    def stock(self) -> Iterable[Blend]:
        """Every amount of material in the machine."""
        return ()

"""What the simulated devices know: each answer that was asked for, and each code that was taken.

Rule 1: an answer is a pure function of seed, device and number, so that whatever is found later can be judged
without keeping it.  Rule 2: an answer is due when it left whole, soon after its question, on a line that worked:
the gateway has no excuse for not having it but its own death.
"""

from __future__ import annotations

import random
from array import array
from dataclasses import dataclass, field

from simulators.chaos.excuse import Lived
from simulators.chaos.loop import VirtualLoop

CENTRE, SIGMA = 50.0, 1.0
_PRIME = 0x9E3779B97F4A7C15
_TABLE = 4096


class Process:
    """Values of a process that is in control: independent, normal, cut off at 3.5 sigma."""

    def __init__(self, seed: int) -> None:
        chance = random.Random(f"{seed}/process")
        drawn = (chance.gauss(0.0, 1.0) for _ in iter(int, 1))
        cut = (z for z in drawn if abs(z) < 3.5)
        # float32 on the wire: multiples of 1/1024 near 50 are exact in it
        self._values = [round((CENTRE + SIGMA * next(cut)) * 1024) / 1024 for _ in range(_TABLE)]
        self._seed = seed

    def value(self, device: int, number: int) -> float:
        """What the device measured at that answer."""
        mixed = (number * _PRIME ^ (device + 1) * 0xBF58476D1CE4E5B9 ^ self._seed) & (1 << 64) - 1
        mixed = (mixed ^ mixed >> 31) * _PRIME & (1 << 64) - 1
        return self._values[(mixed >> 40) % _TABLE]


@dataclass
class Answers:
    """Those of one device, by number from 1: when each was sent, in virtual nanoseconds, and whether it is due."""

    sent_ns: array[int] = field(default_factory=lambda: array("q"))
    due: array[int] = field(default_factory=lambda: array("b"))

    def next(self, now_ns: int) -> int:
        """Number of an answer that is being made; not due before somebody says so."""
        self.sent_ns.append(now_ns)
        self.due.append(0)
        return len(self.due)

    def delivered(self, number: int, now_ns: int) -> None:
        """It reached the gateway whole and soon."""
        self.sent_ns[number - 1] = now_ns
        self.due[number - 1] = 1

    def came(self, number: int, now_ns: int) -> None:
        """It reached the gateway, with an excuse for not taking it."""
        self.sent_ns[number - 1] = now_ns


@dataclass
class Truth:
    """All that is known from outside."""

    loop: VirtualLoop
    process: Process
    answers: dict[str, Answers] = field(default_factory=dict)
    shown: int = 0  # codes 1..n were shown
    taken: dict[int, int] = field(default_factory=dict)  # code to when its ACK came
    lives: list[Lived] = field(default_factory=list)  # of the gateway, in order

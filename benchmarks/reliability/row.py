"""A row of the reliability table: so many cases a batch, each batch by (seed, number), and what a batch gave.

A batch is the same whenever it is run again with its seed and number: that is how a finding is repeated, and how a long
run that was cut short goes on.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

import numpy as np

if TYPE_CHECKING:
    from _typeshed import SupportsLenAndGetItem

FINDINGS_KEPT = 20  # of a batch; the others are counted
LONGEST = 900  # characters of one
_EVEN = 1 << 32  # above it 53 bits would leave some out
T = TypeVar("T")


@dataclass
class Outcome:
    """What a batch gave."""

    count: int = 0
    findings: list[str] = field(default_factory=list)  # what is wrong, in words, and with what input
    facts: Counter[str] = field(default_factory=Counter)  # what happened, how often

    def find(self, text: str) -> None:
        """Something that must not be."""
        self.facts["found"] += 1
        if len(self.findings) < FINDINGS_KEPT:
            self.findings.append(text[:LONGEST])


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    name: str
    what: str  # the cases, in words
    passes: str  # what must hold
    per_run: int  # cases of `make test`
    nightly: int
    budget_s: float  # of the cases of `make test`: CPU, on the machine of `pace`
    batch: int  # cases of a batch
    run: Callable[[int, int, int], Outcome]  # seed, number of the batch, cases

    def again(self, seed: int, number: int) -> str:
        """The command that repeats a batch."""
        return f"python -m benchmarks reliability --row {self.name} --seed {seed} --batch {number}"


class Dice(random.Random):
    """Chance in a third of the time: as even as 53 bits are, which is plenty for places in a frame."""

    def choice(self, seq: SupportsLenAndGetItem[T]) -> T:
        """One of them. Raises IndexError where there is none."""
        return seq[int(self.random() * len(seq))]

    def randrange(self, start: int, stop: int | None = None, step: int = 1) -> int:
        """A number from `start`, or 0, up to one below the end. Raises ValueError where there is none."""
        if stop is None:
            start, stop = 0, start
        if step != 1 or not 0 < stop - start <= _EVEN:
            return super().randrange(start, stop, step)
        return start + int(self.random() * (stop - start))


def dice(name: str, seed: int, number: int) -> Dice:
    """Chance of one batch."""
    return Dice(f"{name}/{seed}/{number}")


def generator(name: str, seed: int, number: int) -> np.random.Generator:
    """The same, for arrays."""
    return np.random.default_rng([seed, number, *name.encode()])

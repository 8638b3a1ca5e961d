"""A row of the reliability table: so many cases a batch, each batch by (seed, number), and what a batch gave.

A batch is the same whenever it is run again with its seed and number: that is how a finding is repeated, and how a long
run that was cut short goes on.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

FINDINGS_KEPT = 20  # of a batch; the others are counted
LONGEST = 900  # characters of one


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


def dice(name: str, seed: int, number: int) -> random.Random:
    """Chance of one batch."""
    return random.Random(f"{name}/{seed}/{number}")


def generator(name: str, seed: int, number: int) -> np.random.Generator:
    """The same, for arrays."""
    return np.random.default_rng([seed, number, *name.encode()])

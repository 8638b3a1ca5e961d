"""Few causes make most of the trouble: counts by cause, the most frequent first, and what they sum to. Pure.

Juran's reading of Pareto's law (Juran's Quality Handbook, 5th ed., section 5): what is worth mending stands first.

>>> [(row.name, row.count, row.reached) for row in pareto(["gate", "filter", "gate", "gate"])]
[('gate', 3, 0.75), ('filter', 1, 1.0)]
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bar:
    """One cause."""

    name: str
    count: int
    reached: float  # share of all, of this cause and those before it


def pareto(names: Iterable[str]) -> tuple[Bar, ...]:
    """The bars; causes as frequent as each other by name."""
    counts = Counter(names)
    whole, so_far, bars = sum(counts.values()), 0, list[Bar]()
    for name, count in sorted(counts.items(), key=lambda each: (-each[1], each[0])):
        so_far += count
        bars.append(Bar(name, count, so_far / whole))
    return tuple(bars)

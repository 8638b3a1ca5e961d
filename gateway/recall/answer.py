"""Who holds how much of a lot, out of `LotMade` records in their canonical form alone. Pure.

Two ways, as a package says. "composition": the lot came from outside, and each holder's composition says its share; a
source that another site made counts through that site's composition. "edges": the lot was made here, and its share in
a lot is that of what went in, weighted by kilograms, first-in-first-out and mixed apart. A share lies between the two
rows; above it there may be as much more as the records do not keep apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

COMPOSITION, EDGES = "composition", "edges"
ROWS = ("mixed", "fifo")  # edges of this mixing do not count in row 0, in row 1, where there are others

_Memory = dict[str | tuple[int, int], "Bound"]

Made = Mapping[str, Any]
"""A LotMade as its canonical record has it: what has its default is left out."""


class Bound(NamedTuple):
    """A share: it lies from low to high."""

    low: float
    high: float


@dataclass
class Records:
    """Of each lot the record that says most: one with inputs, then the newest version, then the first journal."""

    newest: dict[str, tuple[int, Made]] = field(default_factory=dict)
    rank: dict[str, tuple[bool, int, int]] = field(default_factory=dict)

    def add(self, journal: int, made: Made) -> None:
        rank = (bool(made["inputs"]), made.get("version", 1), -journal)
        if made["lot"] not in self.rank or rank > self.rank[made["lot"]]:
            self.rank[made["lot"]], self.newest[made["lot"]] = rank, (journal, made)


def shares(lot: str, basis: str, cut: float, known: Records) -> dict[str, Bound]:
    """By lot how much of it is of `lot`. `cut`: share below which nobody looked further; 0 where all was looked at."""
    if basis == COMPOSITION:
        memory: _Memory = {lot: Bound(1.0, 1.0)}
        return {name: _composed(name, lot, known, memory, ()) for name in known.newest}
    return _walked(lot, cut, known)


def _composed(name: str, lot: str, known: Records, memory: _Memory, above: tuple[str, ...]) -> Bound:
    if name in memory:
        return memory[name]
    journal, made = known.newest[name]
    held = made["composition"]
    shared = (journal, id(held))  # the boxes of a batch have its composition
    if shared in memory:
        return memory[shared]
    low, high, through = 0.0, max(held["rest"]), False
    for place, source in enumerate(held["sources"]):
        column = [row[place] for row in held["shares"]]
        if source == lot:
            low, high = low + min(column), high + max(column)
        elif _elsewhere(source, journal, known) and source not in above:
            through = True
            part = _composed(source, lot, known, memory, (*above, name))
            low, high = low + min(column) * part.low, high + max(column) * part.high
    memory[name] = Bound(low, min(1.0, high))
    if not through:
        memory[shared] = memory[name]
    return memory[name]


def _elsewhere(source: str, journal: int, known: Records) -> bool:
    """Whether another site made it."""
    if source not in known.newest:
        return False
    where, made = known.newest[source]
    return where != journal and bool(made["inputs"])


def _walked(lot: str, cut: float, known: Records) -> dict[str, Bound]:
    rows: dict[str, tuple[float, float, float]] = {lot: (1.0, 1.0, 0.0)}  # fifo, mixed, at most so much more
    waiting = {name: made["inputs"] for name, (_, made) in known.newest.items() if name != lot}
    after: dict[str, list[str]] = {}
    left = {}
    for name, inputs in waiting.items():
        needed = {edge["lot"] for edge in inputs if edge["lot"] in waiting}
        left[name] = len(needed)
        for other in needed:
            after.setdefault(other, []).append(name)
    ready = [name for name in waiting if not left[name]]
    for name in ready:  # which grows
        rows[name] = _mean(waiting[name], rows, cut)
        for other in after.get(name, ()):
            left[other] -= 1
            if not left[other]:
                ready.append(other)
    if len(ready) < len(waiting):
        raise ValueError("lots go round in a circle")
    return {name: Bound(min(a, b), min(1.0, max(a, b) + more)) for name, (a, b, more) in rows.items()}


def _mean(
    inputs: Sequence[Mapping[str, Any]], rows: Mapping[str, tuple[float, float, float]], cut: float
) -> tuple[float, float, float]:
    means, more = [], 0.0
    for place, other in enumerate(ROWS):
        edges = [edge for edge in inputs if edge.get("mixing", "") != other] or inputs
        total = sum(edge["kg"] for edge in edges)
        weighted = [(edge["kg"] / total, rows.get(edge["lot"])) for edge in edges] if total > 0 else []
        means.append(sum(weight * row[place] for weight, row in weighted if row))
        more = max(more, sum(weight * (row[2] if row else cut) for weight, row in weighted))
    return means[0], means[1], more


def answer(
    lot: str, basis: str, cut: float, least: float, kinds: Sequence[str], known: Records
) -> dict[str, Any]:
    """The answer of a package: lots of these kinds that may hold `least` of the lot or more, and sums by kind."""
    found = []
    for name, share in shares(lot, basis, cut, known).items():
        journal, made = known.newest.get(name, (0, {}))
        if name != lot and made and made["kind"] in kinds and share.high >= least:
            found.append(
                {
                    "lot": name,
                    "kind": made["kind"],
                    "journal": journal,
                    "closed_ns": made["time_ns"],
                    "kg": made["kg"],
                    "share": [share.low, share.high],
                    "held_kg": [share.low * made["kg"], share.high * made["kg"]],
                }
            )
    found.sort(key=lambda row: (row["closed_ns"], row["lot"]))
    totals: dict[str, Any] = {}
    for row in found:
        total = totals.setdefault(row["kind"], {"count": 0, "kg": 0.0, "held_kg": [0.0, 0.0]})
        total["count"] += 1
        total["kg"] += row["kg"]
        total["held_kg"] = [total["held_kg"][0] + row["held_kg"][0], total["held_kg"][1] + row["held_kg"][1]]
    return {"lots": found, "totals": totals}

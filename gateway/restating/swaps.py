"""Which inputs of which lots were of another lot than was taken: what a scan that was late or wrong changes.

Lots that were closed in the span at the cells concerned are looked through in the order of making, and kilograms go
over to the right lot until what was scanned is used up. The kilograms themselves were weighed, and stay. Where a lot
was made across the beginning of the span, all of its input counts as drawn when it was closed.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from gateway.genealogy.restate import Correction
from gateway.model import Ingredient, LotMade
from gateway.restating.tables import Tables


@dataclass(frozen=True, slots=True)
class Swap:
    """In [from, to] it was `right` that went into lots made at these cells, and not one of `wrong`."""

    wrong: frozenset[str]
    right: str
    cells: frozenset[str]
    from_ns: int
    to_ns: int
    kg: float = float("inf")  # as much as there was of it


@dataclass(frozen=True, slots=True)
class Swapped:
    """What a swap comes to."""

    corrections: tuple[Correction, ...]  # lots with other inputs
    moved: dict[str, float]  # kilograms by wrong lot


def swapped(tables: Tables, swap: Swap) -> Swapped:
    """Every lot with an input that was of another lot. A lot is never made of itself."""
    left, moved, corrections = swap.kg, dict[str, float](), []
    names = {child for lot in swap.wrong for child in tables.children_of(lot)}
    for name in sorted(names, key=tables.order):
        made = tables.made(name)
        if made is None or not _concerned(made, swap) or name == swap.right:
            continue
        inputs, taken = _inputs(made.inputs, swap.wrong, swap.right, left)
        used = max(_row(taken, "fifo"), _row(taken, "mixed"))
        if not taken:
            continue
        left -= used
        for edge in taken:
            moved[edge.lot] = moved.get(edge.lot, 0.0) + (edge.kg if edge.mixing != "mixed" else 0.0)
        corrections.append(Correction(name, inputs=inputs))
    return Swapped(tuple(corrections), moved)


def unknown_lots(
    tables: Tables, site: str, cells: Collection[str], from_ns: int, to_ns: int
) -> frozenset[str]:
    """Sources that stand for what nobody scanned, at these cells in this span."""
    prefix = f"{site}:unknown:"
    found = set()
    for lot in tables.journal.names():
        made = tables.made(lot) if lot.startswith(prefix) else None
        if made is not None and made.cell in cells and from_ns <= made.time_ns <= to_ns:
            found.add(lot)
    return frozenset(found)


def _concerned(made: LotMade, swap: Swap) -> bool:
    return made.cell in swap.cells and swap.from_ns <= made.time_ns <= swap.to_ns


def _inputs(
    inputs: Sequence[Ingredient], wrong: Collection[str], right: str, most_kg: float
) -> tuple[tuple[Ingredient, ...], list[Ingredient]]:
    """The new inputs, and what of the old ones went over."""
    out: list[Ingredient] = []
    taken: list[Ingredient] = []
    left = {"fifo": most_kg, "mixed": most_kg}
    for edge in inputs:
        room = min(left[row] for row in ("fifo", "mixed") if edge.mixing in ("", row))
        part = 0.0 if edge.lot not in wrong else min(edge.kg, max(room, 0.0))
        if part <= 0.0:
            out.append(edge)
            continue
        for row in ("fifo", "mixed"):
            left[row] -= part if edge.mixing in ("", row) else 0.0
        share = part / edge.kg
        taken.append(replace(edge, kg=part, sigma_kg=edge.sigma_kg * share))
        out.append(replace(edge, lot=right, kg=part, sigma_kg=edge.sigma_kg * share))
        if part < edge.kg:
            out.append(replace(edge, kg=edge.kg - part, sigma_kg=edge.sigma_kg * (1 - share)))
    return _joined(out), taken


def _joined(edges: Sequence[Ingredient]) -> tuple[Ingredient, ...]:
    """One edge for each lot and mixing; weighings that come together are independent of each other."""
    found: dict[tuple[str, str], Ingredient] = {}
    for edge in edges:
        key = (edge.lot, edge.mixing)
        old = found.get(key)
        sigma = (old.sigma_kg**2 + edge.sigma_kg**2) ** 0.5 if old is not None else edge.sigma_kg
        found[key] = edge if old is None else replace(old, kg=old.kg + edge.kg, sigma_kg=sigma)
    return tuple(found.values())


def _row(edges: Sequence[Ingredient], row: str) -> float:
    return sum(edge.kg for edge in edges if edge.mixing in ("", row))

"""What a composition says about one question, with its bound: the truth is from low to high, weighing apart."""

from __future__ import annotations

from typing import NamedTuple

from gateway.genealogy.vector import Vector, from_composition
from gateway.model import Composition


class Bound(NamedTuple):
    """A share: no less than `low` and no more than `high` if every weighing was exact; sigma says how they were."""

    low: float
    high: float
    sigma: float  # standard uncertainty, of low and of high alike


def share_of(lot: Vector | Composition, source: str) -> Bound:
    """Share of the lot's mass that came from a source: [0, rest] for one that was never kept apart."""
    vector = _vector(lot)
    rest = vector.rest.tolist()
    try:
        place = vector.sources.index(source)
    except ValueError:
        return Bound(0.0, min(max(rest), 1.0), 0.0)
    rows = vector.shares[:, place].tolist()
    high = max(share + more for share, more in zip(rows, rest, strict=True))
    return Bound(min(rows), min(high, 1.0), float(vector.sigma[place]))


def regrind_share(lot: Vector | Composition) -> Bound:
    """Share that was through a screw at least once. Nothing is cut off of it: the rows alone make the interval."""
    vector = _vector(lot)
    rows = vector.regrind.tolist()
    return Bound(min(rows), max(rows), float(vector.sigma[-2]))


def recycled(lot: Vector | Composition) -> Bound:
    """Recycled content, as the suppliers of its sources declare it."""
    vector = _vector(lot)
    rows = vector.recycled.tolist()
    return Bound(min(rows), max(rows), float(vector.sigma[-1]))


def _vector(lot: Vector | Composition) -> Vector:
    return from_composition(lot) if isinstance(lot, Composition) else lot

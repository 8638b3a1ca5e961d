"""Kilograms by the lot that they are of, and how sure each number is: what moves from vessel to vessel. Pure.

Rule 1: a heap is well mixed; what is taken of it has the shares of the whole.  Rule 2: kilograms are never lost: what
is taken and what is left are what was there.  Rule 3: a parcel's variance says how uncertain it is that these
kilograms are of this lot; it goes along by the first order (JCGM 100:2008, 5.1.2).

A parcel with a mixing counts in one of the two ways to solve a vessel of unknown mixing alone: "fifo" or "mixed". Both
have the same kilograms in all.

>>> taken, left = split((Parcel("R7", 6.0), Parcel("R8", 2.0)), 2.0, 0.0)
>>> [(each.lot, each.kg) for each in taken], mass(left)
([('R7', 1.5), ('R8', 0.5)], 6.0)
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Parcel(NamedTuple):
    """Kilograms of one lot in a heap."""

    lot: str
    kg: float
    var: float = 0.0  # kg^2
    mixing: str = ""  # "": in both ways to solve


Heap = tuple[Parcel, ...]
"""Parcels, each lot and mixing once."""


def mass(heap: Heap) -> float:
    """Its kilograms."""
    both = fifo = mixed = 0.0
    for _, kg, _, mixing in heap:
        if not mixing:
            both += kg
        elif mixing == "fifo":
            fifo += kg
        else:
            mixed += kg
    return both + max(fifo, mixed)


def joined(*heaps: Heap) -> Heap:
    """All of them in one, parcels of the same lot together."""
    found: dict[tuple[str, str], Parcel] = {}
    for heap in heaps:
        for parcel in heap:
            lot, kg, var, mixing = parcel
            old = found.get((lot, mixing))
            found[lot, mixing] = parcel if old is None else Parcel(lot, old[1] + kg, old[2] + var, mixing)
    return tuple(found.values())


def split(heap: Heap, kg: float, var: float) -> tuple[Heap, Heap]:
    """`kg` of the heap (at most what is there), weighed with that variance; and what is left."""
    total = mass(heap)
    if kg >= total:
        return blurred(heap, var), ()
    share = max(kg, 0.0) / total
    rest = 1.0 - share
    taken, left = [], []
    for lot, there, unsure, mixing in heap:
        noise = (there / total) ** 2 * var
        took = share * there
        taken.append(Parcel(lot, took, share * share * unsure + noise, mixing))
        left.append(Parcel(lot, there - took, rest * rest * unsure + noise, mixing))
    return tuple(taken), tuple(left)


def blurred(heap: Heap, var: float) -> Heap:
    """The same, its mass less sure by that variance."""
    total = mass(heap)
    if not var or not total:
        return heap
    return tuple(
        [Parcel(lot, kg, old + (kg / total) ** 2 * var, mixing) for lot, kg, old, mixing in heap]
    )  # a list is quicker


def spread(heap: Heap) -> float:
    """Variance of the heap's mass, its parcels taken as independent."""
    one = sum(parcel.var for parcel in heap if parcel.mixing != "mixed")
    other = sum(parcel.var for parcel in heap if parcel.mixing != "fifo")
    return max(one, other)


def marked(heap: Heap, mixing: str) -> Heap:
    """Its parcels for that way to solve alone; those of the other way are left out."""
    kept: Iterable[Parcel] = (parcel for parcel in heap if parcel.mixing in ("", mixing))
    return joined(tuple(parcel._replace(mixing=mixing) for parcel in kept))

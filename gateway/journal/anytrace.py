"""Every lot that can hold anything at all of another, over all journals: the legal set, which asks no masses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.journal.reader import JournalReader


@dataclass(frozen=True, slots=True)
class Reached:
    """Lots by name, and how many there are of each kind."""

    lots: list[str]
    kinds: Counter[str]


def reachable(readers: Sequence[JournalReader], lot: str, *, forward: bool, upto: Sequence[int]) -> Reached:
    """Every lot on a way from the lot, or to it; a lot that several sites know joins their ways."""
    views = [reader.links(bound) for reader, bound in zip(readers, upto, strict=True)]
    found: set[str] = set()
    fresh = {lot}
    while fresh:
        reached = {name for view in views for name in view.reached(fresh, forward=forward)}
        fresh = reached - found if len(views) > 1 else set()
        found |= reached
    found.discard(lot)
    kinds: Counter[str] = Counter()
    left = found
    for view in views:
        known = {name for name in left if view.number(name) is not None}
        kinds += view.by_kind(known)
        left = left - known
    return Reached(sorted(found), kinds)

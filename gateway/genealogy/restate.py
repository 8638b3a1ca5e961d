"""What a correction changes: the lots made of what was corrected, each mixed again, as far as anything changes.

Rule 1: nothing is read but lots that change and what went into them.  Rule 2: a lot is mixed again after the lots it
is made of.  Where a correction brings an input that was made later than the lot itself (a scan twenty minutes late),
the lot is mixed again whenever that one changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import NamedTuple, Protocol

import numpy as np

from gateway.genealogy.blend import Part, mix
from gateway.genealogy.errors import Cycle
from gateway.genealogy.vector import EXACT, Floats, Vector, source
from gateway.model import Ingredient


class Facts(NamedTuple):
    """What has to be known of a lot besides its edges."""

    order: int  # lots in the order of making: inputs before what was made of them
    kg: float
    ground: bool = False


class Genealogy(Protocol):
    """A genealogy as it stands before the corrections: tables, or a dict in a test."""

    def edges_into(self, lot: str) -> Sequence[Ingredient]:
        """What the lot was made of; nothing for a source."""

    def children_of(self, lot: str) -> Iterable[str]:
        """The lots that it went into."""

    def vector_of(self, lot: str) -> Vector:
        """Its composition."""

    def facts_of(self, lot: str) -> Facts:
        """Its place in the order of making, its mass."""


@dataclass(frozen=True, slots=True)
class Correction:
    """What is said of a lot now; None: as before."""

    lot: str
    inputs: tuple[Ingredient, ...] | None = None  # empty: it came from outside
    kg: float | None = None  # a recount: lots that took all of it took this much
    source: Vector | None = (
        None  # it came from outside, and is this: another supplier's lot, other recycled content
    )


def restated(genealogy: Genealogy, corrections: Iterable[Correction]) -> dict[str, Vector]:
    """The lots whose composition changes, in the order of making, each with its new one.

    Raises CannotMix where a lot's new inputs have no mass, Cycle where it would be made of itself.
    """
    cone = _Cone(genealogy, _by_lot(corrections))
    while cone.waiting:
        cone.mix_next()
    changed = [lot for lot, vector in cone.new.items() if not _same(vector, genealogy.vector_of(lot))]
    return {
        lot: cone.new[lot] for lot in sorted(changed, key=lambda lot: (genealogy.facts_of(lot).order, lot))
    }


def _by_lot(corrections: Iterable[Correction]) -> dict[str, Correction]:
    """One for each lot: what is said last holds, of inputs, mass and source alike."""
    said: dict[str, Correction] = {}
    for now in corrections:
        before = said.get(now.lot, now)
        said[now.lot] = Correction(
            now.lot,
            before.inputs if now.inputs is None else now.inputs,
            before.kg if now.kg is None else now.kg,
            before.source if now.source is None else now.source,
        )
    return said


class _Cone:
    """Lots to be mixed again, the first made first."""

    def __init__(self, genealogy: Genealogy, corrections: Mapping[str, Correction]) -> None:
        self.new: dict[str, Vector] = {}
        self.waiting: list[tuple[int, str]] = []
        self._genealogy, self._corrections = genealogy, corrections
        self._queued: set[str] = set()
        self._more: dict[str, list[str]] = {}  # children that a lot has by corrections
        for correction in corrections.values():
            for ingredient in correction.inputs or ():
                self._more.setdefault(ingredient.lot, []).append(correction.lot)
        for correction in corrections.values():
            self._refuse_cycle(correction)
            if correction.inputs is not None or correction.source is not None:
                self._queue([correction.lot])
            if correction.kg is not None:
                self._queue(self._children(correction.lot))

    def mix_next(self) -> None:
        """Mixes the first lot that waits, and lets what was made of it wait if that changed anything."""
        _, lot = heappop(self.waiting)
        self._queued.discard(lot)
        now = self._mixed(lot)
        before = self.new.get(lot)
        if not _same(now, before if before is not None else self._genealogy.vector_of(lot)):
            self.new[lot] = now
            self._queue(self._children(lot))

    def _mixed(self, lot: str) -> Vector:
        said = self._corrections.get(lot)
        if said and said.source:
            return said.source
        inputs = self._inputs(lot)
        if not inputs:
            return source(lot)
        return mix([self._part(edge) for edge in inputs], ground=self._genealogy.facts_of(lot).ground)

    def _part(self, edge: Ingredient) -> Part:
        vector = self.new.get(edge.lot)
        if vector is None:
            vector = self._genealogy.vector_of(edge.lot)
        said = self._corrections.get(edge.lot)
        kg = edge.kg
        if said and said.kg is not None and abs(kg - self._genealogy.facts_of(edge.lot).kg) <= 1e-9 * kg:
            kg = said.kg  # all of it
        return vector, kg, edge.sigma_kg, edge.mixing

    def _inputs(self, lot: str) -> Sequence[Ingredient]:
        said = self._corrections.get(lot)
        return said.inputs if said and said.inputs is not None else self._genealogy.edges_into(lot)

    def _children(self, lot: str) -> list[str]:
        return [*self._genealogy.children_of(lot), *self._more.get(lot, ())]

    def _queue(self, lots: Iterable[str]) -> None:
        for lot in lots:
            if lot not in self._queued:
                self._queued.add(lot)
                heappush(self.waiting, (self._genealogy.facts_of(lot).order, lot))

    def _refuse_cycle(self, correction: Correction) -> None:
        """Only an input that was made later than the lot can be made of it; only lots up to that one are looked at."""
        order = self._genealogy.facts_of
        here = order(correction.lot).order
        later = {edge.lot for edge in correction.inputs or () if order(edge.lot).order >= here}
        if not later:
            return
        last = max(order(lot).order for lot in later)
        below, seen = [correction.lot], {correction.lot}
        while below:
            lot = below.pop()
            if lot in later:
                raise Cycle(f"{correction.lot} would be made of {lot}, which is made of it")
            fresh = [
                child for child in self._children(lot) if child not in seen and order(child).order <= last
            ]
            seen.update(fresh)
            below.extend(fresh)


def _same(one: Vector, other: Vector) -> bool:
    table = other.table
    if one.sources != other.sources:
        if set(one.sources) != set(other.sources):
            return False
        place = {name: number for number, name in enumerate(other.sources)}
        kept = len(place)
        table = table[:, [*(place[name] for name in one.sources), *range(kept, table.shape[1])]]
    if len(table) != len(one.table):
        return _near(one.table[:-1], table[:-1]) and _near(one.table[-1], table[-1])
    return _near(one.table, table)


def _near(one: Floats, other: Floats) -> bool:
    return bool(np.abs(one - other).max(initial=0.0) <= EXACT)

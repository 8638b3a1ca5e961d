"""A journal's lots as the correction of a cone wants them. Every lot is read once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from gateway.genealogy import Vector, from_composition, source
from gateway.genealogy.restate import Facts
from gateway.model import Ingredient, LotMade, NumberedEvent

NEVER = 2**62


class KnowsMade(Protocol):
    """What is asked of a journal."""

    def made(self, lot: str) -> LotMade | None: ...
    def children(self, lot: str) -> list[str]: ...
    def versions(self, lot: str) -> list[NumberedEvent]: ...
    def names(self) -> list[str]: ...


@dataclass
class Tables:
    """The newest versions, and the order in which lots were made at first."""

    journal: KnowsMade
    _made: dict[str, LotMade | None] = field(default_factory=dict)
    _order: dict[str, int] = field(default_factory=dict)

    def made(self, lot: str) -> LotMade | None:
        if lot not in self._made:
            self._made[lot] = self.journal.made(lot)
        return self._made[lot]

    def order(self, lot: str) -> int:
        """Place in the order of making; a lot that no event knows came before all."""
        if lot not in self._order:
            versions = self.journal.versions(lot)
            self._order[lot] = versions[0].seq if versions else 0
        return self._order[lot]

    # --- as gateway.genealogy.restate asks ---

    def edges_into(self, lot: str) -> Sequence[Ingredient]:
        made = self.made(lot)
        return made.inputs if made is not None else ()

    def children_of(self, lot: str) -> list[str]:
        return self.journal.children(lot)

    def vector_of(self, lot: str) -> Vector:
        made = self.made(lot)
        return source(lot) if made is None else from_composition(made.composition)

    def facts_of(self, lot: str) -> Facts:
        made = self.made(lot)
        return Facts(self.order(lot), 0.0 if made is None else made.kg, made is not None and made.ground)

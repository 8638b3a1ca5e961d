"""A small plant with regrind fed back, as LotMade events: two resins, three days of batches, boxes, a shipment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gateway.genealogy import Vector, from_composition, mix, source, to_composition
from gateway.model import Ingredient, LotMade, NumberedEvent
from tests.unit.journal.plant import T0

HOUR = 3_600_000_000_000
CELL = "hall/line1/press1"
PACKED = ("pallet", "shipment")


class Shop:
    """Makes lots one after another, an hour apart, each composed of those before."""

    def __init__(self, first_seq: int = 1) -> None:
        self.events: list[NumberedEvent] = []
        self._first = first_seq
        self.made: dict[str, LotMade] = {}

    def lot(
        self, name: str, kind: str, inputs: Sequence[tuple[str, float]] = (), kg: float | None = None
    ) -> LotMade:
        edges = tuple(Ingredient(lot, taken, 0.01) for lot, taken in inputs)
        ground = kind == "regrind"
        parts = [(self._vector(edge.lot), edge.kg, edge.sigma_kg, edge.mixing) for edge in edges]
        vector = mix(parts, ground=ground) if parts else source(name)
        mass = sum(edge.kg for edge in edges) if kg is None else kg
        made = LotMade(
            T0 + len(self.events) * HOUR, name, kind, CELL, mass, 0.02 if edges else 0.0, edges, to_composition(vector),
            aggregated=kind in PACKED, ground=ground,
        )  # fmt: skip
        self.tell(made)
        return made

    def tell(self, made: LotMade) -> None:
        self.made[made.lot] = made
        self.events.append(NumberedEvent(self._first + len(self.events), 0, made))

    def again(self, name: str, inputs: Sequence[tuple[str, float]], reason: str = "wrong_scan") -> LotMade:
        """Version n + 1: something else went in."""
        old = self.made[name]
        edges = tuple(Ingredient(lot, taken, 0.01) for lot, taken in inputs)
        vector = mix([(self._vector(edge.lot), edge.kg, edge.sigma_kg, "") for edge in edges])
        made = replace(
            old, inputs=edges, composition=to_composition(vector), version=old.version + 1, reason=reason,
            kg=sum(edge.kg for edge in edges),
        )  # fmt: skip
        self.tell(made)
        return made

    def _vector(self, lot: str) -> Vector:
        return from_composition(self.made[lot].composition) if lot in self.made else source(lot)


def shop() -> Shop:
    """R1 is in batches B1 and B2, and by regrind G1 of B1 in B3; R2 in B2 and B3; boxes of each, P1, S1 and S2."""
    made = Shop()
    made.lot("R1", "material", kg=100.0)
    made.lot("R2", "material", kg=100.0)
    made.lot("B1", "batch", [("R1", 50.0)])
    made.lot("G1", "regrind", [("B1", 10.0)])
    made.lot("B2", "batch", [("R1", 30.0), ("R2", 10.0)])
    made.lot("B3", "batch", [("R2", 30.0), ("G1", 10.0)])
    for number in (1, 2, 3):
        made.lot(f"X{number}", "box", [(f"B{number}", 20.0)])
    made.lot("P1", "pallet", [("X1", 20.0), ("X2", 20.0)])
    made.lot("S1", "shipment", [("P1", 40.0)])
    made.lot("S2", "shipment", [("X3", 20.0)])
    return made

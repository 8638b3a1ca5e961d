"""Material: kilograms by source lot and generation (how often it has been through a screw)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple


class Source(NamedTuple):
    """Where a gram came from."""

    lot: str
    generation: int  # 0 virgin


OLDEST = 9
"""Generation that stands for nine or more: what circulates for days is not told apart any further."""


class Blend:
    """A well-mixed amount of material: what is taken has the composition of the whole.

    >>> bin = Blend({Source("R1", 0): 3.0, Source("R1", 1): 1.0})
    >>> round(bin.take(2.0).regrind_share, 3), round(bin.kg, 3)
    (0.25, 2.0)
    """

    def __init__(self, parts: Mapping[Source, float] | None = None) -> None:
        self._parts: dict[Source, float] = dict(parts or {})

    @property
    def kg(self) -> float:
        return sum(self._parts.values())

    @property
    def regrind_share(self) -> float:
        """Share by mass that has been through a screw; 0 when empty."""
        total = self.kg
        return sum(kg for source, kg in self._parts.items() if source.generation) / total if total else 0.0

    def add(self, other: Blend) -> None:
        """Pour the other in; it is empty afterwards."""
        for source, kg in other._parts.items():
            self._parts[source] = self._parts.get(source, 0.0) + kg
        other._parts.clear()

    def take(self, kg: float) -> Blend:
        """That much of it, or all there is."""
        total = self.kg
        if kg >= total:
            taken, self._parts = Blend(self._parts), {}
            return taken
        share = max(kg, 0.0) / total
        taken = Blend({source: amount * share for source, amount in self._parts.items()})
        self._parts = {source: amount - taken._parts[source] for source, amount in self._parts.items()}
        return taken

    def ground(self) -> Blend:
        """The same material, one generation older; this one is empty afterwards."""
        older = Blend()
        for (lot, generation), kg in self._parts.items():
            older.add(Blend({Source(lot, min(generation + 1, OLDEST)): kg}))
        self._parts.clear()
        return older

    def crumbs(self, under_kg: float) -> Blend:
        """Take out every part that is less than that."""
        small = {source: kg for source, kg in self._parts.items() if kg < under_kg}
        for source in small:
            del self._parts[source]
        return Blend(small)

    def by_lot(self) -> dict[str, float]:
        """Kilograms by source lot."""
        return sum_by_lot([self])

    def items(self) -> Iterable[tuple[Source, float]]:
        return self._parts.items()


def sum_by_lot(blends: Iterable[Blend]) -> dict[str, float]:
    """Kilograms by source lot of all the blends together."""
    total: dict[str, float] = {}
    for blend in blends:
        for source, kg in blend.items():
            total[source.lot] = total.get(source.lot, 0.0) + kg
    return total


class Layers:
    """A silo's content: first in, first out, lot by lot."""

    def __init__(self) -> None:
        self._layers: list[Blend] = []

    @property
    def kg(self) -> float:
        return sum(layer.kg for layer in self._layers)

    def add(self, layer: Blend) -> None:
        self._layers.append(layer)

    def take(self, kg: float) -> Blend:
        """That much from the bottom, or all there is."""
        out = Blend()
        while self._layers:
            bottom, wanted = self._layers[0], kg - out.kg
            if bottom.kg > wanted:
                out.add(bottom.take(wanted))
                break
            out.add(self._layers.pop(0))
        return out

    def blends(self) -> list[Blend]:
        return list(self._layers)

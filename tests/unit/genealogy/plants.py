"""Plants for tests: drawn at random with recirculation, and solved by fractions, which round nothing."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import NamedTuple

from hypothesis import strategies as st

from gateway.genealogy import Edge, Graph, Lot, Vector, mix, source


class Drawn(NamedTuple):
    lots: list[Lot]
    edges: list[Edge]  # kilograms are whole numbers, so that fractions are exact
    left: list[int]  # what was not taken from each lot

    def graph(self) -> Graph:
        return Graph.of(self.lots, self.edges)

    def into(self, name: str) -> list[Edge]:
        return [edge for edge in self.edges if edge.child == name]


def plant(seed: int, size: int, mixing: tuple[str, ...] = ("",)) -> Drawn:
    """Each lot takes some of any lots before it that are not used up; some are ground and so come back."""
    chance = random.Random(seed)
    lots: list[Lot] = []
    edges: list[Edge] = []
    left: list[int] = []
    for number in range(size):
        name = f"L{number}"
        open_ = [place for place in range(number) if left[place] > 0]
        if number < 3 or not open_ or chance.random() < 0.15:
            kg = chance.randint(1, 10) * 10 ** chance.randint(2, 6)
            lots.append(Lot(name, kg, number, recycled=round(chance.random(), 2), recycled_sigma=0.01))
            left.append(kg)
            continue
        total = 0
        rules = [chance.choice(mixing) for _ in range(4)]
        for place, rule in zip(
            chance.sample(open_, min(len(open_), chance.randint(1, 4))), rules, strict=False
        ):
            kg = max(1, int(left[place] * 10 ** chance.uniform(-5, 0)))
            left[place] -= kg
            total += kg
            edges.append(Edge(f"L{place}", name, kg, kg * 0.01, rule))
        lots.append(Lot(name, total, number, ground=chance.random() < 0.3))
        left.append(total)
    return Drawn(lots, edges, left)


def plants(size: int = 40, mixing: tuple[str, ...] = ("",)) -> st.SearchStrategy[Drawn]:
    return st.builds(plant, st.integers(0, 2**32), st.integers(4, size), st.just(mixing))


def fractions(drawn: Drawn, row: int = 0) -> list[dict[str, Fraction]]:
    """The composition of each lot, exactly; a lot with no inputs in this row has those of the other."""
    found: dict[str, dict[str, Fraction]] = {}
    for lot in drawn.lots:
        into = drawn.into(lot.name)
        counted = [edge for edge in into if edge.mixing != ("mixed", "fifo")[row]] or into
        total = sum(Fraction(edge.kg) for edge in counted)
        shares: dict[str, Fraction] = {} if into else {lot.name: Fraction(1)}
        for edge in counted:
            for name, share in found[edge.parent].items():
                shares[name] = shares.get(name, Fraction(0)) + share * Fraction(edge.kg) / total
        found[lot.name] = shares
    return [found[lot.name] for lot in drawn.lots]


def vectors(drawn: Drawn) -> dict[str, Vector]:
    """The same by `mix`, lot by lot, as the fold does it."""
    found: dict[str, Vector] = {}
    for lot in drawn.lots:
        into = drawn.into(lot.name)
        parts = [(found[edge.parent], edge.kg, edge.sigma_kg, edge.mixing) for edge in into]
        found[lot.name] = (
            mix(parts, ground=lot.ground) if parts else source(lot.name, lot.recycled, lot.recycled_sigma)
        )
    return found

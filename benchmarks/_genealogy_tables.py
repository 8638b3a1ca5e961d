"""A rebuilt plant as `gateway.genealogy.restate` asks for it, from arrays in memory."""

from __future__ import annotations

import numpy as np

from gateway.genealogy import Facts, Graph, Vector, rebuild
from gateway.genealogy.graph import GROUND, MIXING
from gateway.model import Ingredient


class Tables:
    """Edges and vectors by name."""

    def __init__(self, graph: Graph, names: list[str]) -> None:
        self.names, self._graph = names, graph
        self.number = {name: place for place, name in enumerate(names)}
        self._down = np.argsort(graph.parent, kind="stable")
        self._down_at = np.searchsorted(graph.parent[self._down], np.arange(len(graph) + 1))
        self._vector: list[Vector] = []
        own: dict[int, Vector] = {}
        for part in rebuild(graph):
            for place, lot in enumerate(part.own.tolist()):
                own[lot] = part.vector(place, names)
            self._vector += [own[lot] for lot in part.same_as.tolist()]

    def edges_into(self, lot: str) -> list[Ingredient]:
        graph, number = self._graph, self.number[lot]
        edges = range(int(graph.start[number]), int(graph.start[number + 1]))
        return [
            Ingredient(
                self.names[graph.parent[edge]],
                float(graph.edge_kg[edge]),
                float(graph.edge_sigma[edge]),
                MIXING[graph.mixing[edge]],
            )
            for edge in edges
        ]

    def children_of(self, lot: str) -> list[str]:
        number = self.number[lot]
        edges = self._down[self._down_at[number] : self._down_at[number + 1]]
        return [self.names[child] for child in self._graph.child[edges].tolist()]

    def vector_of(self, lot: str) -> Vector:
        return self._vector[self.number[lot]]

    def facts_of(self, lot: str) -> Facts:
        number = self.number[lot]
        return Facts(number, float(self._graph.kg[number]), bool(self._graph.flags[number] & GROUND))

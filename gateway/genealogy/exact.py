"""Exact shares, nothing cut off: (I - W) X = S solved in the order of making, level by level.

W holds the share that each edge has in its lot, S the sources, each all of itself. As every edge leads from an earlier
lot to a later one, I - W is triangular with ones on its diagonal: one pass solves it, without a division.
Memory is 8 bytes a lot for each source or lot asked for.

>>> from gateway.genealogy.graph import Edge, Graph, Lot
>>> lots = [Lot("resin", 100.0), Lot("other", 100.0), Lot("blend", 50.0, closed_ns=1)]
>>> graph = Graph.of(lots, [Edge("resin", "blend", 40.0), Edge("other", "blend", 10.0)])
>>> Exact(graph).source(0).tolist(), Exact(graph).lot(2).round(12).tolist()
([[1.0, 0.0, 0.8]], [[0.8, 0.2, 0.0]])
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gateway.genealogy.graph import Floats, Graph
from gateway.genealogy.levels import levels


class Exact:
    """Solves one graph for sources and for lots; rows are as in `gateway.model.Composition`."""

    def __init__(self, graph: Graph) -> None:
        self._size = len(graph)
        self._levels = levels(graph)
        edges = self._levels.edges
        self._parent = graph.parent[edges].astype(np.int64)
        self._counts = np.diff(graph.start)[self._levels.lots]
        rows = 2 if graph.two_rows else 1
        self._weights = [graph.weights(row)[edges] for row in range(rows)]
        self._spans = list(
            zip(
                self._levels.lot_at[:-1].tolist(),
                self._levels.lot_at[1:].tolist(),
                self._levels.edge_at[:-1].tolist(),
                self._levels.edge_at[1:].tolist(),
                strict=True,
            )
        )

    def source(self, source: int) -> Floats:
        """[rows, n]: the share of a source in every lot."""
        return self.sources([source])[:, :, 0]

    def lot(self, lot: int) -> Floats:
        """[rows, n]: the share of every source in a lot, 0 where a lot is no source."""
        return self.lots([lot])[:, :, 0]

    def sources(self, sources: Sequence[int]) -> Floats:
        """[rows, n, sources]: the shares of these sources in every lot."""
        found = np.zeros((len(self._weights), self._size, len(sources)))
        found[:, list(sources), np.arange(len(sources))] = 1.0
        first, lots, parent = self._levels.first, self._levels.lots, self._parent
        for row, weights in zip(found, self._weights, strict=True):
            for one, two, begin, end in self._spans:
                parts = row[parent[begin:end]]
                parts *= weights[begin:end, None]
                row[lots[one:two]] = np.add.reduceat(parts, first[one:two], axis=0)
        return found

    def lots(self, lots: Sequence[int]) -> Floats:
        """[rows, n, lots]: what these lots are made of. The same system transposed: solved from the last lot back."""
        found = np.zeros((len(self._weights), self._size, len(lots)))
        found[:, list(lots), np.arange(len(lots))] = 1.0
        own, parent, counts = self._levels.lots, self._parent, self._counts
        for row, weights in zip(found, self._weights, strict=True):
            for one, two, begin, end in reversed(self._spans):
                whole = row[own[one:two]]
                if not whole.any():
                    continue
                row[own[one:two]] = 0.0  # handed on to what it was made of
                parts = np.repeat(whole, counts[one:two], axis=0)
                parts *= weights[begin:end, None]
                np.add.at(row, parent[begin:end], parts)
        return found

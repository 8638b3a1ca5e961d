"""A whole plant as arrays: lots in the order they were made, and for each the edges that lead into it.

Rule 1: an edge leads from an earlier lot to a later one, so that one pass in this order computes everything.
Rule 2: nothing here is written to once it is made.

>>> lots = [Lot("resin", 100.0), Lot("blend", 50.0, closed_ns=1), Lot("regrind", 10.0, closed_ns=2, ground=True)]
>>> graph = Graph.of(lots, [Edge("resin", "blend", 50.0), Edge("blend", "regrind", 10.0)])
>>> graph.parent.tolist(), graph.start.tolist()
([0, 1], [0, 0, 1, 2])
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gateway.genealogy.errors import CannotMix, Overdrawn, SameLot, UnknownLot
from gateway.genealogy.order import in_order

GROUND, AGGREGATED = 1, 2  # bits of Graph.flags
MIXING = ("", "fifo", "mixed")  # codes 0, 1, 2 of Graph.mixing
SLACK_SIGMAS = 6.0  # more than that is no weighing error

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Lot(NamedTuple):
    """A node."""

    name: str
    kg: float
    closed_ns: int = 0
    kind: str = ""
    ground: bool = False
    aggregated: bool = False
    recycled: float = 0.0  # of a source: share of recycled content that its supplier declares
    recycled_sigma: float = 0.0


class Edge(NamedTuple):
    """Kilograms of one lot that went into another."""

    parent: str
    child: str
    kg: float
    sigma_kg: float = 0.0
    mixing: str = ""


@dataclass(frozen=True, eq=False)
class Graph:
    """`n` lots in order of making, `m` edges in the order of the lots they lead into (compressed rows)."""

    kg: Floats  # [n]
    closed_ns: Ints  # [n]
    kind: NDArray[np.uint8]  # [n], places in `kinds`
    flags: NDArray[np.uint8]  # [n], GROUND and AGGREGATED
    recycled: Floats  # [n], 0 for lots that are no source
    recycled_sigma: Floats  # [n]
    start: Ints  # [n + 1]: the edges into lot i are start[i] to start[i + 1]
    parent: NDArray[np.int32]  # [m]
    edge_kg: Floats  # [m]
    edge_sigma: Floats  # [m]
    mixing: NDArray[np.uint8]  # [m], places in MIXING
    kinds: tuple[str, ...] = ("",)
    names: Sequence[str] = ()

    @classmethod
    def of(cls, lots: Iterable[Lot], edges: Iterable[Edge]) -> Graph:
        """The graph of lots and edges given in any order.

        Raises SameLot, UnknownLot, CannotMix, Cycle and LaterInput. What was drawn is not weighed here: `overdrawn`.
        """
        given, links = list(lots), list(edges)
        number = {lot.name: place for place, lot in enumerate(given)}
        if len(number) < len(given):
            twice = next(lot.name for place, lot in enumerate(given) if number[lot.name] != place)
            raise SameLot(f"two lots are called {twice}")
        _check_lots(given)
        parent, child = _ends(links, number)
        order = in_order(np.array([lot.closed_ns for lot in given], np.int64), parent, child, [*number])
        rank = np.empty(len(given), np.int64)
        rank[order] = np.arange(len(given))
        parent, child = rank[parent], rank[child]
        rows = np.lexsort((parent, child))
        given, links = [given[place] for place in order], [links[place] for place in rows]
        kinds = tuple(sorted({lot.kind for lot in given}))
        return cls(
            np.array([lot.kg for lot in given], np.float64),
            np.array([lot.closed_ns for lot in given], np.int64),
            np.array([kinds.index(lot.kind) for lot in given], np.uint8),
            np.array([GROUND * lot.ground + AGGREGATED * lot.aggregated for lot in given], np.uint8),
            np.array([lot.recycled for lot in given], np.float64),
            np.array([lot.recycled_sigma for lot in given], np.float64),
            np.searchsorted(child[rows], np.arange(len(given) + 1)),
            parent[rows].astype(np.int32),
            np.array([edge.kg for edge in links], np.float64),
            np.array([edge.sigma_kg for edge in links], np.float64),
            np.array([MIXING.index(edge.mixing) for edge in links], np.uint8),
            kinds,
            tuple(lot.name for lot in given),
        )

    def __len__(self) -> int:
        return len(self.kg)

    @cached_property
    def child(self) -> NDArray[np.int32]:
        """[m]: the lot that each edge leads into."""
        return np.repeat(np.arange(len(self), dtype=np.int32), np.diff(self.start))

    @property
    def sources(self) -> Ints:
        """Lots from outside, in order."""
        return np.flatnonzero(np.diff(self.start) == 0)

    @cached_property
    def two_rows(self) -> bool:
        """Whether a vessel of unknown mixing makes two solves of it."""
        return bool(self.mixing.any())

    def weights(self, row: int) -> Floats:
        """[m]: the share that each edge has in its lot; 0 where the edge does not count in that row.

        A lot that has no inputs in one row, as the content of a vessel that is only mixed in the other, has the
        weights of the other row there. Raises CannotMix, naming the lot, where its inputs have no mass in either.
        """
        kg, total = self.counted(row)
        bad = np.flatnonzero(~(total > 0) & (np.diff(self.start) > 0))
        if bad.size:
            raise CannotMix(f"{self.name(int(bad[0]))}: its inputs have no mass")
        return _exactly_one(kg / total[self.child], self.child, self.start)

    def counted(self, row: int) -> tuple[Floats, Floats]:
        """[m] and [n]: kilograms of each edge that count in a row, and those into each lot."""
        kg, total = self._kilograms(row)
        if not self.two_rows:
            return kg, total
        other, its_total = self._kilograms(1 - row)
        return np.where(total[self.child] > 0, kg, other), np.where(total > 0, total, its_total)

    def _kilograms(self, row: int) -> tuple[Floats, Floats]:
        """[m] and [n]: what each edge brings in a row, and all edges into each lot."""
        kg = np.where(self.mixing == 2 - row, 0.0, self.edge_kg).astype(np.float64)
        total = np.bincount(self.child, kg, len(self)).astype(np.float64)
        return kg, total

    def name(self, lot: int) -> str:
        """The lot's name, or its number where the graph came without names."""
        return self.names[lot] if self.names else f"lot {lot}"

    def overdrawn(self) -> Ints:
        """Lots of which more was taken than they had, beyond six times what the weighings are uncertain by."""
        over = np.zeros(len(self), np.bool_)
        slack = (
            SLACK_SIGMAS * np.sqrt(np.bincount(self.parent, self.edge_sigma**2, len(self))) + 1e-9 * self.kg
        )
        for other in (1, 2):
            drawn = np.bincount(self.parent, np.where(self.mixing == other, 0.0, self.edge_kg), len(self))
            over |= drawn > self.kg + slack
        return np.flatnonzero(over)

    def check_drawn(self) -> None:
        """Raises Overdrawn, naming the first such lot."""
        for lot in self.overdrawn().tolist():
            drawn = float(self.edge_kg[self.parent == lot].sum())
            raise Overdrawn(f"{self.name(lot)} had {self.kg[lot]:g} kg, and {drawn:g} kg were taken from it")


def _exactly_one(share: Floats, child: NDArray[np.int32], start: Ints) -> Floats:
    """Shares rounded to multiples of 2^-52, what is left to 1 added to the largest of each lot, as `blend.mix` does."""
    share = (1.0 + share) - 1.0
    wholes = np.flatnonzero(np.diff(start))
    if not wholes.size:
        return share
    left, largest = np.zeros(len(start) - 1), np.zeros(len(start) - 1)
    left[wholes] = 1.0 - np.add.reduceat(share, start[wholes])
    largest[wholes] = np.maximum.reduceat(share, start[wholes])
    edges = np.flatnonzero(share == largest[child])
    edges = edges[np.flatnonzero(np.diff(child[edges], prepend=-1))]
    share[edges] += left[child[edges]]
    return share


def _check_lots(lots: Iterable[Lot]) -> None:
    for lot in lots:
        if not 0.0 <= lot.kg < np.inf:
            raise CannotMix(f"{lot.name}: {lot.kg} kg is no mass")
        if not (0.0 <= lot.recycled <= 1.0 and 0.0 <= lot.recycled_sigma < np.inf):
            raise CannotMix(f"{lot.name}: recycled content is a share from 0 to 1, not {lot.recycled}")


def _ends(edges: Sequence[Edge], number: dict[str, int]) -> tuple[Ints, Ints]:
    for edge in edges:
        for name in (edge.parent, edge.child):
            if name not in number:
                raise UnknownLot(f"the edge from {edge.parent} to {edge.child}: there is no lot {name}")
        if not (0.0 <= edge.kg < np.inf and 0.0 <= edge.sigma_kg < np.inf):
            raise CannotMix(f"{edge.child}: {edge.kg} +- {edge.sigma_kg} kg of {edge.parent} is no mass")
        if edge.mixing not in MIXING:
            raise CannotMix(f'{edge.child}: mixing is "", "fifo" or "mixed", not {edge.mixing!r}')
    parent = np.fromiter((number[edge.parent] for edge in edges), np.int64, len(edges))
    child = np.fromiter((number[edge.child] for edge in edges), np.int64, len(edges))
    return parent, child

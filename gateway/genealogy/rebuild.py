"""The compositions of a whole plant from its edges: `blend.mix` for many lots at once, the same to a few roundings.

Lots are taken in blocks in the order of making, a block level by level. Only what a later lot is made of stays in
memory. A lot with one composition under it, such as a box of a batch or a pallet of its boxes, shares its vector.
`blend.mix` also joins parts that were made apart and came out the same to the last bit, such as two grindings of one
batch; here they stay two, which changes roundings only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gateway.genealogy.arena import Arena
from gateway.genealogy.graph import GROUND, Floats, Graph, Ints
from gateway.genealogy.levels import Levels, lengths, levels
from gateway.genealogy.mixing import mixed
from gateway.genealogy.vector import Vector

BLOCK = 4_096  # lots: two days of a plant of 24 presses


@dataclass(frozen=True, eq=False)
class Rebuilt:
    """Lots `begin` to `end`, each with the number of the lot whose vector it shares; and the vectors that are new.

    The vector of lot `own[i]` has the sources `source[at[i] : at[i + 1]]`.
    """

    begin: int
    end: int
    same_as: Ints  # [end - begin]
    own: Ints  # [k] lots, in no order
    at: Ints  # [k + 1]
    source: NDArray[np.int32]  # [entries]: lots
    share: Floats  # [rows, entries]
    sigma: Floats  # [entries]
    tail: Floats  # [k, rows, 11], as in Vector
    tail_sigma: Floats  # [k, 2]: of the regrind share, of recycled content

    def vector(self, place: int, names: Sequence[str]) -> Vector:
        """The new vector at a place of `own`. Its sources are named by lot number."""
        part = slice(int(self.at[place]), int(self.at[place + 1]))
        return Vector.of(
            tuple(names[lot] for lot in self.source[part].tolist()),
            self.share[:, part].copy(),
            self.tail[place].copy(),
            np.concatenate((self.sigma[part], self.tail_sigma[place])),
        )

    def defect(self) -> float:
        """By how much shares and rest of any new vector miss 1 at most."""
        rest = self.tail[:, :, 1].T
        sums = np.add.reduceat(self.share, self.at[:-1], axis=1) + rest if len(self.own) else rest
        return float(np.abs(sums - 1.0).max(initial=0.0))


def rebuild(graph: Graph, block: int = BLOCK) -> Iterator[Rebuilt]:
    """The compositions of all lots, block by block."""
    size, rows = len(graph), 2 if graph.two_rows else 1
    order = levels(graph, block)
    weights = [graph.weights(row)[order.edges] for row in range(rows)]
    spread = _spreads(graph, rows, order.edges)
    last = np.zeros(size, np.int64)  # the last lot that is made of each
    last[graph.parent] = graph.child  # edges are sorted by it
    parents = graph.parent[order.edges]
    slot = np.full(size, -1, np.int64)
    is_source = np.diff(graph.start) == 0
    arena, live, level = Arena(rows), np.zeros(0, np.int64), 0
    spans = _spans(order)
    for begin in range(0, size, block):
        end = min(begin + block, size)
        kept = arena.slots
        sources = np.flatnonzero(is_source[begin:end]) + begin
        slot[sources] = arena.add_sources(sources, graph.recycled[sources], graph.recycled_sigma[sources])
        while level < len(spans) and order.lots[spans[level][0]] < end:
            one, two, first_edge, end_edge = spans[level]
            edges = slice(first_edge, end_edge)
            lots = order.lots[one:two]
            counts = lengths(order.first[one:two], end_edge - first_edge)
            ground = (graph.flags[lots] & GROUND) != 0
            slot[lots] = mixed(
                arena,
                lots,
                ground,
                np.repeat(np.arange(two - one), counts),
                slot[parents[edges]],
                np.array([weight[edges] for weight in weights]),
                np.array([variance[edges] for variance in spread]),
            )
            level += 1
        yield _told(arena, kept, begin, end, slot)
        live = np.concatenate((live, np.arange(begin, end)))
        live = live[last[live] >= end]
        slot[live] = arena.keep(slot[live])


def _spans(order: Levels) -> list[tuple[int, int, int, int]]:
    lot_at, edge_at = order.lot_at.tolist(), order.edge_at.tolist()
    return list(zip(lot_at[:-1], lot_at[1:], edge_at[:-1], edge_at[1:], strict=True))


def _spreads(graph: Graph, rows: int, edges: Ints) -> list[Floats]:
    """[rows][m]: variance of each weighing over the square of the lot's mass, in the order of `edges`."""
    found = []
    for row in range(rows):
        kg, total = graph.counted(row)
        counts = kg > 0.0 if rows == 2 else np.ones(len(kg), np.bool_)
        relative = np.where(counts, graph.edge_sigma, 0.0) / total[graph.child]
        found.append((relative * relative)[edges])
    return found


def _told(arena: Arena, kept: int, begin: int, end: int, slot: Ints) -> Rebuilt:
    new = slice(kept, arena.slots)
    first = int(arena.start[kept]) if arena.slots > kept else arena.used
    entries = slice(first, arena.used)
    return Rebuilt(
        begin,
        end,
        arena.lot[slot[begin:end]].copy(),
        arena.lot[new].copy(),
        np.append(arena.start[new], arena.used) - first,
        arena.source[entries].copy(),
        arena.share[:, entries].copy(),
        np.sqrt(arena.variance[entries]),
        arena.tail[new].copy(),
        np.sqrt(arena.tail_variance[new]),
    )

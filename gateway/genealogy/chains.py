"""Lots cut into chains: along one, each lot went into the next. What reaches one of them reaches all after it.

A plant that feeds regrind back is a handful of long chains (the content of a silo, of a bin, time after time) with
short ones hanging from them. Going along chains, any-trace needs tens of steps where going by edges needs one for
each fill of each vessel in years. (Chains as an index of reachability: Jagadish, ACM TODS 15, 1990, 558-598.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gateway.genealogy.graph import Graph
from gateway.genealogy.levels import levels

Places = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Chains:
    """Arrays to keep and to map into memory: everything that any-trace needs.

    A lot has a place, and the places of a chain follow one another. Of the lot at place p, forward edges lead to the
    places `below[below_at[p] : below_at[p + 1]]`, backward ones to `above[above_at[p] : above_at[p + 1]]`.
    """

    lot: Places  # [n]: the lot at each place
    place: Places  # [n]: the place of each lot
    begin: Places  # [n]: the first place of the chain of each place
    end: Places  # [n]: one behind its last
    below_at: Places  # [n + 1]
    below: Places  # [m]
    above_at: Places  # [n + 1]
    above: Places  # [m]

    @classmethod
    def of(cls, graph: Graph) -> Chains:
        """Chains of a graph."""
        size = len(graph)
        parent, child = graph.parent.astype(np.int64), graph.child.astype(np.int64)
        following = _following(graph, parent, child)
        head = np.ones(size, np.bool_)
        head[following[following >= 0]] = False
        chain, step = _numbered(following, np.flatnonzero(head))
        lot = np.lexsort((step, chain))
        place = np.empty(size, np.int64)
        place[lot] = np.arange(size)
        starts = np.flatnonzero(head[lot])
        lengths = np.diff(starts, append=size)
        parent, child = place[parent], place[child]
        down, up = np.lexsort((child, parent)), np.lexsort((parent, child))
        seats = np.arange(size + 1)
        arrays = (
            lot,
            place,
            np.repeat(starts, lengths),
            np.repeat(starts + lengths, lengths),
            np.searchsorted(parent[down], seats),
            child[down],
            np.searchsorted(child[up], seats),
            parent[up],
        )
        return cls(*(np.ascontiguousarray(array, dtype=np.int32) for array in arrays))


def _following(graph: Graph, parent: NDArray[np.int64], child: NDArray[np.int64]) -> NDArray[np.int64]:
    """[n]: the lot after each in its chain, -1 for the last.

    A child joins a parent of its own kind, a content its vessel's content before it, else the one with the longest way
    behind it; of the children that join one lot, that lot takes one by the same rule, with the longest way ahead.
    """
    found = np.full(len(graph), -1, np.int64)
    if not len(parent):
        return found
    behind, ahead = _ways(graph)
    same = graph.kind[parent] == graph.kind[child]
    best = np.lexsort((behind[parent], same, child))
    joined = best[np.flatnonzero(np.diff(child[best], append=-1))]  # the last edge of each child
    best = joined[np.lexsort((ahead[child[joined]], same[joined], parent[joined]))]
    taken = best[np.flatnonzero(np.diff(parent[best], append=-1))]
    found[parent[taken]] = child[taken]
    return found


def _ways(graph: Graph) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """[n]: edges of the longest way to each lot, and from it."""
    order = levels(graph)
    behind, ahead = np.zeros(len(graph), np.int64), np.zeros(len(graph), np.int64)
    behind[order.lots] = np.repeat(np.arange(1, len(order) + 1), np.diff(order.lot_at))
    counts = np.diff(graph.start)[order.lots]
    parents, children = graph.parent[order.edges], np.repeat(order.lots, counts)
    for level in range(len(order) - 1, -1, -1):
        begin, end = order.edge_at[level], order.edge_at[level + 1]
        np.maximum.at(ahead, parents[begin:end], ahead[children[begin:end]] + 1)
    return behind, ahead


def _numbered(
    following: NDArray[np.int64], heads: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The chain of each lot and its step in it: all chains walked at once, each lot once."""
    chain, step = np.zeros(len(following), np.int64), np.zeros(len(following), np.int64)
    at, number, count = heads, np.arange(len(heads)), 0
    while len(at):
        chain[at], step[at] = number, count
        at, count = following[at], count + 1
        on = at >= 0
        at, number = at[on], number[on]
    return chain, step

"""The order in which lots were made: by time, and where times are equal, inputs before what was made of them."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heapify, heappop, heappush

import numpy as np
from numpy.typing import NDArray

from gateway.genealogy.errors import Cycle, LaterInput

Ints = NDArray[np.int64]


def in_order(closed_ns: Ints, parent: Ints, child: Ints, names: Sequence[str], *, late: bool = False) -> Ints:
    """Lots, first made first. `parent` and `child` are the ends of the edges.

    Raises Cycle where a lot is its own forebear, LaterInput where it was made of one closed after it. With `late` that
    is borne, as where a correction brought an input that was scanned late: inputs come first all the same.
    """
    order = np.argsort(closed_ns, kind="stable")
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    if bool((rank[parent] < rank[child]).all()):
        return order.astype(np.int64)
    order = _sorted_by_inputs(rank, parent, child, names)
    wrong = np.flatnonzero(closed_ns[parent] > closed_ns[child])
    if wrong.size and not late:
        above, below = names[parent[wrong[0]]], names[child[wrong[0]]]
        raise LaterInput(f"{below} is said to be made of {above}, which was closed after it")
    return order


def _sorted_by_inputs(rank: Ints, parent: Ints, child: Ints, names: Sequence[str]) -> Ints:
    """Kahn's topological order (CACM 5, 1962, 558-562), the earliest of those that are ready first."""
    waits = np.bincount(child, minlength=len(rank)).tolist()
    below: list[list[int]] = [[] for _ in waits]
    for above, under in zip(parent.tolist(), child.tolist(), strict=True):
        below[above].append(under)
    earlier = rank.tolist()
    ready = [(earlier[lot], lot) for lot, count in enumerate(waits) if count == 0]
    heapify(ready)
    order: list[int] = []
    while ready:
        _, lot = heappop(ready)
        order.append(lot)
        for under in below[lot]:
            waits[under] -= 1
            if waits[under] == 0:
                heappush(ready, (earlier[under], under))
    if len(order) < len(waits):
        raise Cycle(
            f"{names[_on_cycle(waits, parent, child)]} is made of itself, by way of others or at once"
        )
    return np.array(order, np.int64)


def _on_cycle(waits: Sequence[int], parent: Ints, child: Ints) -> int:
    """A lot of a cycle: going up from a lot that waits, always to one that waits, comes back to it at last."""
    above = {
        under: lot
        for lot, under in zip(parent.tolist(), child.tolist(), strict=True)
        if waits[lot] and waits[under]
    }
    lot: int = next(iter(above))
    seen: set[int] = set()
    while lot not in seen:
        seen.add(lot)
        lot = above[lot]
    return lot

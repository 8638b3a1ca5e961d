"""Any-trace: every lot that can hold anything at all of a lot, or that it can hold anything of. The legal set.

How much is not asked: a link is a link. Times are not asked either, as no edge leads back in time.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gateway.genealogy.chains import Chains
from gateway.genealogy.levels import ranges

Ints = NDArray[np.int64]


def forward(chains: Chains, lots: Ints, wanted: NDArray[np.bool_] | None = None) -> Ints:
    """Every lot made of these, they themselves among them, sorted. `wanted` [n], by lot: only those."""
    return _reached(chains, np.atleast_1d(lots), wanted, back=False)


def backward(chains: Chains, lots: Ints, wanted: NDArray[np.bool_] | None = None) -> Ints:
    """Every lot these were made of, they themselves among them, sorted. `wanted` [n], by lot: only those."""
    return _reached(chains, np.atleast_1d(lots), wanted, back=True)


def _reached(chains: Chains, lots: Ints, wanted: NDArray[np.bool_] | None, *, back: bool) -> Ints:
    """Places are reached by stretches: from one on to the end of its chain, less what was reached before."""
    seen, linked = np.zeros(len(chains.lot), np.bool_), np.zeros(len(chains.lot), np.bool_)
    at, links, limit = (
        (chains.above_at, chains.above, chains.begin.copy())
        if back
        else (chains.below_at, chains.below, chains.end.copy())
    )  # limit, at the first place of a chain: how far the chain was reached
    fresh: NDArray[Any] = np.unique(chains.place[lots])
    found = []
    while len(fresh):
        chain = chains.begin[fresh]
        edge = np.flatnonzero(np.diff(chain, append=-1) if back else np.diff(chain, prepend=-1))
        best, chain = fresh[edge], chain[edge]  # of each chain the place that reaches most of it
        begin, end = (limit[chain], best + 1) if back else (best, limit[chain])
        limit[chain] = end if back else begin
        stretch = ranges(begin, end - begin)
        seen[stretch] = True
        found.append(stretch)
        first = at[stretch]
        linked[links[ranges(first, at[stretch + 1] - first)]] = True
        fresh = np.flatnonzero(linked > seen)
    reached = chains.lot[np.concatenate(found)]
    if wanted is not None:
        reached = reached[wanted[reached]]
    return np.sort(reached).astype(np.int64)

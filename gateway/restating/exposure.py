"""What was made of a lot, and how much of it is in there: from lot to lot, in the order of making.

A source is looked up in compositions, with their bound; a lot that was made here is followed by what went in. Lots with
less than a hundredth of the share that counts are not followed, so a share is wrong by at most a hundredth of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush
from typing import NamedTuple

from gateway.holds.spread import weighed
from gateway.model import LotMade
from gateway.restating.tables import Tables

FOLLOWED = 0.01  # of the share that counts


class Exposed(NamedTuple):
    """A lot that has some of the other in it."""

    made: LotMade
    low: float
    high: float


def exposed(tables: Tables, lot: str, share: float) -> Iterator[Exposed]:
    """Lots made of `lot`, in the order of making; those below a hundredth of `share` are left out."""
    least = max(share * FOLLOWED, 1e-6)
    rows: dict[str, tuple[float, float]] = {lot: (1.0, 1.0)}
    waiting: list[tuple[int, str]] = []
    queued: set[str] = {lot}
    _queue(tables, lot, waiting, queued)
    while waiting:
        _, name = heappop(waiting)
        made = tables.made(name)
        if made is None:
            continue
        rows[name], rest = _rows(made, lot, rows)
        low, high = min(rows[name]), min(max(rows[name]) + rest, 1.0)
        if high < least:
            continue
        yield Exposed(made, low, high)
        _queue(tables, name, waiting, queued)


def _queue(tables: Tables, lot: str, waiting: list[tuple[int, str]], queued: set[str]) -> None:
    for name in tables.children_of(lot):
        if name not in queued:
            queued.add(name)
            heappush(waiting, (tables.order(name), name))


def _rows(
    made: LotMade, lot: str, known: dict[str, tuple[float, float]]
) -> tuple[tuple[float, float], float]:
    held = made.composition
    if lot in held.sources:
        column = [row[held.sources.index(lot)] for row in held.shares]
        return (column[0], column[-1]), max(held.rest, default=0.0)
    fifo = mixed = 0.0
    for name, part in weighed(made.inputs):
        inside = known.get(name, (0.0, 0.0))
        fifo, mixed = fifo + part[0] * inside[0], mixed + part[1] * inside[1]
    return (fifo, mixed), 0.0

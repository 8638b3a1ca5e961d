"""A lot that is whole as rows of the genealogy's tables: a function of its event alone, so order changes nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from gateway.model import LotMade

HELD_FROM = 1e-3
"""A share from which on a lot is found by its source without looking through others."""

HELD_KINDS = frozenset({"batch", "shipment"})
"""What people ask for. Boxes and pallets are found on the way from the source: what they hold, lots before them held."""

NOT_APART = ""
"""Source of a holder whose rest is `HELD_FROM` or more."""


class MadeRow(NamedTuple):
    """A row of table `made`."""

    lot: str
    version: int
    seq: int
    cause: int
    kind: str
    cell: str
    time_ns: int
    kg: float


class HolderRow(NamedTuple):
    """A row of table `holders`."""

    source: str
    kind: str
    seq: int
    lot: str
    low: float
    high: float


def write_made(db: sqlite3.Connection, seq: int, cause: int, made: LotMade) -> None:
    """The rows of one event, inside the caller's transaction."""
    row = MadeRow(made.lot, made.version, seq, cause, made.kind, made.cell, made.time_ns, made.kg)
    db.execute(INSERT_MADE, row)
    db.executemany(
        INSERT_EDGE, [(parent, made.lot, seq) for parent in dict.fromkeys(edge.lot for edge in made.inputs)]
    )
    if made.kind in HELD_KINDS:
        held = made.composition
        found = holders(held.sources, held.shares, held.rest)
        db.executemany(INSERT_HOLDER, [(name, made.kind, seq, made.lot, *share) for name, share in found])


def holders(
    sources: Sequence[str], shares: Sequence[Sequence[float]], rest: Sequence[float]
) -> Iterable[tuple[str, tuple[float, float]]]:
    """Sources of which a composition may hold `HELD_FROM` or more, each with its least and most."""
    if len(shares) == 1:
        more = rest[0]
        from_ = HELD_FROM - more
        found = [(name, (x, x + more)) for name, x in zip(sources, shares[0], strict=True) if x >= from_]
    else:
        least = map(min, *shares)
        most = (max(x + more for x, more in zip(row, rest, strict=True)) for row in zip(*shares, strict=True))
        bounds = zip(least, most, strict=True)
        found = [(name, bound) for name, bound in zip(sources, bounds, strict=True) if bound[1] >= HELD_FROM]
    largest = max(rest)
    if largest >= HELD_FROM:
        found.append((NOT_APART, (0.0, largest)))
    return found


INSERT_MADE = "INSERT INTO made VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
INSERT_EDGE = "INSERT INTO made_of VALUES (?, ?, ?)"
INSERT_HOLDER = "INSERT INTO holders VALUES (?, ?, ?, ?, ?, ?)"

"""A lot that is whole as rows of the genealogy's tables, inside the caller's transaction.

Rule: answers never depend on the order in which events came. Only who stands together in a block of holders does.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray

from gateway.journal.codec import event_of
from gateway.journal.composed import Shares, bound_of, composition_row, shares_of
from gateway.model import Composition, LotMade

HELD_FROM = 1e-3
"""A share from which on a lot is found by its source without looking through others."""

HELD_KINDS = {"batch": 32, "shipment": 16}
"""What people ask for, and from how many of a kind on they go among the holders: one by one, each would be a row for
each of its sources. Boxes and pallets are found on the way from the source: what they hold, lots before them held."""

NOT_APART = ""
"""Source of a holder whose rest is `HELD_FROM` or more."""


Floats = NDArray[np.float64]


class Holder(NamedTuple):
    """A lot that holds a source: its share lies from low to high, weighing apart."""

    seq: int
    lot: str
    low: float
    high: float


def write_made(db: sqlite3.Connection, seq: int, cause: int, made: LotMade) -> None:
    """The rows of one event that was written just before; `Gathering` puts it among the holders."""
    db.execute(INSERT_MADE, (made.lot, made.version, seq, cause, made.kind, made.time_ns))
    db.executemany(INSERT_EDGE, [(edge.lot, made.lot, seq) for edge in made.inputs])


def lately(db: sqlite3.Connection, kind: str) -> Iterator[tuple[int, str, bytes]]:
    """Seq, body and composition of those that wait to be put among the holders, in order of seq."""
    for row in db.execute(_LATELY, (kind,)).fetchall():
        composition = _composition(row)
        if composition is not None:
            yield row[0], row[4], composition


def waiting(db: sqlite3.Connection, seq: int) -> tuple[str, bytes | None]:
    """Name and composition of one of them."""
    row = db.execute("SELECT * FROM told WHERE seq = ?", (seq,)).fetchone()
    return orjson.loads(row[4])["lot"], _composition(row)


def _composition(row: tuple[Any, ...]) -> bytes | None:
    if row[5] is not None:
        return bytes(row[5])
    made = event_of(*row).event  # one whose rows do not hang together
    evened = composition_row(_evened(made.composition)) if isinstance(made, LotMade) else None
    return evened.body if evened else None


def _evened(held: Composition) -> Composition:
    """Its shares alone, each row as long as it has sources; what it does not say is none."""
    width = len(held.sources)
    rows = tuple((*row, *([0.0] * width))[:width] for row in held.shares)
    rest = (*held.rest, *([1.0] * len(rows)))[: len(rows)]
    return Composition(held.sources, rows, (0.0,) * width, rest, ((0.0,),) * len(rows))


def holdings(held: Shares) -> tuple[list[str], Floats, Floats]:
    """Sources of which a composition may hold `HELD_FROM` or more: their names, least and most."""
    places = (held.most >= HELD_FROM).nonzero()[0]  # a half of np.flatnonzero's time
    names = list(map(held.sources.__getitem__, places.tolist()))
    least, most = held.least[places], held.most[places]
    if held.rest >= HELD_FROM:
        return [*names, NOT_APART], np.append(least, 0.0), np.append(most, held.rest)
    return names, least, most


def holding(composition: bytes, source: str) -> tuple[float, float] | None:
    """Of one source what `holdings` says; None for one that is not kept apart in the composition."""
    if source == NOT_APART:
        return 0.0, shares_of(composition).rest
    return bound_of(composition, source)


def holders_body(columns: Iterable[Sequence[object]]) -> str:
    """The holders of a source in one block: their seqs, lots, least and most shares."""
    return orjson.dumps(tuple(columns)).decode("utf-8")


def unpacked(body: str) -> Iterator[Holder]:
    """The holders of a block."""
    return map(_HOLDER, zip(*orjson.loads(body), strict=True))


_HOLDER = partial(tuple.__new__, Holder)  # `Holder._make` in a third of its time


INSERT_MADE = "INSERT INTO made VALUES (?, ?, ?, ?, ?, ?)"
INSERT_EDGE = "INSERT OR IGNORE INTO made_of VALUES (?, ?, ?)"  # two draws of one lot are one link
INSERT_LATELY = "INSERT INTO held_lately VALUES (?, ?)"
INSERT_HOLDERS = "INSERT OR REPLACE INTO holders VALUES (?, ?, ?, ?)"
_LATELY = "SELECT told.* FROM held_lately JOIN told USING (seq) WHERE held_lately.kind = ? ORDER BY seq"

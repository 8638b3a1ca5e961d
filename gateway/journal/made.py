"""A lot that is whole as rows of the genealogy's tables, inside the caller's transaction.

Rule: answers never depend on the order in which events came. Only who stands together in a block of holders does.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import orjson

from gateway.journal.codec import event_of
from gateway.journal.composed import Shares, bound_of, composition_row, shares_of
from gateway.model import Composition, LotMade

HELD_FROM = 1e-3
"""A share from which on a lot is found by its source without looking through others."""

HELD_KINDS = {"batch": 32, "shipment": 16}
"""What people ask for, and how many of a kind go among the holders at once: one by one, each would be a row for each of
its sources. Boxes and pallets are found on the way from the source: what they hold, lots before them held."""

NOT_APART = ""
"""Source of a holder whose rest is `HELD_FROM` or more."""


class Holder(NamedTuple):
    """A lot that holds a source: its share lies from low to high, weighing apart."""

    seq: int
    lot: str
    low: float
    high: float


Columns = tuple[list[int], list[str], list[float], list[float]]
"""Of a block of holders: seqs, lots, least and most shares."""


def write_made(db: sqlite3.Connection, seq: int, cause: int, made: LotMade) -> None:
    """The rows of one event that was written just before."""
    db.execute(INSERT_MADE, (made.lot, made.version, seq, cause, made.kind, made.time_ns))
    for edge in made.inputs:
        db.execute(INSERT_EDGE, (edge.lot, made.lot, seq))
    if made.kind in HELD_KINDS:
        db.execute(INSERT_LATELY, (made.kind, seq))
        count = db.execute("SELECT count(*) FROM held_lately WHERE kind = ?", (made.kind,)).fetchone()[0]
        if count >= HELD_KINDS[made.kind]:
            gather(db, made.kind)


def gather(db: sqlite3.Connection, kind: str) -> None:
    """Put what was made lately of a kind among the holders, as one block."""
    found: dict[str, Columns] = {}
    first = None
    for seq, body, composition in lately(db, kind):
        first = seq if first is None else first
        lot = orjson.loads(body)["lot"]
        for source, low, high in holdings(shares_of(composition)):
            columns = found.get(source)
            if columns is None:
                columns = found[source] = ([], [], [], [])
            columns[0].append(seq)
            columns[1].append(lot)
            columns[2].append(low)
            columns[3].append(high)
    if first is not None:
        rows = [
            (source, kind, first, orjson.dumps(found[source]).decode("utf-8")) for source in sorted(found)
        ]
        db.executemany(INSERT_HOLDERS, rows)
        db.execute("DELETE FROM held_lately WHERE kind = ?", (kind,))


def lately(db: sqlite3.Connection, kind: str) -> Iterable[tuple[int, str, bytes]]:
    """Seq, body and composition of those that are not among the holders yet, in order of seq."""
    for seq, cause, time_ns, name, body, composition in db.execute(_LATELY, (kind,)).fetchall():
        if composition is not None:
            yield seq, body, composition
            continue
        made = event_of(seq, cause, time_ns, name, body).event  # one whose rows do not hang together
        row = composition_row(_evened(made.composition)) if isinstance(made, LotMade) else None
        if row is not None:
            yield seq, body, row.body


def _evened(held: Composition) -> Composition:
    """Its shares alone, each row as long as it has sources; what it does not say is none."""
    width = len(held.sources)
    rows = tuple((*row, *([0.0] * width))[:width] for row in held.shares)
    rest = (*held.rest, *([1.0] * len(rows)))[: len(rows)]
    return Composition(held.sources, rows, (0.0,) * width, rest, ((0.0,),) * len(rows))


def holdings(held: Shares) -> Iterable[tuple[str, float, float]]:
    """Sources of which a composition may hold `HELD_FROM` or more: least and most."""
    places = np.flatnonzero(held.most >= HELD_FROM)
    sources = held.sources
    yield from zip(
        [sources[place] for place in places.tolist()],
        held.least[places].tolist(),
        held.most[places].tolist(),
        strict=True,
    )
    if held.rest >= HELD_FROM:
        yield NOT_APART, 0.0, held.rest


def holding(composition: bytes, source: str) -> tuple[float, float] | None:
    """Of one source what `holdings` says; None for one that is not kept apart in the composition."""
    if source == NOT_APART:
        return 0.0, shares_of(composition).rest
    return bound_of(composition, source)


def unpacked(body: str) -> list[Holder]:
    """The holders of a block."""
    return list(map(Holder._make, zip(*orjson.loads(body), strict=True)))


INSERT_MADE = "INSERT INTO made VALUES (?, ?, ?, ?, ?, ?)"
INSERT_EDGE = "INSERT OR IGNORE INTO made_of VALUES (?, ?, ?)"  # two draws of one lot are one link
INSERT_LATELY = "INSERT INTO held_lately VALUES (?, ?)"
INSERT_HOLDERS = "INSERT INTO holders VALUES (?, ?, ?, ?)"
_LATELY = "SELECT told.* FROM held_lately JOIN told USING (seq) WHERE held_lately.kind = ? ORDER BY seq"

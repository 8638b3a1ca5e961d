"""A lot that is whole as rows of the genealogy's tables, inside the caller's transaction.

Rule: answers never depend on the order in which events came. Only who stands together in a block of holders does.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray

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


Floats = NDArray[np.float64]


class Holder(NamedTuple):
    """A lot that holds a source: its share lies from low to high, weighing apart."""

    seq: int
    lot: str
    low: float
    high: float


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
    index: dict[str, int] = {}
    seqs: list[int] = []
    lots: list[str] = []
    parts: list[tuple[list[int], Floats, Floats]] = []
    for seq, body, composition in lately(db, kind):
        seqs.append(seq)
        lots.append(orjson.loads(body)["lot"])
        sources, least, most = holdings(shares_of(composition))
        parts.append(([index.setdefault(name, len(index)) for name in sources], least, most))
    if seqs:
        rows = [(source, kind, seqs[0], block) for source, block in _blocks(index, seqs, lots, parts)]
        db.executemany(INSERT_HOLDERS, rows)
        db.execute("DELETE FROM held_lately WHERE kind = ?", (kind,))


def _blocks(
    index: dict[str, int],
    seqs: list[int],
    lots: list[str],
    parts: Sequence[tuple[list[int], Floats, Floats]],
) -> Iterable[tuple[str, str]]:
    """Turned round: by source the JSON of its holders' seqs, lots, least and most shares."""
    source = np.concatenate([np.array(numbers, np.int64) for numbers, _, _ in parts])
    lot = np.repeat(np.arange(len(lots)), [len(numbers) for numbers, _, _ in parts])
    least = np.concatenate([each for _, each, _ in parts])
    most = np.concatenate([each for _, _, each in parts])
    order = np.argsort(source, kind="stable")
    ends = np.searchsorted(source[order], np.arange(len(index) + 1)).tolist()
    for name in sorted(index):
        begin, end = ends[index[name]], ends[index[name] + 1]
        which = order[begin:end]
        holders = lot[which].tolist()
        columns = [seqs[each] for each in holders], [lots[each] for each in holders]
        body = orjson.dumps((*columns, least[which].tolist(), most[which].tolist()))
        yield name, body.decode("utf-8")


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


def holdings(held: Shares) -> tuple[list[str], Floats, Floats]:
    """Sources of which a composition may hold `HELD_FROM` or more: their names, least and most."""
    places = np.flatnonzero(held.most >= HELD_FROM)
    names = [held.sources[place] for place in places.tolist()]
    least, most = held.least[places], held.most[places]
    if held.rest >= HELD_FROM:
        return [*names, NOT_APART], np.append(least, 0.0), np.append(most, held.rest)
    return names, least, most


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

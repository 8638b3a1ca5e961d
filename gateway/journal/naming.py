"""Events found by the lot they name, or by their kind, without looking through others.

Of a million events nearly all are lots: made, scanned, moved. Those are found by their own tables; all other kinds have
an index, and what names a lot stands by that lot.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator
from heapq import merge
from pathlib import Path

from gateway.journal.codec import event_of
from gateway.journal.errors import translated
from gateway.model import AlarmChanged, Event, Noted, NumberedEvent, Signal

OF_A_LOT = frozenset({
    "lot_held", "lot_released", "lot_suspect", "lot_result", "lot_recounted", "lot_disposition", "counted",
    "weight_differs", "label_printed", "label_refused",
})  # fmt: skip
"""Kinds of notes whose subject is a lot. Another one needs a schema that looks for those of before."""

FOR_A_LOT = "check_done"
"""A note about something else, with the lot among its facts."""

_NOT_INDEXED = frozenset({"LotMade", "LotChanged"})
_PAGE = 2_000  # rows of a statement


def named_in(event: Event) -> Collection[str]:
    """Lots that an event is found by."""
    if isinstance(event, Signal | AlarmChanged):
        lots: Collection[str] = dict.fromkeys(event.lots)
    elif not isinstance(event, Noted):
        return ()
    elif event.kind in OF_A_LOT:
        lots = (event.subject,)
    else:
        lot = event.facts.get("lot") if event.kind == FOR_A_LOT else None
        lots = (lot,) if isinstance(lot, str) else ()
    return [
        lot.encode("utf-8", "replace").decode("utf-8") for lot in lots
    ]  # half a character, as its body has it


def write_named(db: sqlite3.Connection, seq: int, event: Event) -> None:
    """The rows of an event that was written just before."""
    if lots := named_in(event):
        db.executemany("INSERT OR IGNORE INTO named VALUES (?, ?)", [(lot, seq) for lot in lots])


def events_naming(db: sqlite3.Connection, path: Path, lot: str) -> list[NumberedEvent]:
    """Signals and alarms that name a lot, and what was noted of it, by time."""
    with translated(path):
        rows = db.execute(_NAMING, (lot,)).fetchall()
    return [event_of(*row) for row in rows]


def by_kind(kinds: Collection[str]) -> bool:
    """Whether these kinds have an index."""
    return _NOT_INDEXED.isdisjoint(kinds)


def events_by_time(
    db: sqlite3.Connection, path: Path, kinds: Collection[str], t0: int, t1: int
) -> Iterator[NumberedEvent]:
    """Events of kinds that have an index, with times in [t0, t1), by (time, seq)."""
    for _, seq in merge(*(_places(db, path, kind, t0, t1) for kind in dict.fromkeys(kinds))):
        with translated(path):
            row = db.execute(_EVENT, (seq,)).fetchone()
        yield event_of(*row)


def _places(db: sqlite3.Connection, path: Path, kind: str, t0: int, t1: int) -> Iterator[tuple[int, int]]:
    """Time and seq of each event of a kind, in short reads."""
    after = (t0, -1)
    while True:
        with translated(path):
            rows = db.execute(_BY_TIME, (kind, *after, t1, _PAGE)).fetchall()
        yield from rows
        if len(rows) < _PAGE:
            return
        after = rows[-1]


def events_by_seq(
    db: sqlite3.Connection, path: Path, kinds: Collection[str], after: int, last: int
) -> Iterator[NumberedEvent]:
    """Events of kinds that have an index, with seq in (after, last], in order."""
    seqs: list[int] = []
    for kind in dict.fromkeys(kinds):
        with translated(path):
            seqs += [row[0] for row in db.execute(_BY_SEQ, (kind, after, last))]
    for seq in sorted(seqs):
        with translated(path):
            row = db.execute(_EVENT, (seq,)).fetchone()
        yield event_of(*row)


_EVENT = "SELECT * FROM told WHERE seq = ?"
_NAMING = "SELECT told.* FROM named JOIN told USING (seq) WHERE named.lot = ? ORDER BY time_ns, seq"
_OF_KIND = "FROM events WHERE kind = ? AND kind NOT IN ('LotMade', 'LotChanged')"  # as the index says it
_BY_TIME = f"""
    SELECT time_ns, seq {_OF_KIND} AND (time_ns, seq) > (?, ?) AND time_ns < ? ORDER BY time_ns, seq LIMIT ?
"""
_BY_SEQ = f"SELECT seq {_OF_KIND} AND seq > ? AND seq <= ?"

"""The genealogy's tables again, from the events alone: what they would be if every event were written now.

One transaction, in the order of the events; a page at a time, so that memory does not grow with the journal.
"""

from __future__ import annotations

import contextlib
import gc
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import orjson

from gateway.journal.database import open_for_writing
from gateway.journal.errors import decoding
from gateway.journal.lock import FolderLock
from gateway.journal.made import (
    HELD_KINDS,
    INSERT_LATELY,
    gather,
)
from gateway.journal.writing import transaction

TABLES = ("made", "made_of", "held_lately", "holders")
PAGE = 20_000  # events
BLOCK = 1_000  # lots that go among the holders at once: no daemon waits here
CACHE_KIB = 65_536


def rebuild_folder(folder: Path, paced: Callable[[range], Iterable[int]] = iter) -> int:
    """The tables of the journal or replica in a folder, while nobody else writes it; how many events. JournalError."""
    lock = FolderLock(folder)
    try:
        db = open_for_writing(folder)
        try:
            db.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
            with transaction(db, folder), _nothing_to_collect():
                return rebuild_made(db, folder, paced)
        finally:
            db.close()
    finally:
        lock.release()


@contextlib.contextmanager
def _nothing_to_collect() -> Iterator[None]:
    """Millions of tuples without a cycle among them: looking for one would take as long as the work."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def rebuild_made(db: sqlite3.Connection, path: Path, paced: Callable[[range], Iterable[int]] = iter) -> int:
    """Inside the caller's transaction. `paced` may watch the pages go by."""
    for table in TABLES:
        db.execute(f"DELETE FROM {table}")  # noqa: S608 # of constants
    for statement in _UNSORTED:
        db.execute(statement)
    last = int(db.execute("SELECT coalesce(max(seq), 0) FROM events").fetchone()[0])
    found = 0
    waiting: dict[str, list[tuple[str, int]]] = {kind: [] for kind in HELD_KINDS}
    for first in paced(range(1, last + 1, PAGE)):
        rows = db.execute(_PAGE, (first, first + PAGE - 1)).fetchall()
        found += len(rows)
        with decoding(f"{path}: an event from {first} on"):
            _write(db, rows, waiting)
            for kind, lots in waiting.items():
                if len(lots) >= BLOCK:
                    waiting[kind] = _hold(db, lots)
    for lots in waiting.values():
        db.executemany(INSERT_LATELY, _hold(db, lots))
    for statement in _SORTED:
        db.execute(statement)
    return found


def _write(
    db: sqlite3.Connection,
    rows: Iterable[tuple[int, int, int, str]],
    waiting: dict[str, list[tuple[str, int]]],
) -> None:
    made: list[tuple[object, ...]] = []
    edges: list[tuple[str, str, int]] = []
    for seq, cause, time_ns, body in rows:
        plain = orjson.loads(body)
        lot, kind = plain["lot"], plain["kind"]
        made.append((lot, plain["version"], seq, cause, kind, time_ns))
        edges += [(edge["lot"], lot, seq) for edge in plain["inputs"]]
        if kind in waiting:
            waiting[kind].append((kind, seq))
    db.executemany("INSERT INTO temp.unsorted_made VALUES (?, ?, ?, ?, ?, ?)", made)
    db.executemany("INSERT INTO temp.unsorted_edges VALUES (?, ?, ?)", edges)


def _hold(db: sqlite3.Connection, lots: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """All but the last few, in whole steps of what closing lots would gather; those that are left."""
    if not lots:
        return []
    kind = lots[0][0]
    whole = len(lots) - len(lots) % HELD_KINDS[kind]
    db.executemany(INSERT_LATELY, lots[:whole])
    gather(db, kind)
    return lots[whole:]


_UNSORTED = (
    "CREATE TEMP TABLE unsorted_made (lot, version, seq, cause, kind, time_ns)",
    "CREATE TEMP TABLE unsorted_edges (parent, lot, seq)",
)
_SORTED = (  # in the order of the keys: each page is written once
    "INSERT INTO made SELECT * FROM temp.unsorted_made ORDER BY lot, version, seq",
    "INSERT OR IGNORE INTO made_of SELECT * FROM temp.unsorted_edges ORDER BY parent, lot, seq",
    "DROP TABLE temp.unsorted_made",
    "DROP TABLE temp.unsorted_edges",
)
_PAGE = "SELECT seq, cause, time_ns, body FROM events WHERE seq BETWEEN ? AND ? AND kind = 'LotMade'"

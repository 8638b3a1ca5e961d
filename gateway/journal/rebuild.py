"""The genealogy's tables again, from the events alone: what they would be if every event were written now.

One transaction, in the order of the events; a page at a time, so that memory does not grow with the journal.
"""

from __future__ import annotations

import contextlib
import gc
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from operator import itemgetter
from pathlib import Path

from orjson import loads

from gateway.journal.database import open_for_writing
from gateway.journal.errors import decoding
from gateway.journal.holding import Waiting, hold
from gateway.journal.lock import FolderLock
from gateway.journal.made import HELD_KINDS, INSERT_EDGE, INSERT_LATELY, INSERT_MADE
from gateway.journal.writing import transaction

TABLES = ("made", "made_of", "held_lately", "holders")
PAGE = 20_000  # events
RUN = 200_000  # events whose rows are put in order of their keys: each page of the tables is written a few times only
AT_ONCE = 400  # rows of a statement
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
    last = int(db.execute("SELECT coalesce(max(seq), 0) FROM events").fetchone()[0])
    found = 0
    rows = _Rows(db)
    for first in paced(range(1, last + 1, PAGE)):
        page = db.execute(_PAGE, (first, first + PAGE - 1)).fetchall()
        found += len(page)
        with decoding(f"{path}: an event from {first} on"):
            rows.add(page)
    rows.end()
    return found


class _Rows:
    """Rows of many events, until they are written in the order of their keys."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._made: list[tuple[str, int, int, int, str, int]] = []
        self._edges: list[tuple[str, str, int]] = []
        self._waiting: dict[str, list[Waiting]] = {kind: [] for kind in HELD_KINDS}

    def add(self, page: Iterable[tuple[int, int, int, str, bytes | None]]) -> None:
        made, edges, waiting = self._made, self._edges, self._waiting
        for seq, cause, time_ns, body, composition in page:
            plain = loads(body)
            lot, kind = plain["lot"], plain["kind"]
            made.append((lot, plain.get("version", 1), seq, cause, kind, time_ns))
            for edge in plain["inputs"]:
                edges.append((edge["lot"], lot, seq))  # one or two: a comprehension takes longer
            if kind in waiting:
                waiting[kind].append(Waiting(seq, lot, composition))
        for kind, lots in self._waiting.items():
            while len(lots) >= BLOCK:
                hold(self._db, kind, lots[:BLOCK])
                del lots[:BLOCK]
        if len(self._made) >= RUN:
            self._write()

    def end(self) -> None:
        """What is left; the last lots wait, as they would had they just been closed."""
        self._write()
        for kind, lots in self._waiting.items():
            whole = len(lots) - len(lots) % HELD_KINDS[kind]
            if whole:
                hold(self._db, kind, lots[:whole])
            self._db.executemany(INSERT_LATELY, [(kind, each.seq) for each in lots[whole:]])

    def _write(self) -> None:
        self._made.sort(key=_FIRST)
        self._edges.sort(key=_FIRST)
        self._many(INSERT_MADE, self._made)
        self._many(INSERT_EDGE, self._edges)
        self._made.clear()
        self._edges.clear()

    def _many(self, insert: str, rows: Sequence[tuple[object, ...]]) -> None:
        """As executemany, many rows a statement: half of the time that a row takes is the statement's."""
        head, values = insert.split("(")
        for begin in range(0, len(rows), AT_ONCE):
            some = rows[begin : begin + AT_ONCE]
            self._db.execute(
                f"{head}({'), ('.join([values.rstrip(')')] * len(some))})", [*chain.from_iterable(some)]
            )


_FIRST = itemgetter(0)
_PAGE = """
    SELECT seq, cause, time_ns, body, composition FROM events WHERE seq BETWEEN ? AND ? AND kind = 'LotMade'
"""

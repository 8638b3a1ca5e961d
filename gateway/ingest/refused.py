"""Points that a database refused: dead letters beside the replica, one row a series, until they are sent again.

The replica holds the records whole; a row says which of them made points that the database does not have, and why.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

NAME = "refused-points.sqlite"
_MOST = 4_000  # characters of a line that are kept
_BUSY_S = 30.0

_SCHEMA = """
    CREATE TABLE IF NOT EXISTS refused (
        id INTEGER PRIMARY KEY,
        database TEXT NOT NULL,  -- its URL
        stream TEXT NOT NULL,
        series TEXT NOT NULL,    -- measurement and tags
        first INTEGER NOT NULL,  -- seqs of the records
        last INTEGER NOT NULL,
        points INTEGER NOT NULL,
        line TEXT NOT NULL,      -- the first of them
        reason TEXT NOT NULL,    -- the newest
        since_ns INTEGER NOT NULL,
        until_ns INTEGER NOT NULL,
        UNIQUE (database, stream, series)
    )
"""
_PUT = """
    INSERT INTO refused (database, stream, series, first, last, points, line, reason, since_ns, until_ns)
    VALUES (:database, :stream, :series, :first, :last, :points, :line, :reason, :now, :now)
    ON CONFLICT (database, stream, series) DO UPDATE SET
        points = points + CASE WHEN :first > last OR :last < first THEN :points ELSE 0 END,
        first = min(first, :first), last = max(last, :last), reason = :reason, until_ns = :now
"""


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """Points of one series that a database does not have."""

    id: int
    database: str
    stream: str
    series: str
    first: int
    last: int
    points: int
    line: str
    reason: str
    since_ns: int
    until_ns: int


class RefusedPoints:
    """Dead letters of one replica. The file is made with the first of them."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME

    def put(
        self, database: str, stream: str, points: Sequence[tuple[int, str]], reason: str, now_ns: int
    ) -> None:
        """Points as (seq, line), in order of seq within a series. Durable when it returns. Raises sqlite3.Error."""
        runs: dict[str, list[tuple[int, str]]] = {}
        for seq, line in points:
            runs.setdefault(series_of(line), []).append((seq, line))
        rows = [
            {
                "database": database, "stream": stream, "series": series[:_MOST], "points": len(run),
                "first": min(seq for seq, _ in run), "last": max(seq for seq, _ in run),
                "line": run[0][1][:_MOST], "reason": reason, "now": now_ns,
            }
            for series, run in runs.items()
        ]  # fmt: skip
        with self._open(write=True) as db, db:
            db.executemany(_PUT, rows)

    def rows(self) -> list[RefusedRow]:
        """All of them, oldest first. Raises sqlite3.Error."""
        if not self.path.exists():
            return []
        with self._open() as db:
            return [RefusedRow(*row) for row in db.execute("SELECT * FROM refused ORDER BY id")]

    def forget(self, row: RefusedRow) -> None:
        """It was sent again: what came in since stays. Raises sqlite3.Error."""
        with self._open(write=True) as db, db:
            db.execute("DELETE FROM refused WHERE id = ? AND last = ?", (row.id, row.last))

    @contextlib.contextmanager
    def _open(self, *, write: bool = False) -> Iterator[sqlite3.Connection]:
        where = self.path if write else f"{self.path.resolve().as_uri()}?mode=ro"
        db = sqlite3.connect(where, timeout=_BUSY_S, uri=not write)
        try:
            if write:
                db.execute("PRAGMA synchronous=FULL")
                db.execute(_SCHEMA)
            yield db
        finally:
            db.close()


def series_of(line: str) -> str:
    r"""Measurement and tags of a line: up to the first blank that is not escaped.

    >>> series_of(r"reading,cell=press\\ 1 value=1 7")
    'reading,cell=press\\\\ 1'
    """
    start = 0
    while (blank := line.find(" ", start)) > 0:
        if line[blank - 1] != "\\":
            return line[:blank]
        start = blank + 1
    return line


def count(folder: Path) -> int:
    """Points that databases refused of the replica in a folder. Raises sqlite3.Error."""
    return sum(row.points for row in RefusedPoints(folder).rows())

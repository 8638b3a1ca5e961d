"""At the quota the oldest readings become an overview, and a gap record says so. Alarms, lots, events stay for ever.

Rule 1: age is the order of the journal, never a clock: one that is wrong thins nothing before its turn.  Rule 2: what
is stored elsewhere goes, and nothing else, unless the site allows it.  Rule 3: nothing goes that a restart would fold
again: readings after the oldest snapshot stay.  Rule 4: of each chunk its overview stays: of every value how many were
usable, the least, the greatest and the sum, over an hour or less.

Records, index and overviews go in one transaction; then the bytes are given back to the file system as a hole in the
month's file, which is left out where it cannot make one, and the file goes when no chunk is named in it any more.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path

import orjson

from gateway.journal.chunk import header_of, header_size
from gateway.journal.chunkfile import file_of, labels, sync_folder
from gateway.journal.errors import JournalCorrupt, translated
from gateway.journal.writing import transaction

QUOTA = "quota"  # reason in a gap record
CHUNKS_MOST = 500  # in one step, between two commits
_FRONT = 8192
_KEEP_SIZE, _PUNCH_HOLE = 1, 2  # linux/falloc.h


@dataclass(frozen=True, slots=True)
class Thinned:
    """What one step took."""

    first: int  # seq
    last: int
    from_ns: int
    to_ns: int
    readings: int
    bytes: int

    def and_(self, more: Thinned) -> Thinned:
        """Both."""
        return Thinned(
            min(self.first, more.first), max(self.last, more.last), min(self.from_ns, more.from_ns),
            max(self.to_ns, more.to_ns), self.readings + more.readings, self.bytes + more.bytes,
        )  # fmt: skip


def thin(
    db: sqlite3.Connection, folder: Path, path: Path, wanted: int, now_ns: int, held: int | None = None
) -> Thinned | None:
    """Thin about so many bytes of the oldest readings; None where nothing may go.

    `held`: inputs 1..held are stored elsewhere; None: they need not be.
    """
    with translated(path):
        kept = db.execute("SELECT coalesce(min(seq), 0) FROM snapshots").fetchone()[0]
        most = kept if held is None else min(kept, held)
        rows, taken = [], 0
        for row in db.execute(_OLDEST, (most, CHUNKS_MOST)):
            rows.append(row)
            taken += row[_LENGTH]
            if taken >= wanted:
                break
    if not rows:
        return None
    overviews = [(*row[:_OVERVIEW], _summaries(folder, row)) for row in rows]
    with transaction(db, path):
        db.executemany("INSERT OR REPLACE INTO overviews VALUES (?, ?, ?, ?, ?, ?, ?)", overviews)
        db.executemany("DELETE FROM chunks WHERE group_id = ? AND bin = ? AND first_seq = ?",
                       [(row[0], row[6], row[2]) for row in rows])  # fmt: skip
        for month in sorted({row[7][:7] for row in rows}):
            _record(db, month, [row for row in rows if row[7][:7] == month], now_ns)
    _give_back(db, folder, path, rows)
    return Thinned(
        min(row[2] for row in rows), max(row[3] for row in rows), min(row[1] for row in rows),
        max(row[4] for row in rows), sum(row[5] for row in rows), taken,
    )  # fmt: skip


def _record(db: sqlite3.Connection, month: str, rows: list[tuple[int, ...]], now_ns: int) -> None:
    """One gap record for a month, which grows: its numbers are a stretch of the journal's order."""
    first, last = min(row[2] for row in rows), max(row[3] for row in rows)
    t0, t1, readings = min(row[1] for row in rows), max(row[4] for row in rows), sum(row[5] for row in rows)
    before = db.execute(_BEFORE, (month, QUOTA)).fetchone()
    if before is not None:
        db.execute("DELETE FROM gaps WHERE month = ? AND first_seq = ?", (month, before[0]))
        first, last, readings = min(first, before[0]), max(last, before[1]), readings + before[4]
        t0, t1 = min(t0, before[2]), max(t1, before[3])
    row = (month, first, last, t0, t1, readings, QUOTA, now_ns)
    db.execute("INSERT OR REPLACE INTO gaps VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)


def _summaries(folder: Path, row: tuple[int, ...]) -> str:
    """Of a chunk's header; of one that is damaged there is none."""
    path = file_of(folder, str(row[7]))
    with contextlib.suppress(OSError, JournalCorrupt), path.open("rb") as file:
        front = os.pread(file.fileno(), min(row[_LENGTH], _FRONT), row[8])
        if header_size(front) > len(front):
            front = os.pread(file.fileno(), min(row[_LENGTH], header_size(front)), row[8])
        return orjson.dumps(header_of(front).summaries).decode()
    return "[]"


def _give_back(db: sqlite3.Connection, folder: Path, path: Path, rows: list[tuple[int, ...]]) -> None:
    for label in sorted({str(row[7]) for row in rows}):
        file = file_of(folder, label)
        with translated(path):
            named = db.execute("SELECT 1 FROM chunks WHERE month = ? LIMIT 1", (label,)).fetchone()
        with translated(file):
            if not named and label in labels(folder):
                file.unlink(missing_ok=True)
                sync_folder(folder)
            elif named and file.exists():
                _punch(file, [(row[8], row[_LENGTH]) for row in rows if str(row[7]) == label])


def _punch(file: Path, places: list[tuple[int, int]]) -> None:
    """Holes where chunks were; a file system that makes none keeps the bytes until the whole file goes."""
    libc = ctypes.CDLL(None, use_errno=True)
    number = os.open(file, os.O_WRONLY | os.O_CLOEXEC)
    try:
        for start, length in joined(places):
            at, size = ctypes.c_longlong(start), ctypes.c_longlong(length)
            if libc.fallocate64(number, _KEEP_SIZE | _PUNCH_HOLE, at, size):
                return
    finally:
        os.close(number)


def joined(places: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Stretches side by side as one: a hole frees only the blocks that lie whole in it.

    >>> joined([(10, 5), (0, 10), (20, 1)])
    [(0, 15), (20, 1)]
    """
    found: list[tuple[int, int]] = []
    for start, length in sorted(places):
        if found and sum(found[-1]) == start:
            found[-1] = (found[-1][0], found[-1][1] + length)
        else:
            found.append((start, length))
    return found


_OVERVIEW, _LENGTH = 6, 9  # columns of an overview; place of the length
_OLDEST = """
    SELECT group_id, t0, first_seq, last_seq, t1, count, bin, month, start, length FROM chunks
    WHERE last_seq <= ? ORDER BY last_seq LIMIT ?
"""
_BEFORE = "SELECT first_seq, last_seq, t0, t1, readings FROM gaps WHERE month = ? AND reason = ?"

"""Old readings go, a month at a time, and a gap record says so. Lots, alarms and all other events stay for ever.

Rule 1: a wrong clock never deletes history. A month's age counts where the clock rows it was read under were
synchronised, or where something later in the journal, read under such a row, is old enough itself.  Rule 2: what is to
be forwarded goes only when it is durably held elsewhere (cursor `STORED`).  Rule 3: one month a day at most: a clock
that is far off and believed costs a month, and gives a day's time to see it.

The record and the index go in one transaction, the files after it; a file left by a crash in between goes at the next
opening, as nothing names it any more. So goes the file of a day whose chunks have all been merged.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from gateway.journal.chunkfile import file_of, is_day, labels, month_of, sync_folder
from gateway.journal.errors import translated
from gateway.journal.pack import WINDOW_NS
from gateway.journal.writing import transaction

DAY_NS = 86_400_000_000_000
STORED = "stored"  # cursor: what the ingest worker says to hold durably


def expire(
    db: sqlite3.Connection,
    folder: Path,
    path: Path,
    before_ns: int,
    now_ns: int,
    reason: str,
    held: int | None = None,
) -> str | None:
    """Remove the oldest month that ended before a time and may go; which one.

    `held`: inputs 1..held are durably elsewhere; None: they need not be.
    """
    with translated(path):
        month = None if _one_went_today(db, now_ns) else _oldest(db, before_ns, held)
    if month is not None:
        with transaction(db, path):
            db.execute(_GAP, (month, reason, now_ns, month, _to(month)))
            db.execute("DELETE FROM chunks WHERE month BETWEEN ? AND ?", (month, _to(month)))
    sweep(db, folder, path)
    return month


def _one_went_today(db: sqlite3.Connection, now_ns: int) -> bool:
    return db.execute(_LATELY, (now_ns - DAY_NS, now_ns)).fetchone() is not None


def _oldest(db: sqlite3.Connection, before_ns: int, held: int | None) -> str | None:
    for month, first, last in db.execute(_ENDED, (month_of(before_ns // WINDOW_NS),)).fetchall():
        if held is not None and last > held:
            continue
        unsure = db.execute(_UNSURE, {"first": first, "last": last}).fetchone() is not None
        if not unsure or db.execute(_OLD_AFTER, (last, before_ns)).fetchone() is not None:
            return str(month)
    return None


def sweep(db: sqlite3.Connection, folder: Path, path: Path) -> list[str]:
    """Remove files of months that retention took, and of days that were merged, where no chunk is in; which ones.

    While no helper runs: what it has appended is named later.
    """
    with translated(path):
        taken = {row[0] for row in db.execute("SELECT DISTINCT month FROM gaps")}
        found = [
            label
            for label in labels(folder)
            if (is_day(label) or label in taken) and db.execute(_NAMED, (label,)).fetchone() is None
        ]
    for label in found:
        with translated(file_of(folder, label)):
            file_of(folder, label).unlink(missing_ok=True)
    if found:
        with translated(folder):
            sync_folder(folder)
    return found


def _to(month: str) -> str:
    """Behind the labels of a month's files: 2026-11 and 2026-11-22-4711."""
    return f"{month}~"


_ENDED = """
    SELECT substr(month, 1, 7) AS ended, min(first_seq), max(last_seq) FROM chunks WHERE month < ?
    GROUP BY ended ORDER BY ended
"""
_LATELY = "SELECT 1 FROM gaps WHERE removed_ns > ? AND removed_ns <= ? AND reason <> 'quota'"
# Every input but a reading is a row, clock rows come as settings: the newest before a reading names its clock.
_UNSURE = """
    SELECT 1 FROM (
        SELECT clock_id FROM inputs WHERE seq > :first AND seq < :last
        UNION SELECT (SELECT clock_id FROM inputs WHERE seq < :first ORDER BY seq DESC LIMIT 1)
    ) LEFT JOIN clock_rows USING (clock_id) WHERE NOT coalesce(synchronised, 0) LIMIT 1
"""
_OLD_AFTER = """
    SELECT 1 FROM inputs JOIN clock_rows USING (clock_id) WHERE seq > ? AND synchronised AND time_ns < ? LIMIT 1
"""
_GAP = """
    INSERT OR REPLACE INTO gaps
    SELECT ?, min(first_seq), max(last_seq), min(t0), max(t1), sum(count), ?, ? FROM chunks
    WHERE month BETWEEN ? AND ?
"""
_NAMED = "SELECT 1 FROM chunks WHERE month = ? LIMIT 1"

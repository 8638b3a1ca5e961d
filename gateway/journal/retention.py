"""Old readings go, a month file at a time, and a gap record says so. Lots, alarms and all other events stay for ever.

The record and the index go in one transaction, the file after it; a file left by a crash in between goes at the next
opening, as nothing names it any more.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from gateway.journal.chunkfile import file_of, month_of, sync_folder
from gateway.journal.errors import translated
from gateway.journal.pack import WINDOW_NS
from gateway.journal.writing import transaction

DAY_NS = 86_400_000_000_000


def expire(
    db: sqlite3.Connection, folder: Path, path: Path, before_ns: int, now_ns: int, reason: str
) -> list[str]:
    """Remove the months that ended before a time; which ones."""
    with translated(path):
        months = [row[0] for row in db.execute(_ENDED, (month_of(before_ns // WINDOW_NS),))]
    for month in months:
        with transaction(db, path):
            db.execute(_GAP, (reason, now_ns, month))
            db.execute("DELETE FROM chunks WHERE month = ?", (month,))
    sweep(db, folder, path)
    return months


def sweep(db: sqlite3.Connection, folder: Path, path: Path) -> list[str]:
    """Remove files of months that retention took and no chunk is in; which ones."""
    with translated(path):
        taken = [row[0] for row in db.execute(_TAKEN)]
    found = [month for month in taken if file_of(folder, month).exists()]
    for month in found:
        with translated(file_of(folder, month)):
            file_of(folder, month).unlink(missing_ok=True)
    if found:
        with translated(folder):
            sync_folder(folder)
    return found


_ENDED = "SELECT DISTINCT month FROM chunks WHERE month < ? ORDER BY month"
_GAP = """
    INSERT OR REPLACE INTO gaps
    SELECT month, min(first_seq), max(last_seq), min(t0), max(t1), sum(count), ?, ? FROM chunks WHERE month = ?
    GROUP BY month
"""
_TAKEN = "SELECT DISTINCT month FROM gaps WHERE month NOT IN (SELECT month FROM chunks)"

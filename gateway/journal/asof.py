"""What a journal knew at a time: its events up to one, in the order in which they were committed.

The truth is the journal's order, not any clock. A time is looked up in the wall times that its inputs were stamped
with when they came, by the clock row that was in force then: the last input up to that time, and with it all before it.
A scan may come long after its own time, so scans count only up to the next input of another kind. A clock that stepped
back later changes nothing; what a boot without a confirmed clock stamped is taken as it is. Lots that were imported
have no input: each counts from its own time on.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

import numpy as np

from gateway.journal.chunkfile import ChunkFiles
from gateway.journal.errors import translated
from gateway.journal.pack import Rows, unpack


def made_upto(db: sqlite3.Connection, path: Path, files: ChunkFiles, time_ns: int) -> int:
    """The newest event about a lot that was whole at a time; 0 where there was none yet. Raises JournalError."""
    with translated(path):
        known = files.looked_up(lambda: _input_upto(db, files, time_ns))
        caused = db.execute("SELECT coalesce(max(seq), 0) FROM made WHERE cause BETWEEN 1 AND ?", (known,))
        imported = db.execute(_IMPORTED, {"time_ns": time_ns, "known": known})
        return max(int(caused.fetchone()[0]), int(imported.fetchone()[0]))


def _input_upto(db: sqlite3.Connection, files: ChunkFiles, time_ns: int) -> int:
    """The last input up to a time, by journal order."""
    newest = int(db.execute(_WHOLE, {"time_ns": time_ns}).fetchone()[0])
    asked = "SELECT pack FROM hot WHERE t0 <= ? AND t1 > ? AND last_seq > ?"
    torn = [unpack(row[0]) for row in db.execute(asked, (time_ns, time_ns, newest))]
    asked = "SELECT month, start, length FROM chunks WHERE t0 <= ? AND t1 > ? AND last_seq > ?"
    torn += [files.rows(*place) for place in db.execute(asked, (time_ns, time_ns, newest)).fetchall()]
    newest = max([newest, *(_last(rows, time_ns) for rows in torn)])
    following = [
        int(db.execute(_NEXT, {"newest": newest}).fetchone()[0]),
        *(_next(rows, newest) for rows in torn),
    ]
    bounds = {"newest": newest, "next": min(following), "time_ns": time_ns}
    return int(db.execute(_SCANS, bounds).fetchone()[0])


def _last(rows: Rows, time_ns: int) -> int:
    return int(np.max(rows.seq[rows.time_ns <= time_ns], initial=0))


def _next(rows: Rows, newest: int) -> int:
    return int(np.min(rows.seq[rows.seq > newest], initial=_NEVER))


_NEVER = 2**63 - 1
_WHOLE = """
    SELECT max(coalesce((SELECT max(seq) FROM inputs WHERE kind <> 'Scan' AND time_ns <= :time_ns), 0),
               coalesce((SELECT max(last_seq) FROM hot WHERE t1 <= :time_ns), 0),
               coalesce((SELECT max(last_seq) FROM chunks WHERE t1 <= :time_ns), 0))
"""
_NEXT = """
    SELECT min(coalesce((SELECT min(seq) FROM inputs WHERE kind <> 'Scan' AND seq > :newest), 9223372036854775807),
               coalesce((SELECT min(first_seq) FROM hot WHERE first_seq > :newest), 9223372036854775807),
               coalesce((SELECT min(first_seq) FROM chunks WHERE first_seq > :newest), 9223372036854775807))
"""
_SCANS = """
    SELECT max(:newest, coalesce((SELECT max(seq) FROM inputs WHERE seq BETWEEN :newest AND :next
                                  AND time_ns <= :time_ns), 0))
"""
_IMPORTED = """
    SELECT coalesce(max(seq), 0) FROM made
    WHERE cause = 0 AND time_ns <= :time_ns
      AND seq < coalesce((SELECT min(seq) FROM made WHERE cause > :known), 9223372036854775807)
"""

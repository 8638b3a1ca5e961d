"""What was scanned last at each scan point, and what people entered last, looked for from the journal's end."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import NamedTuple

from gateway.journal.codec import InputRow, input_of
from gateway.journal.errors import translated
from gateway.journal.heads import last_instant_of
from gateway.model import NumberedInput, Scan, Setting

LOOKED_AT = 2_000  # newest inputs that are no readings: some 20 ms, and half an hour of a tick a second


class LastScan(NamedTuple):
    """The newest committed scan of a point."""

    scan: Scan
    ran_ns: int  # from the scan to the newest committed input, less the time that the gateway was away


def last_scans(db: sqlite3.Connection, path: Path) -> dict[str, LastScan]:
    """By scan point. A point whose newest scan is further back than `LOOKED_AT` inputs is not among them."""
    found: dict[str, LastScan] = {}
    with translated(path):
        newest = last_instant_of(db)
        rows = db.execute(_NEWEST_FIRST, (LOOKED_AT,)).fetchall()
    if newest is None:
        return found
    away_ns = 0
    for columns in rows:
        given = input_of(InputRow(*columns), None)
        if isinstance(given, Setting):  # the query gives starts only
            stopped_ns = given.body.get("stopped_ns")
            away_ns += given.at.time_ns - stopped_ns if isinstance(stopped_ns, int) else 0
        elif isinstance(given, Scan) and given.point not in found:
            ran_ns = newest.time_ns - given.at.time_ns - away_ns
            found[given.point] = LastScan(given, max(ran_ns, 0))
    return found


def last_entries(db: sqlite3.Connection, path: Path, before: int, most: int) -> list[NumberedInput]:
    """What people entered, the newest first, of numbers below `before`."""
    with translated(path):
        rows = db.execute(_ENTRIES, (before, most)).fetchall()
    return [NumberedInput(row[0], input_of(InputRow(*row), None)) for row in rows]


_ENTRIES = "SELECT * FROM inputs WHERE kind = 'Entry' AND seq < ? ORDER BY seq DESC LIMIT ?"
_NEWEST_FIRST = """
    SELECT * FROM (SELECT * FROM inputs ORDER BY seq DESC LIMIT ?)
    WHERE kind = 'Scan' OR kind = 'Setting' AND json_extract(body, '$.kind') = 'start' ORDER BY seq DESC
"""

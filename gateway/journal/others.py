"""Inputs that are no readings, by time: scans, entries, settings."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

from gateway.journal.codec import InputRow, input_of
from gateway.journal.errors import translated
from gateway.journal.history import PAGE
from gateway.model import NumberedInput


def others_between(
    db: sqlite3.Connection, path: Path, t0: int, t1: int, kinds: Sequence[str]
) -> Iterator[NumberedInput]:
    """Scans ("Scan") and entries ("Entry") with wall time in [t0, t1), in the order of the journal."""
    after, wanted = 0, json.dumps(list(kinds))
    while True:
        with translated(path):
            rows = db.execute(_OTHERS_BETWEEN, (after, wanted, t0, t1, PAGE)).fetchall()
        yield from (NumberedInput(row[0], input_of(InputRow(*row), None)) for row in rows)
        if len(rows) < PAGE:
            return
        after = rows[-1][0]


_OTHERS_BETWEEN = """
    SELECT * FROM inputs
    WHERE seq > ? AND kind IN (SELECT value FROM json_each(?)) AND time_ns >= ? AND time_ns < ?
    ORDER BY seq LIMIT ?
"""

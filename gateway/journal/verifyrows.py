"""What tables say about records, compared with the records: places, times and counts of packs and chunks; indices.

These columns are in no leaf, for they can be made again of what is; so they are made again here.
"""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

from gateway.journal.chunkfile import ChunkFiles, ChunkMoved
from gateway.journal.codec import InputRow, event_of, input_of, site_of
from gateway.journal.database import NAME, migrate, open_for_reading
from gateway.journal.errors import JournalCorrupt, translated
from gateway.journal.naming import FOR_A_LOT, OF_A_LOT
from gateway.journal.pack import WINDOW_NS, Rows, unpack
from gateway.journal.writing import Records
from gateway.model import NumberedInput

INDICES = ("configs", "clock_rows", "lot_changes", "lot_parents", "alarms", "made", "made_of", "named")
_PAGE = 2_000


def rows_wrong(folder: Path) -> Iterator[str]:
    """What does not fit, in words."""
    path = folder / NAME
    db = open_for_reading(folder)
    try:
        with translated(path):
            yield from _integrity(db)
            yield from _packs(db)
            yield from _chunks(db, folder)
            yield from _strays(db)
            yield from _indices(db)
    finally:
        db.close()


def _integrity(db: sqlite3.Connection) -> Iterator[str]:
    for (words,) in db.execute("PRAGMA integrity_check(20)").fetchall():
        if words != "ok":
            yield f"the database: {words}"


def _packs(db: sqlite3.Connection) -> Iterator[str]:
    for first, *told, pack in db.execute(_HOT):
        try:
            rows = unpack(pack)
        except (JournalCorrupt, TypeError) as error:
            yield f"readings from input {first} on: {error}"
            continue
        if [first, *told] != _said(rows):
            yield f"readings from input {first} on: their row does not say what they are"


def _chunks(db: sqlite3.Connection, folder: Path) -> Iterator[str]:
    files = ChunkFiles(folder, db)
    widest = 0
    for first, *told, bins, month, start, length in db.execute(_CHUNKS).fetchall():
        try:
            rows = files.rows(month, start, length)
        except ChunkMoved:  # merged meanwhile, which is checked then; or gone by retention
            continue
        except (JournalCorrupt, ValueError, KeyError, TypeError) as error:
            yield f"{month}, byte {start}: {error}"
            continue
        if [first, *told] != _said(rows) or not _in_windows(rows, told[1], bins):
            yield f"{month}, byte {start}: the row of this chunk does not say what is in it"
        widest = max(widest, told[0] - first)
    span = db.execute("SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'chunk_span'").fetchone()
    if (span[0] if span else 0) < widest:
        yield "chunk_span is too small: readings would not be found by number"


def _in_windows(rows: Rows, window: int, bins: int) -> bool:
    windows = rows.time_ns // WINDOW_NS
    return bool(windows.min() == window and windows.max() < window + bins)


def _said(rows: Rows) -> list[int]:
    """first_seq, last_seq, window, count, points, t0, t1."""
    times = int(rows.time_ns.min()), int(rows.time_ns.max())
    window = int(rows.time_ns.min()) // WINDOW_NS
    return [int(rows.seq[0]), int(rows.seq[-1]), window, len(rows), rows.quality.shape[1], *times]


def _strays(db: sqlite3.Connection) -> Iterator[str]:
    for table, column in (
        ("inputs", "seq"),
        ("events", "seq"),
        ("hot", "first_seq"),
        ("chunks", "first_seq"),
    ):
        asked = f"SELECT count(*) FROM {table} WHERE {column} < 1"  # noqa: S608 # of the words above
        count = db.execute(asked).fetchone()[0]
        if count:
            yield f"{count} rows of {table} have numbers below 1"


def _indices(db: sqlite3.Connection) -> Iterator[str]:
    """Made again, in a file that goes away, and compared."""
    with tempfile.TemporaryDirectory() as work:
        made = sqlite3.connect(Path(work) / "indices.sqlite", isolation_level=None)
        try:
            made.execute("PRAGMA synchronous = OFF")
            made.execute("PRAGMA journal_mode = OFF")
            migrate(made)
            made.execute("BEGIN")
            _write(db, Records(made))
            made.execute("COMMIT")
            for table in INDICES:
                if not _alike(_content(db, table), _content(made, table)):
                    yield f"the index {table} is not what its records say"
        except (JournalCorrupt, ValueError, TypeError, KeyError, AttributeError, sqlite3.Error) as error:
            yield f"indices cannot be made again: {error}"
        finally:
            made.close()


def _write(db: sqlite3.Connection, records: Records) -> None:
    sites = {digest: site_of(body) for digest, body in db.execute("SELECT digest, body FROM sites")}
    settings = db.execute("SELECT * FROM inputs WHERE kind = 'Setting' ORDER BY seq").fetchall()
    inputs = [NumberedInput(row[0], input_of(InputRow(*row), sites.get(row[6]))) for row in settings]
    records.write(inputs, [])
    kinds = ["LotChanged", "AlarmChanged", "LotMade", "Signal", FOR_A_LOT, *sorted(OF_A_LOT)]
    rows = db.execute(_OF_KINDS, (json.dumps(kinds),))
    while page := rows.fetchmany(_PAGE):
        records.write([], [event_of(*row) for row in page])


def _content(db: sqlite3.Connection, table: str) -> Iterator[tuple[object, ...]]:
    order = "1, 2" if table == "named" else "1, 2, 3"  # as many as make a row the only one
    return iter(db.execute(f"SELECT * FROM {table} ORDER BY {order}"))  # noqa: S608 # one of INDICES


def _alike(one: Iterator[tuple[object, ...]], other: Iterator[tuple[object, ...]]) -> bool:
    return all(left == right for left, right in zip_longest(one, other))


_OF_KINDS = "SELECT * FROM told WHERE kind IN (SELECT value FROM json_each(?)) ORDER BY seq"
_HOT = "SELECT first_seq, last_seq, bin, count, points, t0, t1, pack FROM hot ORDER BY first_seq"
_CHUNKS = """
    SELECT first_seq, last_seq, bin, count, points, t0, t1, bins, month, start, length FROM chunks ORDER BY first_seq
"""

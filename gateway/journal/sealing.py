"""Packs of closed windows become chunks: what to seal, how, and the check that nothing was lost. The helper's half.

Order is everything: chunks are on the disk before anybody hears of them, and the writer puts them in the index and
takes the packs out in one transaction. Cut short anywhere, the packs are still there, sealing again makes new chunks,
and bytes that no index row names are never read.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gateway.journal.ages import Ages, View
from gateway.journal.blocks import Blocks, Sealing
from gateway.journal.chunk import Chunk, encode, header_of
from gateway.journal.chunkfile import ChunkFiles, append, day_file, file_of
from gateway.journal.database import NAME, open_for_reading
from gateway.journal.errors import JournalCorrupt, translated
from gateway.journal.ledger import leaf_at, readings_items
from gateway.journal.pack import WINDOW_NS, unpack_all
from gateway.journal.summary import summaries_of
from gateway.journal.writing import transaction
from gateway.model import INPUT_STREAM
from gateway.proof.leaf import small_root
from gateway.rows import Rows

BATCH_BYTES = 4 << 20  # chunks that go to the disk together
HEADER_MOST = 256 << 10  # of a group with thousands of points
FREE_PAGES_KEPT = 4096  # 8 MB for the next packs to go into; more is given back bit by bit


@dataclass(frozen=True, slots=True)
class ChunkRow:
    """A row of table `chunks`."""

    group_id: int
    bin: int
    first_seq: int
    last_seq: int
    count: int
    points: int
    t0: int
    t1: int
    month: str
    start: int
    length: int
    bins: int = 1


@dataclass(frozen=True, slots=True)
class Sealed:
    """Chunks that are on the disk, and the packs that are in them."""

    chunks: list[ChunkRow]
    packs: list[int]  # first_seq

    def to_plain(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of_plain(cls, plain: dict[str, Any]) -> Sealed:
        return cls([ChunkRow(**row) for row in plain["chunks"]], list(plain["packs"]))


def seal(folder: Path, before: int, without: frozenset[str] = frozenset()) -> Iterator[Sealed]:
    """Seal windows below `before`. What is yielded is on the disk; the caller hands it to the writer.

    `without`: files that are about to be removed.
    """
    db = open_for_reading(folder)
    path = folder / NAME
    try:
        ages = Ages()
        with translated(path):
            ages.refresh(db)
            windows = [row[0] for row in db.execute(_WINDOWS, (before,))]
        for window in windows:
            with translated(path):
                groups = db.execute(_GROUPS, (window,)).fetchall()
            batch = _Batch(folder, window, without)
            for number, name in groups:
                with translated(path):
                    packs = db.execute(_PACKS, (window, number)).fetchall()
                for rows in by_clock(unpack_all(pack for _, pack in packs)):
                    for part, view in ages.split(name, rows):
                        batch.add(number, name, part, view)
                batch.packs += [first for first, _ in packs]
                if batch.size > BATCH_BYTES:
                    batch.check(db, path)
                    yield batch.written()
                    batch = _Batch(folder, window, without)
            if batch.packs:
                batch.check(db, path)
                yield batch.written()
    finally:
        db.close()


class _Batch:
    """Chunks of one window that go to the disk together."""

    def __init__(self, folder: Path, window: int, without: frozenset[str]) -> None:
        self._folder, self._window, self._without = folder, window, without
        self._chunks: list[tuple[int, str, Rows, bytes]] = []
        self.packs: list[int] = []
        self.size = 0

    def add(self, number: int, group: str, rows: Rows, view: View | None) -> None:
        widths, orders = view.joins if view else ([1] * rows.raw.shape[1], [0] * rows.raw.shape[1])
        data = checked(group, rows, widths, orders, view)
        self._chunks.append((number, group, rows, data))
        self.size += len(data)

    def check(self, db: sqlite3.Connection, path: Path) -> None:
        """Raise JournalCorrupt where a block would not give back the bytes that its leaf in the ledger is made of.

        A replica may still lack some of a block, or its leaf: then the witness compares it later.
        """
        seqs = [int(rows.seq[end]) for _, _, rows, _ in self._chunks for end in (0, -1)]
        with translated(path):
            first, last = (leaf_at(db, INPUT_STREAM, seq) for seq in (min(seqs), max(seqs)))
            newest = db.execute("SELECT coalesce(max(n), 0) FROM leaves").fetchone()[0]
        sealing = Sealing(frozenset(self.packs), [(group, rows) for _, group, rows, _ in self._chunks])
        blocks = Blocks(db, path, ChunkFiles(self._folder, db))
        for block in blocks.read(first.n if first else 1, (last.n if last else newest) + 1, sealing=sealing):
            whole = block.held()[0] == block.leaf.inputs.size
            if whole and small_root(readings_items(block.columns)) != block.leaf.roots[0]:
                raise JournalCorrupt(
                    f"{path}: readings of input {block.leaf.inputs.first} to {block.leaf.inputs.last} are not "
                    "those of the ledger: nothing was sealed; see `lotwatch verify`"
                )

    def written(self) -> Sealed:
        month = day_file(self._folder, self._window, self.packs[0], self._without)
        places = append(self._folder, month, [data for *_, data in self._chunks])
        made = []
        for (number, _, rows, _), (start, length) in zip(self._chunks, places, strict=True):
            made.append(row_of(number, rows, month, start, length))
        return Sealed(made, self.packs)


def row_of(group_id: int, rows: Rows, month: str, start: int, length: int) -> ChunkRow:
    """What the index says of a chunk of these rows."""
    seqs = (int(rows.seq[0]), int(rows.seq[-1]), len(rows), rows.quality.shape[1])
    t0, t1 = int(rows.time_ns.min()), int(rows.time_ns.max())
    window = t0 // WINDOW_NS
    return ChunkRow(group_id, window, *seqs, t0, t1, month, start, length, t1 // WINDOW_NS - window + 1)


def checked(group: str, rows: Rows, widths: Sequence[int], orders: Sequence[int], view: View | None) -> bytes:
    """The chunk of rows, read back and found the same, byte for byte in canonical form."""
    data = encode(group, rows, widths, orders, summaries_of(rows, view) if view else ())
    if Chunk(data).rows().canonical() != rows.canonical():
        raise JournalCorrupt(f"a chunk of {group} does not give back what went into it: nothing was sealed")
    return data


def by_clock(blocks: list[Rows]) -> list[Rows]:
    """Rows apart by clock row: after a step of the clock one window may hold seqs far apart."""
    return [rows.take(rows.clock_id == clock) for rows in blocks for clock in np.unique(rows.clock_id)]


def has_hot(db: sqlite3.Connection, path: Path, before: int) -> bool:
    """Whether there is something to seal."""
    with translated(path):
        return db.execute("SELECT 1 FROM hot WHERE bin < ? LIMIT 1", (before,)).fetchone() is not None


def put_sealed(db: sqlite3.Connection, folder: Path, path: Path, sealed: Sealed) -> bool:
    """The writer's half, one transaction; False when packs or file are not there (another run was at work)."""
    if not on_disk(folder, sealed.chunks):
        return False
    with transaction(db, path):
        done = _put(db, sealed)
    with translated(path):
        if db.execute("PRAGMA freelist_count").fetchone()[0] > FREE_PAGES_KEPT:
            # As a script: `execute` takes one step of the statement, and that is one page.
            db.executescript(f"PRAGMA incremental_vacuum({FREE_PAGES_KEPT // 4})")
    return done


def _put(db: sqlite3.Connection, sealed: Sealed) -> bool:
    marks = [(first,) for first in sealed.packs]
    held = [db.execute("SELECT count FROM hot WHERE first_seq = ?", mark).fetchone() for mark in marks]
    if None in held or sum(row[0] for row in held) != sum(row.count for row in sealed.chunks):
        return False
    db.executemany("DELETE FROM hot WHERE first_seq = ?", marks)
    put_rows(db, sealed.chunks)
    return True


def put_rows(db: sqlite3.Connection, chunks: Sequence[ChunkRow]) -> None:
    """Name chunks in the index, in a transaction of the caller."""
    columns = [tuple(getattr(row, name) for name in ChunkRow.__slots__) for row in chunks]
    db.executemany("INSERT INTO chunks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", columns)
    widest = max((row.last_seq - row.first_seq for row in chunks), default=0)
    db.execute(_SPAN, (str(widest),))


def on_disk(folder: Path, chunks: Sequence[ChunkRow]) -> bool:
    """Whether the files are there; JournalCorrupt where one is, and the chunk is not in it."""
    for row in chunks:
        path = file_of(folder, row.month)
        if not path.exists():
            return False
        with translated(path), path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            front = os.pread(file.fileno(), min(row.length, HEADER_MOST), row.start)
        if size < row.start + row.length or header_of(front).rows != row.count:
            raise JournalCorrupt(f"{path}: a chunk said to be written is not there: nothing was sealed")
    return True


_WINDOWS = "SELECT DISTINCT bin FROM hot WHERE bin < ? ORDER BY bin"
_GROUPS = """
    SELECT DISTINCT group_id, name FROM hot JOIN poll_groups ON poll_groups.id = group_id WHERE bin = ? ORDER BY 1
"""
_PACKS = "SELECT first_seq, pack FROM hot WHERE bin = ? AND group_id = ? ORDER BY first_seq"
_SPAN = """
    INSERT INTO meta VALUES ('chunk_span', ?)
    ON CONFLICT (key) DO UPDATE SET value = excluded.value
    WHERE CAST(excluded.value AS INTEGER) > CAST(meta.value AS INTEGER)
"""

"""The month files: `readings-2026-11.chunks`, only ever appended to, removed whole by retention.

What is in them is said by table `chunks`; bytes it does not name are the remains of a sealing that was cut short.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections import OrderedDict
from datetime import UTC, datetime
from pathlib import Path

from gateway.journal.chunk import Chunk
from gateway.journal.errors import JournalCorrupt, JournalError, translated
from gateway.journal.pack import WINDOW_NS, Rows

CACHE_BYTES = 4 << 20


def month_of(window: int) -> str:
    """The UTC month in which a window lies."""
    return datetime.fromtimestamp(window * WINDOW_NS // 1_000_000_000, UTC).strftime("%Y-%m")


def file_of(folder: Path, month: str) -> Path:
    return folder / f"readings-{month}.chunks"


def append(folder: Path, month: str, chunks: list[bytes]) -> list[tuple[int, int]]:
    """Write chunks behind what is there and see them on the disk; (start, length) of each.

    The helper of a daemon that was killed may still be writing: whoever appends holds the file's lock.
    """
    path = file_of(folder, month)
    with translated(path):
        new = not path.exists()
        places: list[tuple[int, int]] = []
        with path.open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            start = file.seek(0, os.SEEK_END)
            for chunk in chunks:
                places.append((start, len(chunk)))
                start += len(chunk)
            file.write(b"".join(chunks))
            file.flush()
            os.fsync(file.fileno())
        if new:
            sync_folder(folder)
    return places


def make_folder(folder: Path) -> None:
    """A folder that is still there after a power cut."""
    with translated(folder):
        if not folder.is_dir():
            folder.mkdir(parents=True, exist_ok=True)
            sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """See the folder's own entries on the disk: files made and removed in it."""
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


class ChunkFiles:
    """Reads chunks, and keeps the last few decoded ones: who reads in order asks for the same chunk again and again."""

    def __init__(self, folder: Path, db: sqlite3.Connection) -> None:
        self._folder, self._db = folder, db
        self._cache: OrderedDict[tuple[str, int, int], Rows] = OrderedDict()
        self._cached_bytes = 0

    def rows(self, month: str, start: int, length: int) -> Rows | None:
        """All of a chunk; None when retention has removed its file since the caller looked. In no transaction."""
        key = (month, start, length)
        if key in self._cache:
            self._cache.move_to_end(key)
            return self._cache[key]
        chunk = self.chunk(month, start, length)
        if chunk is None:
            return None
        rows = chunk.rows()
        self._cache[key] = rows
        self._cached_bytes += _size(rows)
        while self._cached_bytes > CACHE_BYTES and len(self._cache) > 1:
            _, dropped = self._cache.popitem(last=False)
            self._cached_bytes -= _size(dropped)
        return rows

    def chunk(self, month: str, start: int, length: int) -> Chunk | None:
        path = file_of(self._folder, month)
        try:
            with translated(path), path.open("rb") as file:
                data = os.pread(file.fileno(), length, start)
        except JournalError:
            if path.exists():
                raise
            self._check_removed(month, path)
            return None
        if len(data) != length:
            raise JournalCorrupt(f"{path}: it ends before byte {start + length}: restore it from the replica")
        return Chunk(data)

    def _check_removed(self, month: str, path: Path) -> None:
        """Retention forgets the chunks of a month before it removes their file: a file still named was lost."""
        with translated(path):
            named = self._db.execute("SELECT 1 FROM chunks WHERE month = ? LIMIT 1", (month,)).fetchone()
        if named:
            raise JournalCorrupt(f"{path}: the file is not there: restore it from the replica")


def _size(rows: Rows) -> int:
    return rows.seq.nbytes * 5 + rows.quality.nbytes + rows.raw.nbytes

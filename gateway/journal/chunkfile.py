"""The files of chunks, only ever appended to, and removed whole.

`readings-2026-11-22-4711.chunks` has what was sealed of one day, chunks of ten minutes; 4711 is the first input that
went in, so no name is ever used for two files. `readings-2026-11.chunks` has a month of larger chunks that were merged
of those. The part of the name between is a chunk's `month` in table `chunks`, which says what is in the files; bytes it
does not name are the remains of a sealing that was cut short.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from gateway.journal.chunk import Chunk, Header, header_of, header_size
from gateway.journal.errors import JournalCorrupt, JournalError, translated
from gateway.journal.pack import WINDOW_NS
from gateway.rows import Rows

T = TypeVar("T")
CACHE_BYTES = 4 << 20
CACHE_MOST = 64 << 20  # at 10,000 values a second an hour of all groups has some 50 MB
_FRONT = 8192
_TRIES = 5
_HOLE = bytes(4)  # where a chunk was thinned away there is its magic no more


def month_of(window: int) -> str:
    """The UTC month in which a window lies."""
    return datetime.fromtimestamp(window * WINDOW_NS // 1_000_000_000, UTC).strftime("%Y-%m")


def day_of(window: int) -> str:
    """The UTC day."""
    return datetime.fromtimestamp(window * WINDOW_NS // 1_000_000_000, UTC).strftime("%Y-%m-%d")


def file_of(folder: Path, month: str) -> Path:
    return folder / f"readings-{month}.chunks"


def day_file(folder: Path, window: int, first_seq: int, without: frozenset[str] = frozenset()) -> str:
    """Where a chunk of a window goes: the day's file that is there, or a new one, named by what goes in first."""
    day = day_of(window)
    there = sorted(label for label in labels(folder) if label.startswith(f"{day}-") and label not in without)
    return there[-1] if there else f"{day}-{first_seq}"


def labels(folder: Path) -> list[str]:
    """Files that there are, as a chunk's `month` names them."""
    return [path.name[len("readings-") : -len(".chunks")] for path in folder.glob("readings-*.chunks")]


def is_day(label: str) -> bool:
    return len(label) > len("2026-11")


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


class ChunkMoved(JournalError):
    """Merging or retention has removed the file since the caller looked into the index: `looked_up` looks again."""


class ChunkFiles:
    """Reads chunks, and keeps the last few decoded ones: who reads in order asks for the same chunk again and again.

    What one look needed is kept for the next one, be it more than `CACHE_BYTES`: every group has a chunk there.
    """

    def __init__(self, folder: Path, db: sqlite3.Connection) -> None:
        self._folder, self._db = folder, db
        self._cache: OrderedDict[tuple[str, int, int], Rows] = OrderedDict()
        self._cached_bytes = 0
        self._looks = 0
        self._asked: dict[tuple[str, int, int], int] = {}  # in which look

    def looked_up(self, job: Callable[[], T]) -> T:
        """A look into the index and what it reads of chunks then; again, where those were moved meanwhile."""
        self._looks += 1
        for _ in range(_TRIES - 1):
            with contextlib.suppress(ChunkMoved):
                return job()
        return job()

    def rows(self, month: str, start: int, length: int) -> Rows:
        """All of a chunk. In no transaction. Raises ChunkMoved, for `looked_up`."""
        key = (month, start, length)
        if key in self._cache:
            self._asked[key] = self._looks
            self._cache.move_to_end(key)
            return self._cache[key]
        rows = self._cache[key] = self.chunk(month, start, length).rows()
        self._asked[key] = self._looks
        self._cached_bytes += _size(rows)
        while self._cached_bytes > CACHE_BYTES and len(self._cache) > 1:
            oldest = next(iter(self._cache))
            if self._asked[oldest] == self._looks and self._cached_bytes < CACHE_MOST:
                break
            self._cached_bytes -= _size(self._cache.pop(oldest))
            del self._asked[oldest]
        return rows

    def chunk(self, month: str, start: int, length: int) -> Chunk:
        """To read some columns of. In no transaction. Raises ChunkMoved."""
        return Chunk(self._read(month, start, length))

    def header(self, month: str, start: int, length: int) -> Header | None:
        """What a chunk says of itself; None where that is long. In no transaction. Raises ChunkMoved."""
        front = self._read(month, start, min(length, _FRONT))
        return header_of(front) if header_size(front) <= len(front) else None

    def _read(self, month: str, start: int, length: int) -> bytes:
        path = file_of(self._folder, month)
        try:
            with translated(path):
                number = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
                try:
                    data = os.pread(number, length, start)
                finally:
                    os.close(number)
        except JournalError:
            if path.exists():
                raise
            self._check_removed(month, path)
            raise ChunkMoved(f"{path}: it was removed while it was to be read, again and again") from None
        if data[:4] == _HOLE and not self._names(month, start):
            raise ChunkMoved(f"{path}: it was thinned while it was to be read, again and again")
        if len(data) != length:
            raise JournalCorrupt(f"{path}: it ends before byte {start + length}: restore it from the replica")
        return data

    def _names(self, month: str, start: int) -> bool:
        with translated(self._folder):
            asked = "SELECT 1 FROM chunks WHERE month = ? AND start = ?"
            return self._db.execute(asked, (month, start)).fetchone() is not None

    def _check_removed(self, month: str, path: Path) -> None:
        """Chunks are taken out of the index before their file is removed: a file still named was lost."""
        with translated(path):
            named = self._db.execute("SELECT 1 FROM chunks WHERE month = ? LIMIT 1", (month,)).fetchone()
        if named:
            raise JournalCorrupt(f"{path}: the file is not there: restore it from the replica")


def _size(rows: Rows) -> int:
    return rows.seq.nbytes * 5 + rows.quality.nbytes + rows.raw.nbytes

"""Recovery of one state of the disk: by SQLite alone for each state, and whole, by the journal, for each that differs.

What a journal makes of its files depends on the pages that SQLite finds, laid over by the frames of its log that count,
and on the chunk files, as far as those pages name them: two states in which those are the same recover the same. SQLite
itself says how many frames count (the index of the log that it builds, sqlite.org/walformat.html 2.3); so the whole
recovery is done once for each. Behind what is named a chunk file may have a tail: that there is one is told apart, and
not what is in it.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import sqlite3
from abc import ABC, abstractmethod
from pathlib import Path

from benchmarks.reliability.power.disk import Files
from gateway.clock import VirtualClock
from gateway.journal import Journal
from gateway.journal.chunkfile import file_of
from gateway.journal.database import NAME
from tests.unit.journal.plant import T0, Dice

WAL, SHM, ROLLBACK = f"{NAME}-wal", f"{NAME}-shm", f"{NAME}-journal"
_WAL_HEAD, _FRAME_HEAD = 32, 24  # bytes, sqlite.org/fileformat2.html 4.1


def opened(folder: Path) -> Journal:
    """The journal, as the daemon opens it."""
    return Journal.open(folder, site="plant", gateway="gw1", clock=VirtualClock(T0), entropy=Dice(1))


class Judge(ABC):
    """Lays states down in a folder of its own, and recovers them there."""

    def __init__(self, folder: Path) -> None:
        self._quick, self._whole = folder / "quick", folder / "whole"
        self._quick.mkdir(parents=True)
        self._laid = {name: str(self._quick / name) for name in (NAME, WAL, ROLLBACK)}
        self._shm = str(self._quick / SHM)
        self._before: dict[bytes, bytes] = {}  # digest of all files: that of what recovery sees of them
        self._named: dict[
            bytes, list[tuple[str, int, int]]
        ] = {}  # digest of pages: (file, start, length) of chunks
        self._known: dict[bytes, tuple[str, int]] = {}  # digest of what recovery sees: what it gave
        self._digests: dict[str, tuple[bytes, bytes]] = {}  # by name: the last content, and its digest
        self.whole = 0  # recovered wholly

    @abstractmethod
    async def recovered(self, folder: Path) -> tuple[str, int]:
        """Open the journal in that folder: what is wrong with it, "" where nothing is, and how many commits it has."""

    def judged(self, files: Files, promised: int, *, wholly: bool = False) -> str:
        """What is wrong with a state after so many commits were told; "" where nothing is."""
        exact = b"".join(
            b"%s:%s" % (name.encode(), self._digest(name, files[name])) for name in sorted(files)
        )
        seen = self._before.get(exact)
        if seen is None or wholly:
            try:
                seen = self._before[exact] = self._quickly(files)
            except sqlite3.Error as error:
                return f"SQLite does not recover: {error}"
        if wholly or seen not in self._known:
            self._known[seen] = self._wholly(files)
        wrong, commits = self._known[seen]
        if not wrong and not promised <= commits <= promised + 1:
            return f"it ends after commit {commits}, and {promised} were told to be on the disk"
        return wrong

    def _quickly(self, files: Files) -> bytes:
        """SQLite's recovery; a digest of what the journal is made of after it."""
        for name, path in self._laid.items():
            content = files.get(name)
            if content is not None:
                with open(path, "wb", buffering=0) as file:  # noqa: PTH123 # pathlib takes as long as the writing
                    file.write(content)
            elif os.path.exists(path):  # noqa: PTH110
                os.unlink(path)  # noqa: PTH108
        if not files.get(NAME):
            return b"".join((b"none", *self._others(files, [])))
        db = sqlite3.connect(self._laid[NAME], isolation_level=None)
        try:
            db.execute(
                "PRAGMA application_id"
            ).fetchone()  # the first page: what the log has of it is looked for
            pages = _pages(files, self._frames() if files.get(WAL) else 0)
            if pages not in self._named:
                self._named[pages] = _named(db)
        finally:
            db.close()
        return b"".join((pages, *self._others(files, self._named[pages])))

    def _others(self, files: Files, named: list[tuple[str, int, int]]) -> list[bytes]:
        """Chunk files, as far as they are named, and a rollback journal, told apart."""
        told = []
        for name in sorted(files.keys() - {NAME, WAL}):
            content = files[name]
            parts = [(start, start + length) for file, start, length in named if file == name]
            end = max((stop for _, stop in parts), default=0)
            if name.endswith(".chunks"):
                seen = _digest(b"".join(content[start:stop] for start, stop in sorted(parts)))
                told.append(b"%s:%s:%d" % (name.encode(), seen, (len(content) > end) - (len(content) < end)))
            else:
                told.append(b"%s:%s" % (name.encode(), self._digest(name, content)))
        return told

    def _digest(self, name: str, content: bytes) -> bytes:
        """Of a file that often is the same object as in the state before."""
        last = self._digests.get(name)
        if last is None or last[0] is not content:
            last = self._digests[name] = content, _digest(content)
        return last[1]

    def _frames(self) -> int:
        """How many frames of the log count: mxFrame of the log's index."""
        try:
            number = os.open(self._shm, os.O_RDONLY)
        except FileNotFoundError:
            return 0
        try:
            return int.from_bytes(os.pread(number, 4, 16), "little")
        finally:
            os.close(number)

    def _wholly(self, files: Files) -> tuple[str, int]:
        self.whole += 1
        folder = self._whole
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for name, content in files.items():
            (folder / name).write_bytes(content)
        try:
            return asyncio.run(self.recovered(folder))
        except Exception as error:  # noqa: BLE001 # whatever it is, somebody would have to look
            return f"it needs a hand: {type(error).__name__}: {error}", -1


def _named(db: sqlite3.Connection) -> list[tuple[str, int, int]]:
    """Where the chunks are that the pages name; none where they do not know of chunks yet, or cannot be read."""
    try:
        found = db.execute("SELECT month, start, length FROM chunks").fetchall()
    except sqlite3.Error:  # the whole recovery says what it thinks of them
        return []
    return [(file_of(Path(), month).name, start, length) for month, start, length in found]


def _pages(files: Files, frames: int) -> bytes:
    """A digest of the pages as the log's frames that count lay over them."""
    image, log = bytearray(files[NAME]), files.get(WAL, b"")
    if frames:
        size = int.from_bytes(log[8:12], "big")
        size = 65_536 if size == 1 else size
        step, pages = _FRAME_HEAD + size, 0
        for at in range(_WAL_HEAD, _WAL_HEAD + frames * step, step):
            end = int.from_bytes(log[at : at + 4], "big") * size
            if len(image) < end:
                image.extend(bytes(end - len(image)))
            image[end - size : end] = log[at + _FRAME_HEAD : at + step]
            pages = int.from_bytes(log[at + 4 : at + 8], "big") or pages
        del image[pages * size :]
    return _digest(image)


def _digest(data: bytes | bytearray) -> bytes:
    return hashlib.sha1(data, usedforsecurity=False).digest()  # processors have it built in

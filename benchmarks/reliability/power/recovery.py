"""Recovery of states of the disk: whole, by the journal, once for each of all that recover the same.

What a journal makes of its files depends on the pages that SQLite finds, laid over by the frames of its log that count,
and on the chunk files, as far as those pages name them: two states in which those are the same recover the same. Which
frames count is read off the log by its format (`wal`); of one state in a hundred, and of each that differs, SQLite is
asked too (the index that it builds of its log, sqlite.org/walformat.html 2.3). Behind what is named a chunk file may
have a tail: that there is one is told apart, and not what is in it.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sqlite3
from abc import ABC, abstractmethod
from pathlib import Path

from benchmarks.reliability.power.disk import Files
from benchmarks.reliability.power.pages import Pages
from benchmarks.reliability.power.wal import Logs, digest
from gateway.clock import VirtualClock
from gateway.journal import Journal
from gateway.journal.chunkfile import file_of
from gateway.journal.database import NAME
from tests.unit.journal.plant import T0, Dice

WAL, SHM, ROLLBACK = f"{NAME}-wal", f"{NAME}-shm", f"{NAME}-journal"
ASKED = 100  # of so many states one is laid down for SQLite to say which frames count


def opened(folder: Path) -> Journal:
    """The journal, as the daemon opens it."""
    return Journal.open(folder, site="plant", gateway="gw1", clock=VirtualClock(T0), entropy=Dice(1))


class WrongCount(Exception):
    """The harness does not understand the log as SQLite does: it is to be mended."""


class Judge(ABC):
    """Lays states down in a folder of its own, and recovers them there."""

    def __init__(self, folder: Path) -> None:
        self._quick, self._whole = folder / "quick", folder / "whole"
        self._quick.mkdir(parents=True)
        self._laid = {name: self._quick / name for name in (NAME, WAL, ROLLBACK)}
        self._shm = self._quick / SHM
        self._named: dict[
            bytes, list[tuple[str, int, int]]
        ] = {}  # digest of pages: (file, start, length) of chunks
        self._known: dict[bytes, tuple[str, int]] = {}  # digest of what recovery sees: what it gave
        self._digests: dict[str, tuple[bytes, bytes]] = {}  # by name: the last content, and its digest
        self._logs, self._pages = Logs(), Pages()
        self.judgements = 0
        self.asked = 0  # states of which SQLite said which frames count
        self.whole = 0  # recovered wholly

    @abstractmethod
    async def recovered(self, folder: Path) -> tuple[str, int]:
        """Open the journal in that folder: what is wrong with it, "" where nothing is, and how many commits it has."""

    def judged(self, files: Files, promised: int, *, wholly: bool = False) -> str:
        """What is wrong with a state after so many commits were told; "" where nothing is."""
        self.judgements += 1
        try:
            seen = self._seen(files)
        except (sqlite3.Error, WrongCount) as error:
            return f"SQLite does not recover: {error}" if isinstance(error, sqlite3.Error) else str(error)
        if wholly or seen not in self._known:
            self._known[seen] = self._wholly(files)
        wrong, commits = self._known[seen]
        if not wrong and not promised <= commits <= promised + 1:
            return f"it ends after commit {commits}, and {promised} were told to be on the disk"
        return wrong

    def _seen(self, files: Files) -> bytes:
        """A digest of what the journal is made of. Raises sqlite3.Error, WrongCount."""
        if not files.get(NAME):
            return b"".join((b"none", *self._others(files, [])))
        frames = self._logs.frames(files.get(WAL, b""))
        pages = self._pages.digest(files[NAME], frames)
        if pages not in self._named or not self.judgements % ASKED:
            self._named[pages] = self._asked(files, len(frames))
        return b"".join((pages, *self._others(files, self._named[pages])))

    def _asked(self, files: Files, frames: int) -> list[tuple[str, int, int]]:
        """What the pages name, by SQLite's own recovery; and whether it counts as many frames as we do."""
        for name, path in self._laid.items():
            content = files.get(name)
            path.unlink(missing_ok=True)
            if content is not None:
                path.write_bytes(content)
        self.asked += 1
        db = sqlite3.connect(self._laid[NAME], isolation_level=None)
        try:
            db.execute(
                "PRAGMA application_id"
            ).fetchone()  # the first page: what the log has of it is looked for
            counted = self._frames() if files.get(WAL) else 0
            if counted != frames:
                raise WrongCount(f"of the log {frames} frames count by its format, and {counted} by SQLite")
            return _named(db)
        finally:
            db.close()

    def _others(self, files: Files, named: list[tuple[str, int, int]]) -> list[bytes]:
        """Chunk files, as far as they are named, and a rollback journal, told apart."""
        told = []
        for name in sorted(files.keys() - {NAME, WAL}):
            content = files[name]
            parts = [(start, start + length) for file, start, length in named if file == name]
            end = max((stop for _, stop in parts), default=0)
            if name.endswith(".chunks"):
                seen = digest(b"".join(content[start:stop] for start, stop in sorted(parts)))
                told.append(b"%s:%s:%d" % (name.encode(), seen, (len(content) > end) - (len(content) < end)))
            else:
                told.append(b"%s:%s" % (name.encode(), self._digest(name, content)))
        return told

    def _digest(self, name: str, content: bytes) -> bytes:
        """Of a file that often is the same object as in the state before."""
        last = self._digests.get(name)
        if last is None or last[0] is not content:
            last = self._digests[name] = content, digest(content)
        return last[1]

    def _frames(self) -> int:
        """How many frames of the log count: mxFrame of the log's index."""
        with contextlib.suppress(FileNotFoundError), self._shm.open("rb") as file:
            return int.from_bytes(file.read(20)[16:], "little")
        return 0

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

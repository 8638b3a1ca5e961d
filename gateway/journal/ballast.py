"""A file that only holds room: on a full disk it is let go, so that what people must hear of is still committed.

Rule 1: the first half of what it gave is for everything; with less than that left, readings are refused before they
are folded, and the rest is for alarms, scans and entries.  Rule 2: it is taken again only where its own size is left
beside it, so that a disk at its brim does not take and give it in turn; until then readings stay refused.

Not for two threads at once: the journal's writer has it.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

NAME = "ballast"
LEAST_BYTES = 64 << 10  # less would carry no commit
NO_ROOM = 1 << 20  # with less free SQLite may not even open
SHARE = 100  # of the disk: one part in so many at most


def disk_room(folder: Path) -> tuple[int, int]:
    """Bytes of the disk under a folder, and those that we may still write. Raises OSError."""
    found = os.statvfs(folder)
    return found.f_blocks * found.f_frsize, found.f_bavail * found.f_frsize


class Ballast:
    """Of one folder. `size`: bytes, 0 for none; never more than a hundredth of the disk."""

    def __init__(self, folder: Path, size: int, room: Callable[[Path], tuple[int, int]] = disk_room) -> None:
        self.path = folder / NAME
        self._folder, self._wanted, self._room = folder, size, room
        self.held = False
        self.given = False  # it was let go of, and is not back
        self.short = False  # readings are to be refused: the rest is for what is worth more

    def begin(self) -> None:
        """At the start of a run: take it, or let go of it at once where there is no room to begin in."""
        self.held = self.path.exists() and self.path.stat().st_size >= LEAST_BYTES
        if not self._wanted:
            self.release()
            self.given = False
        elif self._free() < NO_ROOM and self.release():
            return
        self.look()

    def release(self) -> bool:
        """Give the room back; whether there was any."""
        if not self.held:
            return False
        self.held, self.given = False, True
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)
        return True

    def look(self) -> None:
        """Take it again where there is room; else see how much is left. Never raises."""
        if self.held or not self._wanted:
            return
        size, free = self._size(), self._free()
        if size < LEAST_BYTES:  # a disk too small to have any
            return
        if free >= 2 * size and self._take(size):
            self.held, self.given, self.short = True, False, False
        elif free < size // 2:
            self.short = True

    def _take(self, size: int) -> bool:
        try:
            number = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                os.posix_fallocate(number, 0, size)  # blocks, not a hole: a hole holds nothing
            finally:
                os.close(number)
        except OSError:
            with contextlib.suppress(OSError):
                self.path.unlink(missing_ok=True)
            return False
        return True

    def _size(self) -> int:
        with contextlib.suppress(OSError):
            return min(self._wanted, self._room(self._folder)[0] // SHARE)
        return 0

    def _free(self) -> int:
        with contextlib.suppress(OSError):
            return self._room(self._folder)[1]
        return 0

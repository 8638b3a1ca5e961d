"""One writer a folder: an exclusive lock that ends with the process, however it ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from gateway.journal.errors import JournalBusy, JournalForeign, translated

NAME = "writer.lock"
RESTORED = "restored.json"  # beside a journal that was put back from a backup: it is read, never written


class FolderLock:
    """Holds the folder until `release`. The file names the process that holds it."""

    def __init__(self, folder: Path) -> None:
        path = folder / NAME
        if (folder / RESTORED).exists():
            raise JournalForeign(
                f"{folder}: it was restored from a backup, and what came after that may be elsewhere under the same "
                "numbers: read it as it is, or go on from the backup with `lotwatch restore BACKUP DIR --go-on NEW`"
            )
        with translated(path):
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = os.read(self._file, 32).decode("ascii", "replace").strip() or "unknown"
                os.close(self._file)
                raise JournalBusy(f"{folder}: process {holder} writes this journal: stop it first") from None
            os.ftruncate(self._file, 0)
            os.pwrite(self._file, f"{os.getpid()}\n".encode("ascii"), 0)

    def release(self) -> None:
        os.close(self._file)

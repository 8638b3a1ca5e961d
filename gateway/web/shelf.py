"""The journal or the replicas in a folder, open for reading; a replica that comes later is found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from gateway.journal import JournalReader, open_readers
from gateway.journal.database import NAME

_LOOK_NS = 10_000_000_000


class Shelf:
    """Readers of a folder. For one thread. Raises JournalError."""

    def __init__(self, folder: Path, boottime_ns: Callable[[], int], stop: Callable[[], bool]) -> None:
        self._folder, self._boottime_ns, self.stop = folder, boottime_ns, stop
        self._readers = open_readers(folder)
        self._alone = (folder / NAME).is_file()
        self._looked_ns = boottime_ns()

    def readers(self, sites: Sequence[str] = ()) -> list[JournalReader]:
        """All of them, or those of some sites."""
        if not self._alone and self._boottime_ns() - self._looked_ns > _LOOK_NS:
            fresh = open_readers(self._folder)
            self.close()
            self._readers, self._looked_ns = fresh, self._boottime_ns()
        return [reader for reader in self._readers if not sites or reader.identity.site in sites]

    def close(self) -> None:
        """Let go of the files."""
        for reader in self._readers:
            reader.close()

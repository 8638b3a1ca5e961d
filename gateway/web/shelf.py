"""The journal or the replicas in a folder, open for reading; a replica that comes later is found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from gateway.journal import JournalReader, open_readers
from gateway.journal.database import NAME
from gateway.journal.errors import JournalMissing

_LOOK_NS = 10_000_000_000
_FIRST_LOOK_NS = 1_000_000_000  # while there is none


class Shelf:
    """Readers of a folder. For one thread. Raises JournalError."""

    def __init__(self, folder: Path, boottime_ns: Callable[[], int], stop: Callable[[], bool]) -> None:
        self._folder, self._boottime_ns, self.stop = folder, boottime_ns, stop
        self._readers = _open(folder)
        self._alone = (folder / NAME).is_file()
        self._looked_ns = boottime_ns()

    def readers(self, sites: Sequence[str] = ()) -> list[JournalReader]:
        """All of them, or those of some sites."""
        if not self._alone and self._boottime_ns() - self._looked_ns > (
            _LOOK_NS if self._readers else _FIRST_LOOK_NS
        ):
            fresh = _open(self._folder)
            self.close()
            self._readers, self._looked_ns = fresh, self._boottime_ns()
        return [reader for reader in self._readers if not sites or reader.identity.site in sites]

    def close(self) -> None:
        """Let go of the files."""
        for reader in self._readers:
            reader.close()


def _open(folder: Path) -> list[JournalReader]:
    """None where nothing is there yet: pages say what to do next."""
    try:
        return open_readers(folder)
    except JournalMissing:
        return []

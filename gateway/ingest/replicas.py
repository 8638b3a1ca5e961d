"""The replicas of one data folder: ``<site>/<gateway>-<epoch>/``, opened when their first record comes."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

from gateway.journal import Replica
from gateway.journal.database import NAME
from gateway.journal.errors import JournalMissing
from gateway.journal.reader import JournalReader
from gateway.model import Identity
from gateway.wire import escape


def replica_folder(data: Path, identity: Identity) -> Path:
    """Where the replica of a journal is; safe whatever the names are."""
    site = _name(identity.site)
    return data / site / f"{_name(identity.gateway)}-{_name(identity.epoch)}"


def _name(text: str) -> str:
    """A folder name: as a topic level, but never "." or ".." or hidden, and of bounded length."""
    return re.sub(r"^\.", "%2E", escape(text))[:100]


class Replicas:
    """Open replicas. Not for two threads at once."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self._open: dict[Identity, Replica] = {}

    def of(self, identity: Identity) -> Replica:
        """Its replica, made when it is not there. Raises JournalError."""
        replica = self._open.get(identity)
        if replica is None:
            replica = self._open[identity] = Replica.open(replica_folder(self.data, identity), identity)
        return replica

    def opened(self) -> list[tuple[Identity, Replica]]:
        """Those in use."""
        return list(self._open.items())

    def found(self) -> list[Identity]:
        """Journals that the folder has replicas of; one killed while it made its file has none. Raises JournalError."""
        found = []
        for path in sorted(self.data.glob(f"*/*/{NAME}")):
            with contextlib.suppress(JournalMissing), JournalReader(path.parent) as reader:
                found.append(reader.identity)
        return found

    def close(self) -> None:
        """Close them all."""
        for replica in self._open.values():
            replica.close()
        self._open.clear()

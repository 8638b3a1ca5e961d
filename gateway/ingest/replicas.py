"""The replicas of one data folder: ``<site>/<gateway>-<epoch>/``, opened when their first record comes."""

from __future__ import annotations

import contextlib
import logging
import re
from collections.abc import Callable
from pathlib import Path

from gateway.journal import Replica
from gateway.journal.database import NAME
from gateway.journal.errors import JournalBusy, JournalMissing
from gateway.journal.reader import JournalReader
from gateway.model import Identity
from gateway.wire import escape
from gateway.wire.topics import unescape

BUSY_TOLD = 100  # every so many waits

log = logging.getLogger(__name__)


def replica_folder(data: Path, identity: Identity) -> Path:
    """Where the replica of a journal is; safe whatever the names are."""
    site = _name(identity.site)
    return data / site / f"{_name(identity.gateway)}-{_name(identity.epoch)}"


def _name(text: str) -> str:
    """A folder name: as a topic level, but never "." or ".." or hidden, and of bounded length."""
    return re.sub(r"^\.", "%2E", escape(text))[:100]


class Replicas:
    """Open replicas. Not for two threads at once.

    `ours` says of a site whether its replicas are this worker's. `wait` is called while another process still writes
    one that is; it returns True when there is nothing to wait for any more. Without it that is an error at once.
    """

    def __init__(
        self,
        data: Path,
        ours: Callable[[str], bool] = lambda _: True,
        wait: Callable[[], bool] = lambda: True,
    ) -> None:
        self.data, self.ours, self._wait = data, ours, wait
        self._open: dict[Identity, Replica] = {}

    def of(self, identity: Identity) -> Replica:
        """Its replica, made when it is not there. Raises JournalError."""
        replica = self._open.get(identity)
        if replica is None:
            replica = self._open[identity] = self._opened(identity)
        return replica

    def _opened(self, identity: Identity) -> Replica:
        waits = 0
        while True:
            try:
                return Replica.open(replica_folder(self.data, identity), identity)
            except JournalBusy as error:
                if self._wait():
                    raise
                waits += 1
                if waits % BUSY_TOLD == 0:
                    log.warning("%s; waiting for it, the broker holds what comes meanwhile", error)

    def opened(self) -> list[tuple[Identity, Replica]]:
        """Those in use."""
        return list(self._open.items())

    def found(self) -> list[Identity]:
        """Journals of ours that have replicas here; one killed while it made its file has none. Raises JournalError."""
        found = []
        for path in sorted(self.data.glob(f"*/*/{NAME}")):
            if not self.ours(unescape(path.parent.parent.name)):
                continue
            with contextlib.suppress(JournalMissing), JournalReader(path.parent) as reader:
                found.append(reader.identity)
        return found

    def close(self) -> None:
        """Close them all."""
        for replica in self._open.values():
            replica.close()
        self._open.clear()

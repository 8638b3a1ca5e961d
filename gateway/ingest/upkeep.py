"""What a worker does for its replicas beside storing: compares them with the ledgers, seals windows that are closed.

Rule: a step at a time, and between two of them time for what comes in; so a day of backlog is checked and sealed behind
its back.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

from gateway.ingest.replicas import Replicas
from gateway.journal.errors import JournalError
from gateway.journal.witness import SENTENCES
from gateway.model import Identity
from gateway.ports import Clock

SEAL_EVERY_NS = 60_000_000_000
SEAL_AFTER_NS = 600_000_000_000  # what was late is most often in by then
SEAL_REST = 3  # times as long as a step took until the next one
BUSY_CHECK_NS = 2_000_000_000  # between two looks at the ledger, while much comes in
BUSY_SEAL_NS = 10_000_000_000  # and how much later windows are sealed

log = logging.getLogger(__name__)


class Upkeep:
    """Of one worker, in its thread."""

    def __init__(self, replicas: Replicas, clock: Clock) -> None:
        self._replicas, self._clock = replicas, clock
        self._check_ns = 0
        self._seal_ns = clock.boottime_ns() + SEAL_EVERY_NS
        self._sealing: dict[Identity, Iterator[int]] = {}

    def turn(self, *, busy: bool) -> list[Identity]:
        """A step, if it is time; whose witness has found something that does not fit."""
        at = self._clock.boottime_ns()
        alarmed: list[Identity] = []
        if not busy or at >= self._check_ns:
            self._check_ns = at + BUSY_CHECK_NS
            alarmed = self._check()
        if at >= self._seal_ns + (BUSY_SEAL_NS if busy else 0):
            self._seal(at)
        return alarmed

    def _check(self) -> list[Identity]:
        """Compare what is whole with the ledgers, and tell what witnesses found."""
        alarmed: list[Identity] = []
        for identity, replica in self._replicas.opened():
            try:
                replica.check(self._clock.now().time_ns)
            except JournalError as error:
                log.warning("replica of %s is not checked: %s", identity.gateway, error)
            for alarm in replica.witness.news:
                words = "ALARM: site %s, gateway %s: %s (%s)"
                log.error(words, identity.site, identity.gateway, SENTENCES[alarm.kind], alarm.detail)
                alarmed.append(identity)
            replica.witness.news.clear()
        return alarmed

    def _seal(self, began_ns: int) -> None:
        """Turn windows that are long closed into chunks; what comes later for one makes another chunk."""
        before_ns = self._clock.now().time_ns - SEAL_AFTER_NS
        for identity, replica in self._replicas.opened():
            steps = self._sealing.pop(identity, None) or replica.sealing(before_ns)
            try:
                if next(steps, None) is not None:
                    self._sealing[identity] = steps
            except JournalError as error:
                words = "replica of %s is not sealed, it will be tried again: %s"
                log.warning(words, identity.gateway, error)
        ended_ns = self._clock.boottime_ns()
        self._seal_ns = ended_ns + (SEAL_REST * (ended_ns - began_ns) if self._sealing else SEAL_EVERY_NS)

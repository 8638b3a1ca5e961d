"""What a worker lacks of all its replicas: asked for once a second, and what the gateways answer kept."""

from __future__ import annotations

import logging
from collections.abc import Callable

from gateway.ingest.asking import EVERY_NS, Asking
from gateway.ingest.inbox import Inbox
from gateway.ingest.replicas import Replicas
from gateway.journal.errors import JournalError
from gateway.model import Identity
from gateway.ports import Clock, Watermark
from gateway.wire import Gone, request, site_topic

log = logging.getLogger(__name__)


class Askings:
    """One for a worker. `end`: per stream the greatest number that is known to be there."""

    def __init__(
        self, replicas: Replicas, inbox: Inbox, clock: Clock, end: Callable[[Identity], Watermark]
    ) -> None:
        self._replicas, self._inbox, self._clock, self._end = replicas, inbox, clock, end
        self._of: dict[Identity, Asking] = {}
        self._gone: list[Gone] = []
        self._due_ns = 0

    def hear(self, said: Gone) -> None:
        """A gateway does not have some records any more."""
        self._gone.append(said)

    def turn(self, *, quiet: bool) -> None:
        """Keep what was answered, and ask for what is missing. A disk that is full waits for later."""
        at, now_ns = self._clock.boottime_ns(), self._clock.now().time_ns
        if at < self._due_ns and not self._gone:
            return
        self._due_ns = at + EVERY_NS
        answers, self._gone = self._gone, []
        try:
            for identity, replica in self._replicas.opened():
                asking = self._of.get(identity) or self._of.setdefault(identity, Asking(replica))
                for said in answers:
                    if said.identity == identity:
                        asking.gone(said, now_ns)
                runs = asking.turn(self._end(identity), at, now_ns, quiet=quiet)
                if runs is not None:
                    topic = site_topic(identity.site, "request")
                    self._inbox.publish(topic, request(identity, runs, now_ns), retain=False)
        except JournalError as error:
            log.warning("holes are not kept, it will be tried again: %s", error)

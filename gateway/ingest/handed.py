"""The worker's side of the outbox: what people gave up is kept in the replica, what they enter goes to the box.

Rule 1: an act is sent again until its outcome is in the replica, or it is past its time: the box takes it once, by its
id.  Rule 2: what is not for a replica of ours is left for the worker that has it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from gateway.ingest.inbox import Inbox
from gateway.ingest.outbox import Outbox
from gateway.ingest.replicas import Replicas, replica_folder
from gateway.journal.database import NAME
from gateway.journal.errors import JournalError
from gateway.journal.holes import KnownLost
from gateway.model import EVENT_STREAM, INPUT_STREAM, Identity, Noted, NumberedEvent
from gateway.ports import Clock
from gateway.wire import site_topic

EVERY_NS = 500_000_000
AGAIN_NS = 5_000_000_000  # an act that the box has said nothing of
SWEEP_EVERY_NS = 3_600_000_000_000
DAY_NS = 24 * SWEEP_EVERY_NS  # after that nobody waits for an answer, and no act is of now
OUTCOMES = ("act_done", "act_refused")  # kinds of event that say what became of an act
_TEXT_MOST = 1_000

log = logging.getLogger(__name__)


class Handed:
    """One for a worker. `given_up` is called after numbers were given up."""

    def __init__(
        self,
        outbox: Outbox,
        replicas: Replicas,
        inbox: Inbox,
        clock: Clock,
        given_up: Callable[[Identity, str, int, int], None],
    ) -> None:
        self._outbox, self._replicas, self._inbox, self._clock = outbox, replicas, inbox, clock
        self._given_up = given_up
        self._due_ns = self._sweep_ns = 0
        self._sent_ns: dict[str, int] = {}  # acts, by id
        self._told = ""

    def turn(self) -> None:
        """Look what is there, now and then. A disk that is full waits for later."""
        at = self._clock.boottime_ns()
        if at < self._due_ns:
            return
        self._due_ns = at + EVERY_NS
        try:
            if at >= self._sweep_ns:
                self._sweep_ns = at + SWEEP_EVERY_NS
                self._outbox.sweep(self._clock.now().time_ns - DAY_NS)
            waiting = dict(self._outbox.waiting())
            self._sent_ns = {name: sent for name, sent in self._sent_ns.items() if name in waiting}
            for name, body in waiting.items():
                self._deal(name, body, at)
        except (OSError, JournalError) as error:
            if str(error) != self._told:
                log.error("what people hand in is left for later: %s", error)  # noqa: TRY400 # its text says it all
            self._told = str(error)

    def _deal(self, name: str, body: Mapping[str, Any] | None, now_ns: int) -> None:
        identity = _identity(body)
        if body is None or identity is None or body.get("kind") not in ("lose", "act"):
            self._outbox.answer(
                name, "this is not what a worker takes: command and worker are of different versions"
            )
            return
        there = (replica_folder(self._replicas.data, identity) / NAME).is_file()
        if not (self._replicas.ours(identity.site) and there):
            return
        if body["kind"] == "lose":
            self._lose(name, identity, body)
        else:
            self._act(name, identity, body, now_ns)

    def _lose(self, name: str, identity: Identity, body: Mapping[str, Any]) -> None:
        try:
            lost = lost_of(body, self._clock.now().time_ns)
            self._replicas.of(identity).lose(lost)
        except ValueError as error:
            self._outbox.answer(name, str(error))
            return
        log.warning("operator %s gives up %s %d..%d of site %s: %s", lost.operator, lost.stream, lost.first,
                    lost.last, identity.site, lost.reason)  # fmt: skip
        self._given_up(identity, lost.stream, lost.first, lost.last)
        self._outbox.answer(name, "")

    def _act(self, name: str, identity: Identity, body: Mapping[str, Any], now_ns: int) -> None:
        payload, expires_ns = body.get("payload"), body.get("expires_ns")
        if not isinstance(payload, str) or type(expires_ns) is not int:
            self._outbox.answer(name, "an act without a payload")
        elif self._clock.now().time_ns > expires_ns:
            self._outbox.remove(name)
        elif now_ns - self._sent_ns.get(name, -AGAIN_NS) >= AGAIN_NS and self._inbox.publish(
            site_topic(identity.site, "entry", name), payload.encode(), retain=False
        ):
            self._sent_ns[name] = now_ns

    def heard(self, events: Iterable[NumberedEvent]) -> None:
        """These were stored: acts whose outcome is among them need not be sent again."""
        if not self._sent_ns:
            return
        for _, _, event in events:
            if isinstance(event, Noted) and event.kind in OUTCOMES:
                name = str(event.facts.get("act"))
                if self._sent_ns.pop(name, None) is not None:
                    try:
                        self._outbox.remove(name)
                    except OSError as error:
                        log.warning("%s: %s", self._outbox.folder, error)


def _identity(body: Mapping[str, Any] | None) -> Identity | None:
    names = [(body or {}).get(name) for name in ("site", "gateway", "epoch")]
    return Identity(*map(str, names)) if all(isinstance(each, str) and each for each in names) else None


def lost_of(body: Mapping[str, Any], now_ns: int) -> KnownLost:
    """The decision that a file holds. Raises ValueError."""
    stream, first, last = body.get("stream"), body.get("first"), body.get("last")
    operator, reason = body.get("operator"), body.get("reason")
    if stream not in (INPUT_STREAM, EVENT_STREAM) or type(first) is not int or type(last) is not int:
        raise ValueError("stream, first and last do not name records")
    if not isinstance(operator, str) or not operator.isdecimal() or len(operator) > 12:
        raise ValueError("operator is a number of at most 12 digits: names of people never enter the journal")
    if not isinstance(reason, str) or not reason.strip() or len(reason) > _TEXT_MOST:
        raise ValueError(f"reason is not a text of 1 to {_TEXT_MOST} characters")
    return KnownLost(str(stream), first, last, operator, " ".join(reason.split()), now_ns)

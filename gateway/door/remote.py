"""Acts that come over MQTT: judged, entered once, and their outcome told.

Rule 1: nothing that comes is an entry before a user of the config has signed it.  Rule 2: an id is taken once, for
ever: this run remembers it, and the journal does.  Rule 3: whoever floods us costs a bounded share of the time, and a
bounded number of rows.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Protocol

from gateway.acts import LIFE_MOST_NS, REFUSED, REFUSED_ENTRY, Act, Forged, Judge, Refused
from gateway.door.words import BadRequest, entry_of, request
from gateway.model import Entry, Instant, Noted, Plain, Severity
from gateway.ports import Clock

WAITING_MOST = 64
FORGED_NS = 50_000_000  # after one that is forged
TOLD_MOST = 10  # forged ones in `TOLD_NS` that are told one by one
TOLD_NS = 60_000_000_000

log = logging.getLogger(__name__)


class Entering(Protocol):
    """The recorder."""

    def take(self, given: Entry) -> None: ...

    def note(self, event: Noted) -> None: ...


class Remote:
    """One for a daemon. `acted`: whether the journal has an entry of this act."""

    def __init__(
        self, judge: Judge, clock: Clock, recorder: Entering, acted: Callable[[str], Awaitable[bool]]
    ) -> None:
        self._judge, self._clock, self._recorder, self._acted = judge, clock, recorder, acted
        self._waiting: asyncio.Queue[bytes] = asyncio.Queue(WAITING_MOST)
        self._taken: dict[str, int] = {}  # of late, and when: the journal may not have them yet
        self._told, self._told_ns, self._more = 0, -TOLD_NS, 0

    def hear(self, payload: bytes) -> None:
        """Something came. Never waits: what is too much is dropped, and whoever means it says it again."""
        try:
            self._waiting.put_nowait(payload)
        except asyncio.QueueFull:
            self._more += 1

    async def run(self) -> None:
        """Judge what comes, until cancelled."""
        while True:
            payload = await self._waiting.get()
            try:
                await self._deal(self._judge.act(payload))
            except Forged as forged:
                self._tell(forged)
                await self._clock.sleep_until(self._clock.boottime_ns() + FORGED_NS)

    async def _deal(self, act: Act) -> None:
        now = self._clock.now()
        since = now.boottime_ns - LIFE_MOST_NS
        self._taken = {id_: when for id_, when in self._taken.items() if when >= since}
        if act.id in self._taken or await self._acted(act.id):
            log.info("act %s of operator %s came again: it is taken once", act.id, act.operator)
            return
        self._taken[act.id] = now.boottime_ns
        self._recorder.take(self._entry(act, now))

    def _entry(self, act: Act, now: Instant) -> Entry:
        try:
            self._judge.allow(act, now.time_ns)
            entry = entry_of(request(act.kind, act.operator, act.body), now)
        except (Refused, BadRequest) as error:
            log.warning("operator %s, %s: %s", act.operator, act.kind, error)
            body: dict[str, Plain] = {"act": act.id, "kind": act.kind, "reason": str(error)}
            return Entry(REFUSED_ENTRY, now, act.operator, body)
        return Entry(entry.kind, entry.at, entry.operator, {**entry.body, "act": act.id})

    def _tell(self, forged: Forged) -> None:
        """What nobody known has signed is an event, and no entry; the first ones of a minute."""
        now = self._clock.boottime_ns()
        if now - self._told_ns >= TOLD_NS:
            self._told, self._told_ns = 0, now
        if self._told >= TOLD_MOST:
            self._more += 1
            return
        self._told += 1
        act, more = forged.act, self._more
        self._more = 0
        log.warning("an act is not taken: %s", forged.reason)
        facts: dict[str, Plain] = {"reason": forged.reason}
        if act is not None:
            facts |= {"act": act.id, "entry": act.kind, "operator": act.operator}
        if more:
            facts["more"] = more
        subject = act.operator if act is not None else ""
        self._recorder.note(Noted(self._clock.now().time_ns, REFUSED, subject, Severity.WARNING, facts))

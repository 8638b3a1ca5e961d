"""The ledger on one connection: leaves behind the records they are over, then the newest checkpoint.

Rule 1: one message of leaves is on its way at a time, so records never wait for them.  Rule 2: leaves go on from where
the witness is: what he says to hold is believed, and what he lacks after long is sent again; that is harmless.
"""

from __future__ import annotations

import asyncio
import contextlib

from gateway.ports import Clock, History, Ledger, Watermark
from gateway.publish.link import NO_SUBSCRIBERS, REFUSED_FROM, Link
from gateway.wire import Checkpoint, Stored, WireLeaf, checkpoint, leaves, site_topic

CURSOR = "mqtt-ledger"
LEAVES = 256  # in a message: some 20 kB
LOST_NS = 15_000_000_000  # lacking for so long at a witness that is heard is lost
REFUSED_NS = 30_000_000_000
TURN_NS = 1_000_000_000  # as often as heads are signed
FIRST_NS = 750_000_000  # a retained `stored` comes right after SUBACK


class Leaves:
    """What outlasts a connection: how many leaves the broker took, and how many the witness holds."""

    def __init__(self, history: History) -> None:
        self._history = history
        self.identity = history.identity
        self.taken = self._written = 0
        self.said = 0  # size of the checkpoint that went out last
        self.held: int | None = None
        self._held_since_ns = 0
        self._hurried = asyncio.Event()

    def hurry(self) -> None:
        """We are to end: what is signed by now goes out without waiting for its turn."""
        self._hurried.set()

    async def turn(self, clock: Clock) -> None:
        """Return when it is time to look again."""
        with contextlib.suppress(TimeoutError):
            await clock.within(self._hurried.wait(), clock.boottime_ns() + TURN_NS)
        self._hurried.clear()

    async def load(self) -> None:
        """Where the last run left off."""
        self.taken = self._written = (await self._history.cursor(CURSOR)).input

    async def save(self) -> None:
        """Remember it."""
        if self.taken != self._written:
            self._written = self.taken
            await self._history.set_cursor(CURSOR, Watermark(input=self.taken))

    def stored(self, said: Stored, now_ns: int) -> None:
        """The ingest worker says what it holds."""
        if said.identity != self.identity or said.leaves is None:
            return
        if said.leaves != self.held or said.leaves >= self.taken:
            self._held_since_ns = now_ns
        first, self.held = self.held is None, said.leaves
        if first or said.leaves > self.taken or now_ns - self._held_since_ns >= LOST_NS:
            self.taken, self._held_since_ns = said.leaves, now_ns


class LedgerTail:
    """Of one connection."""

    def __init__(self, link: Link, ledger: Ledger, at: Leaves, clock: Clock) -> None:
        self._link, self._ledger, self._at, self._clock = link, ledger, at, clock
        self._said = ""

    def stored(self, said: Stored) -> None:
        self._at.stored(said, self._clock.boottime_ns())

    async def run(self) -> None:
        """Until LinkDown or cancelled."""
        await self._clock.sleep_until(self._clock.boottime_ns() + FIRST_NS)
        while True:
            size, note = self._ledger.size, self._ledger.note
            while self._at.taken < size:
                await self._send(size)
            if note != self._said:
                self._said = note
                said = Checkpoint(self._at.identity, self._clock.now().time_ns, self._ledger.public, note)
                await self._publish("checkpoint", checkpoint(said), retain=True)
                self._at.said = size
            await self._at.save()
            await self._at.turn(self._clock)

    async def _send(self, size: int) -> None:
        first = self._at.taken
        some = await self._ledger.leaves(first, min(first + LEAVES, size))
        payload = leaves(self._at.identity, [WireLeaf(*leaf.row()) for leaf in some])
        if await self._publish("leaf", payload, retain=False) and self._at.taken == first:
            self._at.taken = first + len(some)

    async def _publish(self, kind: str, payload: bytes, *, retain: bool) -> bool:
        """Whether the broker took it; after a refusal not before some time."""
        answer: asyncio.Future[int] = self._link.publish(
            site_topic(self._at.identity.site, kind), payload, retain=retain
        )
        code = await answer
        if code < REFUSED_FROM:
            if code == NO_SUBSCRIBERS:
                self._at.held = None  # the next witness says where he is, and is believed
            return True
        await self._clock.sleep_until(self._clock.boottime_ns() + REFUSED_NS)
        return False

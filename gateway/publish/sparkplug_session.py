"""One connection of the edge node: wait for the host, give birth, speak, obey, leave in good order.

Rule 1: live before the past: history goes out in small portions, while nothing live waits and the socket takes it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator

from gateway.model import EVENT_STREAM, Block, Reading
from gateway.ports import Clock
from gateway.publish.link import LinkDown
from gateway.publish.sparkplug_books import NodeBooks
from gateway.publish.sparkplug_link import NodeLink
from gateway.site import Sparkplug
from gateway.sparkplug.namespace import Namespace
from gateway.sparkplug.node import EdgeNode, Message, asks_rebirth
from gateway.sparkplug.state import BadState, HostWatch
from gateway.sparkplug.topics import state_topic
from gateway.sparkplug.types import BadPayload
from gateway.tasks import together

PATIENCE_NS = 10_000_000_000  # for the primary host's word on one broker of several
PORTION = 64  # records of the past in one go
PORTION_NS = 20_000_000  # at most so often: some 3,000 records a second
LATER_NS = 1_000_000_000  # after the births, before the past
FULL = 512  # messages that wait at the socket: the past waits too
STUCK = 4_096  # ... the connection is as good as gone
_BEAT_NS = 250_000_000
_SAVE_BEATS = 20

log = logging.getLogger(__name__)


class HostGone(Exception):  # named after what happened
    """The primary host is not there; try the next broker."""


class NodeSession:
    """From connected to LinkDown or HostGone. `alone`: there is no other broker to go to."""

    def __init__(  # each a port or a seam
        self,
        link: NodeLink,
        node: EdgeNode,
        books: NodeBooks,
        clock: Clock,
        *,
        watch: HostWatch,
        settings: Sparkplug,
        namespace: Namespace | None,
        alone: bool,
    ) -> None:
        self._link, self._node, self._books = link, node, books
        self._clock = clock
        self._watch, self._alone = watch, alone
        self._host, self._past = settings.primary_host, settings.history
        self._namespace = namespace
        self._births = 0
        self._over = asyncio.Event()
        self._why = ""

    async def run(self) -> None:
        """Until the connection or the host is gone. Cancelled, it leaves with NDEATH."""
        try:
            if self._host:
                await self._link.subscribe(state_topic(self._host))
            await self._link.subscribe(self._node.topic("NCMD"))
            if not self._host:
                self._give_birth()
            works = (
                self._listen(),
                self._keep(),
                self._tell_past(),
                self._wait(),
                self._lost(),
                self._failed(),
            )
            await together(*works, but=(HostGone, LinkDown))
        except (asyncio.CancelledError, HostGone):
            await self._leave()
            raise
        except BaseException:
            await self._link.close()
            raise
        finally:
            self._over.set()

    async def _leave(self) -> None:
        death = self._node.death(self._now_ms())
        self._node.leave()
        await self._link.leave(death)

    # --- live -------------------------------------------------------------------------------------------------------

    async def live(self, block: Block) -> bool:
        """Take a block; whether what it says went out."""
        births = self._births
        said = self._node.born
        try:
            for message in self.messages(self._node, block, self._namespace, self._now_ms()):
                if message is None:
                    await self._clock.sleep_until(0)  # others' turn
                else:
                    self._send(message)
                if self._over.is_set():
                    raise LinkDown("the session is over")
        except LinkDown as error:
            # The rest is remembered all the same: the next births need it, and the past will tell it.
            self._node.leave()
            self._why = str(error)
            self._over.set()
            for _ in self.messages(self._node, block, self._namespace, 0):
                pass
            return False
        return said and self._node.born and births == self._births

    @staticmethod
    def messages(
        node: EdgeNode, block: Block, namespace: Namespace | None, now_ms: int
    ) -> Iterator[Message | None]:
        """A block through the node; None between records."""
        for _, given in block.inputs:
            if isinstance(given, Reading):
                if namespace is not None:
                    namespace.reading(given)
                yield from node.reading(given, now_ms)
                yield None
        for _, _, event in block.events:
            yield from node.event(event, now_ms)

    def _send(self, message: Message) -> None:
        if self._link.waiting() > STUCK:
            raise LinkDown("the broker takes nothing any more")
        self._link.send(message)

    def _give_birth(self) -> None:
        self._births += 1
        for message in self._node.births(self._now_ms()):
            self._send(message)
        if self._namespace is not None:
            self._namespace.again()

    # --- what comes in ----------------------------------------------------------------------------------------------

    async def _listen(self) -> None:
        mine = self._node.topic("NCMD")
        async for topic, payload in self._link.heard():
            try:
                if topic == mine:
                    if asks_rebirth(payload) and self._node.born:
                        self._give_birth()
                elif self._host and topic == state_topic(self._host) and self._watch.hear(payload):
                    self._host_said()
            except (BadPayload, BadState) as error:
                log.warning("%s: %s", topic, error)

    def _host_said(self) -> None:
        if self._watch.online:
            if not self._node.born:
                self._give_birth()
        elif self._node.born or not self._alone:
            raise HostGone(f"primary host {self._host} is offline")

    async def _wait(self) -> None:
        """A broker where nobody says anything of the host is left for another one."""
        if not self._host or self._alone:
            return
        await self._clock.sleep_until(self._clock.boottime_ns() + PATIENCE_NS)
        if not self._node.born:
            raise HostGone(f"nothing is heard of primary host {self._host}")

    async def _lost(self) -> None:
        await self._link.lost()
        raise LinkDown("the connection broke")

    async def _failed(self) -> None:
        """A block found that nothing goes out any more."""
        await self._over.wait()
        raise LinkDown(self._why)

    # --- the past, and what goes on beside --------------------------------------------------------------------------

    async def _keep(self) -> None:
        """One-value topics, and the cursor."""
        due, beats = self._clock.boottime_ns(), 0
        while True:
            due = max(due + _BEAT_NS, self._clock.boottime_ns())
            await self._clock.sleep_until(due)
            if self._namespace is not None and self._node.born and self._link.waiting() < FULL:
                for topic, payload in self._namespace.due(self._clock.boottime_ns() // 1_000_000):
                    self._send(Message(topic, payload, retain=True))
            beats += 1
            if beats % _SAVE_BEATS == 0:
                await self._books.save()

    async def _tell_past(self) -> None:
        if not self._past:
            return
        due = self._clock.boottime_ns() + LATER_NS
        while True:
            await self._clock.sleep_until(due)
            now_ns = self._clock.boottime_ns()
            due = now_ns + PORTION_NS
            work = self._books.owed(PORTION, now_ns) if self._node.born else None
            if work is None or self._link.waiting() > FULL:
                due = now_ns + _BEAT_NS
                continue
            await self._portion(*work)

    async def _portion(self, stream: str, first: int, last: int) -> None:
        births, now_ms = self._births, self._now_ms()
        messages: list[Message] = []
        if stream == EVENT_STREAM:
            for _, _, event in await self._books.events(first, last):
                messages += self._node.past_event(event, now_ms)
        else:
            inputs = await self._books.inputs(first, last)
            for seq, given in inputs:
                if isinstance(given, Reading):
                    catalogue = self._books.eras.catalogue(seq)
                    shape = catalogue.shape(given.group, len(given.values), len(given.raw))
                    if shape is not None:
                        messages += self._node.past(given, (shape.tags, shape.types), now_ms)
        for message in messages:
            self._send(message)
        if births == self._births:
            self._books.said(stream, first, last, self._clock.boottime_ns())

    def _now_ms(self) -> int:
        return self._clock.now().time_ns // 1_000_000

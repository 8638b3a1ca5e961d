"""A broker and the links to it: QoS 1, retained messages, sessions that outlive a connection, and how each of it fails.

MQTT 5: 3.1.2.11 (sessions), 4.3.2 (QoS 1), 4.4 (what was not acknowledged is sent again on the next connection),
4.6 (order within a topic), 3.3.1.3 (retained), 3.1.2.5 (wills). Like mosquitto it has its own bound of what
waits, and drops what is beyond it.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import AsyncIterator, Sequence
from functools import lru_cache

from gateway.ingest.inbox import KINDS, WINDOW, Delivery
from gateway.publish.link import NO_SUBSCRIBERS, LinkDown
from gateway.wire import ROOT
from simulators.chaos.loop import VirtualLoop, pause
from simulators.chaos.trace import Trace

QUEUE = 1_000  # messages that wait in a session beyond its window; more are dropped (mosquitto's max_queued_messages)
Message = tuple[str, bytes]


class Broker:
    """One broker with one subscriber's session, the ingest worker's."""

    def __init__(self, loop: VirtualLoop, chance: random.Random, trace: Trace) -> None:
        self.loop, self.chance, self.trace = loop, chance, trace
        self.retained: dict[str, bytes] = {}
        self.links: list[Link] = []
        self.inbox: Inbox | None = None
        self.session: Session | None = None
        self.down = 0  # it does not run
        self.cut_gateway = 0  # the gateway's link is cut
        self.cut_worker = 0
        self.losing_acks = 0  # acknowledgements do not arrive, then the link breaks
        self.repeating = 0  # what was delivered is delivered again
        self.reordering = 0  # messages of different topics overtake each other
        self.dropped = 0  # messages that no session had room for
        self.taken = 0

    async def dial(self, will: Message) -> Link:
        """The gateway's connection. Raises LinkDown."""
        await pause(self.chance.uniform(0.001, 0.02))
        if self.down or self.cut_gateway:
            raise LinkDown("nobody answers")
        link = Link(self, will)
        self.links.append(link)
        return link

    def arrives(self, topic: str, payload: bytes, *, retain: bool) -> int:
        """A message is here: kept, and handed on; the reason code of its PUBACK."""
        self.taken += 1
        self.trace.bytes("mqtt", topic, payload)
        if retain:
            if payload:  # copies: what a broker holds is not the gateway's memory
                self.retained[str(topic.encode(), "utf-8")] = bytes(bytearray(payload))
            else:
                self.retained.pop(topic, None)
        for link in self.links:
            link.gets(topic, payload)
        if self.session is not None and subscribed(topic):
            self.session.queue(topic, payload)
            return 0
        return NO_SUBSCRIBERS

    def restart(self, *, forgets: bool) -> None:
        """Every connection breaks; what it kept in memory only is gone where it did not save that."""
        for link in list(self.links):
            link.cut()
        if self.inbox is not None:
            self.inbox.cut()
        if forgets and self.session is not None:
            self.dropped += len(self.session.waiting)
            self.session.waiting.clear()

    def subscribe(self, inbox: Inbox) -> None:
        """The worker's client is back: its session goes on, or begins with what is retained."""
        self.inbox = inbox
        if self.session is None:
            self.session = Session(self)
            for topic, payload in list(self.retained.items()):
                if subscribed(topic):
                    self.session.queue(topic, payload)
        self.session.resume()


@lru_cache(maxsize=4096)
def subscribed(topic: str) -> bool:
    """Whether the worker hears it."""
    levels = topic.split("/")
    return "/".join(levels[:2]) == ROOT and any(_fits(kind.split("/"), levels[3:]) for kind in KINDS)


def _fits(pattern: list[str], levels: list[str]) -> bool:
    return len(pattern) == len(levels) and all(
        want in ("+", got) for want, got in zip(pattern, levels, strict=True)
    )


class Session:
    """What the worker has not acknowledged; outlives its connections."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self.waiting: deque[Message] = deque()
        self.flying: dict[int, Message] = {}
        self._mid = 0

    def queue(self, topic: str, payload: bytes) -> None:
        """One more to deliver."""
        broker = self._broker
        if len(self.waiting) >= QUEUE:
            broker.dropped += 1
            return
        self.waiting.append((topic, payload))
        if broker.repeating and broker.chance.random() < 0.3:
            self.waiting.append((topic, payload))
        if broker.reordering and len(self.waiting) > 1 and broker.chance.random() < 0.5:
            other = broker.chance.randrange(len(self.waiting))
            if self.waiting[other][0] != topic:
                self.waiting[other], self.waiting[-1] = self.waiting[-1], self.waiting[other]
        if broker.inbox is not None:
            broker.inbox.came.set()

    def resume(self) -> None:
        """What was on its way goes first, once more."""
        self.waiting.extendleft(reversed(self.flying.values()))
        self.flying.clear()

    def deliver(self, limit: int) -> list[tuple[int, Message]]:
        """What may be sent now."""
        sent: list[tuple[int, Message]] = []
        while self.waiting and len(sent) < limit and len(self.flying) < WINDOW:
            self._mid += 1
            self.flying[self._mid] = self.waiting.popleft()
            sent.append((self._mid, self.flying[self._mid]))
        return sent


class Link:
    """The gateway's connection; implements `gateway.publish.link.Link`."""

    window = 65_535
    largest = 268_435_455

    def __init__(self, broker: Broker, will: Message) -> None:
        self._broker, self._will = broker, will
        self._gone = asyncio.Event()
        self._incoming: asyncio.Queue[Message | None] = asyncio.Queue()
        self._answers: set[asyncio.Future[int]] = set()
        self._topics: set[str] = set()
        self._out_s = self._in_s = 0.0

    def publish(self, topic: str, payload: bytes, *, retain: bool, expiry_s: int = 0) -> asyncio.Future[int]:
        del expiry_s  # an hour; nothing waits for so long here
        broker = self._broker
        if self._gone.is_set():
            raise LinkDown("cut")
        future: asyncio.Future[int] = broker.loop.create_future()
        self._answers.add(future)
        self._out_s = max(self._out_s, broker.loop.time()) + broker.chance.uniform(0.0005, 0.004)
        broker.loop.call_at(self._out_s, self._arrives, topic, bytes(payload), retain, future)
        return future

    def _arrives(self, topic: str, payload: bytes, retain: bool, future: asyncio.Future[int]) -> None:  # noqa: FBT001
        broker = self._broker
        if self._gone.is_set():
            return  # it was on its way when the link broke
        code = broker.arrives(topic, payload, retain=retain)
        if broker.losing_acks and broker.chance.random() < 0.3:
            if broker.chance.random() < 0.2:
                self.cut()
            return
        self._in_s = max(self._in_s, broker.loop.time()) + broker.chance.uniform(0.0005, 0.004)
        broker.loop.call_at(self._in_s, self._acknowledged, future, code)

    def _acknowledged(self, future: asyncio.Future[int], code: int) -> None:
        self._answers.discard(future)
        if not future.done() and not self._gone.is_set():
            future.set_result(code)

    async def subscribe(self, topic: str) -> int:
        await pause(0.003)
        if self._gone.is_set():
            raise LinkDown("cut")
        self._topics.add(topic)
        if topic in self._broker.retained:
            self.gets(topic, self._broker.retained[topic])
        return 1

    def gets(self, topic: str, payload: bytes) -> None:
        """Somebody published what this link may have asked for."""
        if topic in self._topics:
            self._incoming.put_nowait((topic, payload))

    async def heard(self) -> AsyncIterator[Message]:
        while (each := await self._incoming.get()) is not None:
            yield each
        raise LinkDown("cut")

    async def lost(self) -> None:
        await self._gone.wait()

    async def close(self, *, farewell: Message | None = None) -> None:
        if farewell is not None and not self._gone.is_set():
            self._broker.arrives(*farewell, retain=True)
            self._over()
        else:
            self.cut()

    def cut(self) -> None:
        """It breaks: the will is told, and nobody hears of what was on its way."""
        if not self._gone.is_set():
            self._over()
            self._broker.arrives(*self._will, retain=True)

    def _over(self) -> None:
        self._gone.set()
        if self in self._broker.links:
            self._broker.links.remove(self)
        self._incoming.put_nowait(None)
        for future in self._answers:
            if not future.done():
                future.set_exception(LinkDown("cut"))
                future.exception()  # seen: whoever waits gets it too
        self._answers.clear()


class Inbox:
    """The worker's connection; implements `gateway.ingest.inbox.Inbox`, and never waits."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._connection = 0
        self._connected = False
        self.came = asyncio.Event()

    def take(self, limit: int, wait_s: float, gather_s: float) -> list[Delivery]:
        """What is there."""
        del wait_s, gather_s
        broker = self._broker
        self.came.clear()
        if broker.down or broker.cut_worker:
            self.cut()
            return []
        if not self._connected:
            self._connected = True
            self._connection += 1
            broker.subscribe(self)
        session = broker.session
        assert session is not None  # noqa: S101 # subscribe made it
        return [
            Delivery(topic, payload, self._connection, mid)
            for mid, (topic, payload) in session.deliver(limit)
        ]

    def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """They are stored."""
        broker = self._broker
        if not self._connected or broker.session is None:
            return
        for each in deliveries:
            if each.connection == self._connection and not (
                broker.losing_acks and broker.chance.random() < 0.3
            ):
                broker.session.flying.pop(each.mid, None)
        if broker.losing_acks and broker.session.flying:
            self.cut()  # what was not acknowledged comes again on the next connection

    def publish(self, topic: str, payload: bytes, *, retain: bool = True) -> bool:
        """A word back."""
        if not self._connected:
            return False
        self._broker.arrives(topic, payload, retain=retain)
        return True

    def cut(self) -> None:
        """The connection is gone."""
        self._connected = False
        if self._broker.inbox is self:
            self._broker.inbox = None

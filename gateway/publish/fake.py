"""A broker that does as a script says: the fake beside the seam `gateway.publish.link`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from gateway.publish.link import REFUSED_FROM, LinkDown


@dataclass(frozen=True, slots=True)
class Sent:
    """One publish that reached the broker."""

    topic: str
    payload: bytes
    retain: bool
    expiry_s: int = 0


@dataclass
class FakeBroker:
    """Keeps what it took, in order; `answer` gives the reason code of a publish, None leaves it unanswered."""

    answer: Callable[[Sent], int | None] = field(default=lambda _: 0)
    subscription: Callable[[str], int] = field(default=lambda _: 1)
    up: bool = True
    window: int = 64
    largest: int = 268_435_455
    sent: list[Sent] = field(default_factory=list)
    retained: dict[str, bytes] = field(default_factory=dict)
    dialled: int = 0
    links: list[FakeLink] = field(default_factory=list)

    async def dial(self, will: tuple[str, bytes]) -> FakeLink:
        """A connection, unless the broker is down."""
        self.dialled += 1
        if not self.up:
            raise LinkDown("the script says so")
        link = FakeLink(self, will)
        self.links.append(link)
        return link

    def cut(self) -> None:
        """Break every connection, as a cable pulled: wills are published, dialling fails until `up`."""
        self.up = False
        for link in self.links:
            link.cut()
        self.links.clear()

    def tell(self, topic: str, payload: bytes) -> None:
        """Somebody else publishes a retained message."""
        self.retained[topic] = payload
        for link in self.links:
            link.incoming.put_nowait((topic, payload))

    def of(self, kind: str) -> list[Sent]:
        """What was sent under ``lotwatch/v1/<site>/<kind>``."""
        return [each for each in self.sent if each.topic.split("/")[3] == kind]


class FakeLink:
    """One connection to a `FakeBroker`."""

    def __init__(self, broker: FakeBroker, will: tuple[str, bytes]) -> None:
        self.broker, self.will = broker, will
        self.window, self.largest = broker.window, broker.largest
        self.incoming: asyncio.Queue[tuple[str, bytes] | None] = asyncio.Queue()
        self.unanswered: list[tuple[Sent, asyncio.Future[int]]] = []
        self._gone = asyncio.Event()

    def publish(self, topic: str, payload: bytes, *, retain: bool, expiry_s: int = 0) -> asyncio.Future[int]:
        if self._gone.is_set():
            raise LinkDown("cut")
        future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        sent = Sent(topic, payload, retain, expiry_s)
        self.broker.sent.append(sent)
        if retain:
            self.broker.retained[topic] = payload
            if not payload:
                del self.broker.retained[topic]
        code = self.broker.answer(sent)
        if code is None:
            self.unanswered.append((sent, future))
        else:
            future.set_result(code)
        return future

    async def subscribe(self, topic: str) -> int:
        if (code := self.broker.subscription(topic)) < REFUSED_FROM and topic in self.broker.retained:
            self.incoming.put_nowait((topic, self.broker.retained[topic]))
        return code

    async def heard(self) -> AsyncIterator[tuple[str, bytes]]:
        while (each := await self.incoming.get()) is not None:
            yield each
        raise LinkDown("cut")

    async def lost(self) -> None:
        await self._gone.wait()

    async def close(self, *, farewell: tuple[str, bytes] | None = None) -> None:
        if farewell is not None and not self._gone.is_set():
            self.publish(*farewell, retain=True)
        self._gone.set()
        if self in self.broker.links:
            self.broker.links.remove(self)
        for _, future in self.unanswered:
            if not future.done():
                future.set_exception(LinkDown("closed"))
                future.exception()

    def cut(self) -> None:
        """The connection breaks; nobody hears of what was on its way."""
        self._gone.set()
        self.broker.retained[self.will[0]] = self.will[1]
        self.incoming.put_nowait(None)

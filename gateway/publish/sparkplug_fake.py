"""A Sparkplug broker that does as a script says, and keeps what it took: the fake beside `sparkplug_link`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from gateway.publish.link import LinkDown
from gateway.sparkplug.node import Message


@dataclass
class FakeServer:
    """One broker. `log` has every packet that matters, in order: ("connect", will), ("subscribe", topic), ..."""

    up: bool = True
    slow: bool = False  # the socket takes nothing
    log: list[tuple[str, object]] = field(default_factory=list)
    retained: dict[str, bytes] = field(default_factory=dict)
    links: list[FakeNodeLink] = field(default_factory=list)
    open: int = 0

    async def reach(self) -> None:
        if not self.up:
            raise LinkDown("the script says so")

    async def dial(self, will: Message) -> FakeNodeLink:
        await self.reach()
        self.log.append(("connect", will))
        link = FakeNodeLink(self, will)
        self.links.append(link)
        self.open += 1
        return link

    def sent(self) -> list[Message]:
        """What was published to it, wills included, in order."""
        return [what for kind, what in self.log if kind in ("publish", "will") and isinstance(what, Message)]

    def kinds(self) -> list[str]:
        """The kind of message of each of them."""
        return [message.topic.split("/")[2] for message in self.sent()]

    def tell(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Somebody else publishes."""
        if retain:
            self.retained[topic] = payload
        for link in self.links:
            if topic in link.topics:
                link.incoming.put_nowait((topic, payload))

    def cut(self) -> None:
        """Every connection breaks; wills are published."""
        for link in list(self.links):
            link.broken()


class FakeNodeLink:
    """One connection to a `FakeServer`."""

    def __init__(self, server: FakeServer, will: Message) -> None:
        self.server, self.will = server, will
        self.topics: list[str] = []
        self.incoming: asyncio.Queue[tuple[str, bytes] | None] = asyncio.Queue()
        self._gone = asyncio.Event()

    def send(self, message: Message) -> None:
        if self._gone.is_set():
            raise LinkDown("cut")
        self.server.log.append(("publish", message))

    def waiting(self) -> int:
        return 1_000_000 if self.server.slow else 0

    async def subscribe(self, topic: str) -> int:
        if self._gone.is_set():
            raise LinkDown("cut")
        self.server.log.append(("subscribe", topic))
        self.topics.append(topic)
        if topic in self.server.retained:
            self.incoming.put_nowait((topic, self.server.retained[topic]))
        return 1

    async def heard(self) -> AsyncIterator[tuple[str, bytes]]:
        while (each := await self.incoming.get()) is not None:
            yield each
        raise LinkDown("cut")

    async def lost(self) -> None:
        await self._gone.wait()

    async def leave(self, death: Message) -> None:
        if not self._gone.is_set():
            self.send(death)
            self.server.log.append(("disconnect", None))
        self._end()

    async def close(self) -> None:
        if not self._gone.is_set():
            self.broken()

    def broken(self) -> None:
        """The connection breaks."""
        self.server.log.append(("will", self.will))
        self._end()
        self.incoming.put_nowait(None)

    def _end(self) -> None:
        if not self._gone.is_set():
            self._gone.set()
            self.server.open -= 1
        if self in self.server.links:
            self.server.links.remove(self)

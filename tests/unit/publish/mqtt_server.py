"""A broker of a hundred lines that writes down each packet of one client: for what no broker tells of CONNECT."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

_CONNECT, _PUBLISH, _PUBACK, _SUBSCRIBE, _PING, _DISCONNECT = 1, 3, 4, 8, 12, 14


@dataclass(frozen=True)
class Connect:
    """MQTT 3.1.1 and 5, 3.1."""

    version: int
    clean: bool
    will_qos: int
    will_retain: bool
    will_topic: str
    will_payload: bytes
    expiry: int


@dataclass
class Server:
    """What came: Connect, ("subscribe", topic, qos), ("publish", topic, payload, qos, retain), ("disconnect", why)."""

    packets: list[object] = field(default_factory=list)
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    version: int = 5
    subscribed: asyncio.StreamWriter | None = None

    def tell(self, topic: str, payload: bytes) -> None:
        """Deliver a message at QoS 0."""
        body = (
            len(topic).to_bytes(2, "big") + topic.encode() + (b"\0" if self.version == 5 else b"") + payload
        )
        assert self.subscribed is not None
        self.subscribed.write(bytes([0x30, len(body)]) + body)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                await self._packet(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            if self.packets:  # a knock at the port is no client
                self.gone.set()
        finally:
            writer.close()

    async def _packet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readexactly(1))[0]
        size, shift = 0, 0
        while True:
            byte = (await reader.readexactly(1))[0]
            size |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        body = _Body(await reader.readexactly(size))
        kind, flags = head >> 4, head & 15
        if kind == _CONNECT:
            self.packets.append(self._connect(body))
            writer.write(b"\x20\x03\0\0\0" if self.version == 5 else b"\x20\x02\0\0")
        elif kind == _SUBSCRIBE:
            mid = body.take(2)
            self._properties(body)
            codes = b""
            while body.left:
                topic = body.text()
                codes += bytes([body.take(1)[0] & 3])
                self.packets.append(("subscribe", topic, codes[-1]))
            answer = mid + (b"\0" if self.version == 5 else b"") + codes
            self.subscribed = writer
            writer.write(bytes([0x90, len(answer)]) + answer)
        elif kind == _PUBLISH:
            topic, qos = body.text(), flags >> 1 & 3
            if qos:
                writer.write(b"\x40\x02" + body.take(2))
            self._properties(body)
            self.packets.append(("publish", topic, body.rest(), qos, bool(flags & 1)))
        elif kind == _DISCONNECT:
            self.packets.append(("disconnect", body.rest()[:1]))
        elif kind == _PING:
            writer.write(b"\xd0\0")

    def _properties(self, body: _Body) -> bytes:
        return body.take(body.take(1)[0]) if self.version == 5 else b""

    def _connect(self, body: _Body) -> Connect:
        body.text()
        self.version, flags = body.take(2)
        body.take(2)
        properties = self._properties(body)
        expiry = 0
        if b"\x11" in properties[:1]:
            expiry = int.from_bytes(properties[1:5], "big")
        body.text()
        self._properties(body)
        topic = body.text()
        will = body.take(int.from_bytes(body.take(2), "big"))
        return Connect(self.version, bool(flags & 2), flags >> 3 & 3, bool(flags & 32), topic, will, expiry)


class _Body:
    def __init__(self, data: bytes) -> None:
        self._data = data

    @property
    def left(self) -> int:
        return len(self._data)

    def take(self, count: int) -> bytes:
        out, self._data = self._data[:count], self._data[count:]
        return out

    def text(self) -> str:
        return self.take(int.from_bytes(self.take(2), "big")).decode()

    def rest(self) -> bytes:
        return self._data

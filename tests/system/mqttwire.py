"""A few packets of MQTT 5 and 3.1.1 on a socket, for a client that may misbehave and that hundreds can be had of."""

from __future__ import annotations

import socket
import ssl
import struct
from collections.abc import Iterator, Sequence
from typing import NamedTuple

DEADLINE_S = 120.0
REFUSED = 0x87  # MQTT 5, 2.4: not authorized


class Heard(NamedTuple):
    """A message that came."""

    topic: str
    payload: bytes


class Turned(Exception):
    """The broker does not let this client in."""


class Wire:
    """One connection. What it hears while it waits for something else is kept in `heard`."""

    def __init__(
        self,
        port: int,
        who: ssl.SSLContext | tuple[str, str],
        client: str,
        *,
        version: int = 5,
        will: tuple[str, bytes] | None = None,
        keep: bool = False,
    ) -> None:
        """`who` is how TLS is done, certificate included, or, on a line in the clear, a name and a password."""
        self.heard: list[Heard] = []
        self._v5, self._waiting, self._packet = version == 5, b"", 0
        self._socket = socket.create_connection(("127.0.0.1", port), DEADLINE_S)
        try:
            if isinstance(who, ssl.SSLContext):
                tls = who.wrap_socket(
                    self._socket, server_hostname="127.0.0.1", do_handshake_on_connect=False
                )
                self._socket = tls
                tls.do_handshake()
            signed = who if isinstance(who, tuple) else ()
            self._socket.sendall(self._connect(client, will, signed, keep=keep))
            kind, body = self._next()
        except OSError as error:
            self._socket.close()
            raise Turned(str(error)) from error
        if kind != 0x20 or body[1]:
            self._socket.close()
            raise Turned(f"CONNACK {body.hex()}")

    def _connect(
        self, client: str, will: tuple[str, bytes] | None, signed: tuple[str, ...], *, keep: bool
    ) -> bytes:
        # clean start; a will with QoS 1; name and password
        flags = (0x00 if keep else 0x02) | (0x0C if will else 0) | (0xC0 if signed else 0)
        body = _text("MQTT") + bytes((5 if self._v5 else 4, flags)) + struct.pack(">H", 0)
        if self._v5:
            body += b"\x05\x11\x00\x00\x0e\x10" if keep else b"\0"  # session expiry interval, 3.1.2.11.2
        body += _text(client)
        if will:
            body += (b"\0" if self._v5 else b"") + _text(will[0]) + struct.pack(">H", len(will[1])) + will[1]
        return _packet(0x10, body + b"".join(_text(each) for each in signed))

    def say(self, messages: Sequence[tuple[str, bytes]], *, retain: bool = False) -> list[int]:
        """Publish with QoS 1, all at once; how each was answered. On 3.1.1 an answer says nothing of refusals."""
        first = self._packet + 1
        out = bytearray()
        for topic, payload in messages:
            self._packet += 1
            body = _text(topic) + struct.pack(">H", self._packet) + (b"\0" if self._v5 else b"") + payload
            out += _packet(0x33 if retain else 0x32, body)
        self._socket.sendall(out)
        codes: dict[int, int] = {}
        while len(codes) < len(messages):
            kind, body = self._next()
            if kind == 0x40:
                codes[int.from_bytes(body[:2], "big")] = body[2] if len(body) > 2 else 0
        return [codes[first + at] for at in range(len(messages))]

    def listen(self, filters: Sequence[str]) -> None:
        """Subscribe to all of them, whatever the broker says of it."""
        self._packet += 1
        body = struct.pack(">H", self._packet) + (b"\0" if self._v5 else b"")
        self._socket.sendall(_packet(0x82, body + b"".join(_text(each) + b"\0" for each in filters)))
        while self._next()[0] != 0x90:
            pass

    def until(self, payload: bytes) -> list[Heard]:
        """Everything that was heard, up to and with a message of this payload."""
        while not any(each.payload == payload for each in self.heard):
            self._next()
        return self.heard

    def leave(self) -> None:
        """In good order."""
        self._socket.sendall(_packet(0xE0, b""))
        self._socket.close()

    def cut(self) -> None:
        """Without a word, as a lost link: the broker sends the will."""
        self._socket.close()

    def gone(self) -> bool:
        """Whether the broker ends the connection, after what it still has to say."""
        try:
            while True:
                self._next()
        except OSError:
            return True

    def _next(self) -> tuple[int, bytes]:
        """Kind and body of the next packet; a message is noted too."""
        while True:
            found = _whole(self._waiting)
            if found is not None:
                kind, body, size = found
                self._waiting = self._waiting[size:]
                if kind & 0xF0 == 0x30:
                    self.heard.append(_message(body, v5=self._v5))
                return kind, body
            data = self._socket.recv(65_536)
            if not data:
                raise ConnectionResetError("the broker has ended the connection")
            self._waiting += data


def _text(text: str) -> bytes:
    data = text.encode()
    return struct.pack(">H", len(data)) + data


def _packet(kind: int, body: bytes) -> bytes:
    return bytes((kind,)) + bytes(_varint(len(body))) + body


def _varint(number: int) -> Iterator[int]:
    while number > 0x7F:
        yield number & 0x7F | 0x80
        number >>= 7
    yield number


def _whole(data: bytes) -> tuple[int, bytes, int] | None:
    """The first packet, if all of it is there: its kind, its body, its size."""
    length = shift = 0
    for at in range(1, min(len(data), 5)):
        length |= (data[at] & 0x7F) << shift
        shift += 7
        if data[at] < 0x80:
            end = at + 1 + length
            return (data[0], data[at + 1 : end], end) if len(data) >= end else None
    return None


def _message(body: bytes, *, v5: bool) -> Heard:
    """A PUBLISH of QoS 0, as our subscriptions want it."""
    end = 2 + int.from_bytes(body[:2], "big")
    topic = body[2:end].decode()
    return Heard(topic, body[end + 1 + body[end] :] if v5 else body[end:])

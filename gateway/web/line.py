"""A stream's way out: frames go straight into the connection that asked for them, made once for all of them.

Rule: nobody waits.  What a connection has not taken is counted, and whoever writes decides what becomes of it.
docs/decisions/0127 says why not through ASGI's `send`: a coroutine and a parser's turn for each viewer and frame.
"""

from __future__ import annotations

import asyncio
from typing import Any, NamedTuple, Protocol

_NAME = "lotwatch.line"  # among the extensions of ASGI's scope


class Frame(NamedTuple):
    """Bytes of a stream, as HTTP/1.0 has them and as a chunk of HTTP/1.1 (RFC 9112, 7.1)."""

    plain: bytes
    chunk: bytes


def frame_of(text: bytes) -> Frame:
    """Not of nothing: an empty chunk would end the answer.

    >>> frame_of(b"data: x").chunk.splitlines()
    [b'7', b'data: x']
    """
    return Frame(text, b"%x\r\n%s\r\n" % (len(text), text))


class Line(Protocol):
    """Where a viewer's frames go."""

    def write(self, frame: Frame) -> None:
        """Send it. Never waits."""

    def behind(self) -> int:
        """Bytes that were written and are not on their way yet."""


class Wire:
    """The connection of a request whose answer has begun, without a length."""

    __slots__ = ("_chunked", "_transport")

    def __init__(self, transport: asyncio.Transport, version: str) -> None:
        """`version`: of HTTP, as ASGI has it."""
        self._transport, self._chunked = transport, version != "1.0"

    def write(self, frame: Frame) -> None:
        """Send it, unless the connection is gone."""
        if not self._transport.is_closing():
            self._transport.write(frame.chunk if self._chunked else frame.plain)

    def behind(self) -> int:
        """Bytes that the system has not taken."""
        return self._transport.get_write_buffer_size()


def lent(scope: Any, transport: asyncio.Transport) -> None:  # what ASGI calls a scope, whatever the kind
    """Give a request its connection."""
    if scope["type"] == "http":
        scope.setdefault("extensions", {})[_NAME] = Wire(transport, scope["http_version"])


def line_of(scope: Any) -> Line:
    """The connection of a request that came by the gate."""
    line: Line = scope["extensions"][_NAME]
    return line

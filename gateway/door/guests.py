"""Guests at a local socket: a line asked, a line answered, so many guests at a time.

Rule: who says nothing for a while, or half a line, or does not read what is said is let go of: their place is somebody
else's. The writer's door (`config/deploy/writer`) has guests of the same kind.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import TypeVar

from gateway.ports import Clock

T = TypeVar("T")

GUESTS_MOST = 16
ASK_NS = 5_000_000_000  # for a request to come, whole, and for its answer to be read


class Guests:
    """Of one socket. `answer`: what is said to a line; `full` and `long`: to one guest or one byte too many."""

    def __init__(
        self, clock: Clock, answer: Callable[[bytes], Awaitable[bytes]], *, full: bytes, long: bytes
    ) -> None:
        self._clock, self._answer, self._full, self._long = clock, answer, full, long
        self._here = 0

    async def come(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One of them, until they go."""
        self._here += 1
        try:
            with contextlib.suppress(ConnectionError, TimeoutError):
                if self._here > GUESTS_MOST:
                    writer.write(self._full)
                else:
                    await self._talk(reader, writer)
                await self._within(writer.drain())
        finally:
            self._here -= 1
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            try:
                line = await self._within(reader.readline())
            except ValueError:  # as asyncio says that a line is longer than the limit
                writer.write(self._long)
                return
            if not line.endswith(b"\n"):
                return  # gone, perhaps in the middle of a word
            writer.write(await self._answer(line))
            await self._within(writer.drain())

    async def _within(self, awaitable: Awaitable[T]) -> T:
        return await self._clock.within(awaitable, self._clock.boottime_ns() + ASK_NS)

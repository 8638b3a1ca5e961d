"""A link that can be cut: a TCP proxy in the harness's own loop.

`cut` resets both sides and refuses whoever dials, as a cable that is pulled at a switch; `freeze` lets connections
stand and moves no byte, as one that is pulled further off. `mend` ends either.
"""

from __future__ import annotations

import asyncio
import contextlib

from tests.system.servers import HOST, free_port

_CHUNK = 65_536


class Proxy:
    """Between a client and the server on `target`, a port of this machine; listens on `port` from `open` on."""

    def __init__(self, name: str, target: int, away_s: float = 0.0) -> None:
        """`away_s`: what a byte takes, each way."""
        self.name, self.port, self._target, self._away_s = name, free_port(), target, away_s
        self._flows = asyncio.Event()
        self._flows.set()
        self._refuses = False
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._serve, HOST, self.port)

    async def close(self) -> None:
        assert self._server is not None
        self._server.close()
        self.cut()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    def cut(self) -> None:
        self._refuses = True
        for writer in list(self._open):
            writer.transport.abort()

    def freeze(self) -> None:
        self._flows.clear()

    def mend(self) -> None:
        self._refuses = False
        self._flows.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._connect(reader, writer)
        finally:
            self._tasks.discard(task)
            writer.transport.abort()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._refuses:
            return
        try:
            far_reader, far_writer = await asyncio.open_connection(HOST, self._target)
        except OSError:
            return
        both = {writer, far_writer}
        self._open |= both
        try:
            ways = [
                asyncio.create_task(self._carry(reader, far_writer)),
                asyncio.create_task(self._carry(far_reader, writer)),
            ]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
        finally:
            self._open -= both
            far_writer.transport.abort()

    async def _carry(self, source: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(_CHUNK):
                if self._away_s:
                    await asyncio.sleep(self._away_s)
                await self._flows.wait()
                to.write(data)
                await to.drain()

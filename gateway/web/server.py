"""The application in the daemon's own loop, on 127.0.0.1."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import uvicorn

from gateway.ports import Clock
from gateway.web.application import Pages, build

HOST = "127.0.0.1"
AGAIN_NS = 10_000_000_000  # after the port was taken
_BACKLOG = 64
_AT_ONCE = 64  # connections

log = logging.getLogger(__name__)


class _Server(uvicorn.Server):
    """Signals are the daemon's."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Web:
    """Answers on one port while `run` runs."""

    def __init__(
        self, folder: Path, port: int, clock: Clock, pages: Callable[[], Pages] | None = None
    ) -> None:
        """`pages` makes what pages take, and may block; none: EPCIS queries alone."""
        self._folder, self.port, self._clock, self._pages = folder, port, clock, pages

    async def run(self) -> None:
        """Until cancelled. A port that is taken is told once, and tried again; the daemon runs on without."""
        bound = await self._bound()
        pages = await self._opened()
        app = build(self._folder, lambda: self._clock.now().time_ns, pages=pages)
        config = uvicorn.Config(
            app, log_config=None, access_log=False, lifespan="off", ws="none", http="h11", loop="none",
            server_header=False, proxy_headers=False, limit_concurrency=_AT_ONCE,
            backlog=_BACKLOG,
        )  # fmt: skip
        server = _Server(config)
        serving = asyncio.create_task(server.serve(sockets=[bound]), name="http")
        hub = pages.hub if pages else None
        telling = asyncio.create_task(hub.run(), name="live") if hub else None
        try:
            await asyncio.shield(serving)
        finally:
            serving.cancel()  # not by its own way out, which takes two tenths of a second of the daemon's one
            await asyncio.wait({serving})
            for listening in getattr(server, "servers", ()):  # set when it has started
                listening.close()
            for connection in list(server.server_state.connections):
                connection.shutdown()
            app.state.close()
            bound.close()
            if telling is not None:
                telling.cancel()
            if pages is not None:
                if pages.helper is not None:
                    await pages.helper.end()
                pages.house.people.close()  # waits for a write at most

    async def _opened(self) -> Pages | None:
        if self._pages is None:
            return None
        pages = await asyncio.to_thread(self._pages)
        code = await asyncio.to_thread(pages.house.setup_code)
        where = f"http://{HOST}:{self.port}"
        if code is None:
            log.info("the pages are at %s", where)
        else:
            log.warning(
                "nobody has an account yet: open %s/now and make the first one with code %s", where, code
            )
        return pages

    async def _bound(self) -> socket.socket:
        told = False
        while True:
            made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            try:
                made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                made.bind((HOST, self.port))
                made.setblocking(False)
            except OSError as error:
                made.close()
                if not told:
                    words = "no HTTP: port %d of %s cannot be had (%s): end the program that has it, or change web.port"
                    log.warning(words, self.port, HOST, error.strerror)
                told = True
                await self._clock.sleep_until(self._clock.boottime_ns() + AGAIN_NS)
            else:
                return made

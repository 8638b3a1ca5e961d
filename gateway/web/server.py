"""The application in a loop: on 127.0.0.1 always, and over TLS for other machines once somebody has an account."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable
from pathlib import Path

import uvicorn

from gateway.ports import Clock
from gateway.site import Beyond
from gateway.tasks import ended, together
from gateway.trust.certificates import BadCertificate
from gateway.trust.hostnames import written
from gateway.web.application import Pages, build
from gateway.web.gate import Gate
from gateway.web.guard import LOCAL
from gateway.web.porter import Porter
from gateway.web.tls import Tls

HOST = "127.0.0.1"
AGAIN_NS = 10_000_000_000  # after the port was taken
_BACKLOG = 64

log = logging.getLogger(__name__)


class Web:
    """Answers on one port of this machine, and on one for others where the config says so, while `run` runs."""

    def __init__(
        self,
        folder: Path,
        port: int,
        clock: Clock,
        pages: Callable[[], Pages] | None = None,
        beyond: Beyond | None = None,
    ) -> None:
        """`pages` makes what pages take, and may block; none: EPCIS queries alone, and nobody from elsewhere."""
        self._folder, self.port, self._clock, self._pages = folder, port, clock, pages
        self._beyond = beyond if pages is not None else None

    async def run(self) -> None:
        """Until cancelled. A port that is taken is told once, and tried again; the daemon runs on without."""
        logging.getLogger("uvicorn.error").setLevel(logging.ERROR)  # it warns of every line that is no HTTP
        async with contextlib.AsyncExitStack() as undo:
            bound = undo.enter_context(await self._bound(HOST, self.port, "web.port"))
            pages = await self._opened()
            if pages is not None:
                undo.push_async_callback(_close, pages)
            hosts = (*LOCAL, *(self._beyond.hosts if self._beyond else ()))
            app = build(self._folder, lambda: self._clock.now().time_ns, hosts, pages)
            undo.callback(app.state.close)
            config = uvicorn.Config(
                app, log_config=None, access_log=False, lifespan="off", ws="none", http="h11", loop="none",
                server_header=False, date_header=False, proxy_headers=False,
            )  # fmt: skip
            gate = Gate(config, self._clock)
            undo.push_async_callback(gate.end)
            works = [gate.run(bound), gate.sweep()]
            if pages is not None:
                porter = Porter(pages.house, pages.note, self._clock)
                works.append(porter.run())
                if pages.hub is not None:
                    works.append(pages.hub.run())
                if self._beyond is not None:
                    works.append(self._open_beyond(gate, porter, self._beyond))
            await together(*works)

    async def _open_beyond(self, gate: Gate, porter: Porter, beyond: Beyond) -> None:
        """Listen to other machines while somebody has an account."""
        tls = Tls(beyond, self._clock)
        while True:
            await porter.until(somebody=True)
            try:
                await tls.context()
            except BadCertificate as error:
                log.warning("the pages are for this machine only: %s", error)
                await self._clock.sleep_until(self._clock.boottime_ns() + AGAIN_NS)
                continue
            with await self._bound(beyond.host, beyond.port, "web.listen") as bound:
                log.info("the pages are at https://%s", written(beyond.hosts[0], beyond.port))
                letting = asyncio.ensure_future(gate.run(bound, tls.context))
                try:
                    await porter.until(somebody=False)
                finally:
                    await ended(letting)

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
                "nobody has an account yet: open %s/setup and make the first one with code %s", where, code
            )
        return pages

    async def _bound(self, host: str, port: int, key: str) -> socket.socket:
        told = False
        while True:
            made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
            try:
                made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                made.bind((host, port))
                made.listen(_BACKLOG)
                made.setblocking(False)
            except OSError as error:
                made.close()
                if not told:
                    words = (
                        "no HTTP: port %d of %s cannot be had (%s): end the program that has it, or change %s"
                    )
                    log.warning(words, port, host, error.strerror, key)
                told = True
                await self._clock.sleep_until(self._clock.boottime_ns() + AGAIN_NS)
            else:
                return made


async def _close(pages: Pages) -> None:
    if pages.helper is not None:
        await pages.helper.end()
    await asyncio.to_thread(pages.house.people.close)  # waits for a write at most

"""Lets connections in: so many, so many of one address, and none that only holds a place.

Rule 1: what has not said who it is (a TLS handshake, a request's head) has a few seconds.  Rule 2: what is too much is
closed at once; it costs an accept.  Rule 3: nothing that comes in breaks the loop, or fills the log.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import ssl
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import cast

import h11
import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from gateway.ports import Clock
from gateway.trust.hostnames import home_of
from gateway.web.line import lent

AT_ONCE = 512  # connections
OF_ONE = 128  # of one address: an office behind one router
HERE = ("127.", "::1")
SHAKING_OF_ONE = 8  # handshakes of one address
SHAKE_S = 5.0
SILENT_NS = 5_000_000_000  # twice that without a whole request, and it is closed
ENDING_NS = 300_000_000  # of the second that a daemon has
TIRED_NS = 1_000_000_000  # after no connection could be had: too many files are open

log = logging.getLogger(__name__)
Context = Callable[[], Awaitable[ssl.SSLContext | None]]


class Visitor(H11Protocol):
    """One connection; says when it is over."""

    def __init__(self, config: uvicorn.Config, state: ServerState, over: Callable[[], None]) -> None:
        super().__init__(config, state, {})
        self._over, self.here = over, False
        self._application, self.app = self.app, self._asked

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The handshake is done."""
        self.here = True
        super().connection_made(cast(asyncio.Transport, transport))

    async def _asked(self, scope: Scope, receive: Receive, send: Send) -> None:
        lent(scope, self.transport)
        await self._application(scope, receive, send)

    def connection_lost(self, exc: Exception | None) -> None:
        """Its place is free."""
        self._over()
        super().connection_lost(exc)

    def waiting_for(self) -> object:
        """The request that we wait for, by the one before; None: it is ours to answer, or to stream."""
        if not self.here or self.conn.their_state not in (h11.IDLE, h11.SEND_BODY):
            return None
        return (id(self.cycle), self.conn.their_state)


class Gate:
    """Of one application; several sockets may lead to it. For one loop."""

    def __init__(self, config: uvicorn.Config, clock: Clock) -> None:
        self._config, self._clock = config, clock
        self._visitors: set[Visitor] = set()
        self._state = ServerState()
        self._of: Counter[str] = Counter()
        self._shaking: Counter[str] = Counter()
        self._coming: set[asyncio.Task[None]] = set()
        config.load()

    @property
    def open(self) -> int:
        """How many connections there are."""
        return self._of.total()

    async def run(self, listening: socket.socket, context: Context | None = None) -> None:
        """Let in who knocks at a socket until cancelled; with `context`, over TLS."""
        loop, told = asyncio.get_running_loop(), False
        while True:
            # Not `loop.sock_accept`: cancelled as somebody comes, it loses the connection, and who came waits.
            tired: asyncio.Future[OSError] = loop.create_future()
            loop.add_reader(listening.fileno(), self._take, listening, context, tired)
            try:
                error = await tired
            finally:
                loop.remove_reader(listening.fileno())
            if not told:
                log.warning("nobody can come in to the pages just now: %s", error.strerror)
            told = True
            await self._clock.sleep_until(self._clock.boottime_ns() + TIRED_NS)

    def _take(
        self, listening: socket.socket, context: Context | None, tired: asyncio.Future[OSError]
    ) -> None:
        try:
            knocking, peer = listening.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):  # gone again
            return
        except OSError as error:  # too many files, mostly
            if not tired.done():
                tired.set_result(error)
            return
        knocking.setblocking(False)
        address = home_of(str(peer[0]))
        if not self._room_for(address, shaking=context is not None):
            knocking.close()
            return
        self._of[address] += 1
        task = asyncio.get_running_loop().create_task(
            self._let_in(knocking, address, context), name="coming in"
        )
        self._coming.add(task)
        task.add_done_callback(self._coming.discard)

    def _room_for(self, address: str, *, shaking: bool) -> bool:
        if self.open >= AT_ONCE:
            return False
        if address.startswith(HERE):  # a tunnel or a proxy: many people
            return True
        return self._of[address] < OF_ONE and not (shaking and self._shaking[address] >= SHAKING_OF_ONE)

    async def _let_in(self, knocking: socket.socket, address: str, context: Context | None) -> None:
        gone = False

        def over() -> None:
            nonlocal gone
            if not gone:
                gone = True
                _less(self._of, address)
                self._visitors.discard(visitor)

        visitor = Visitor(self._config, self._state, over)
        self._visitors.add(visitor)
        self._shaking[address] += 1
        try:
            knocking.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            loop = asyncio.get_running_loop()
            if context is None:
                await loop.connect_accepted_socket(lambda: visitor, knocking)
            else:
                tls = await context()
                await loop.connect_accepted_socket(
                    lambda: visitor, knocking, ssl=tls, ssl_handshake_timeout=SHAKE_S,
                    ssl_shutdown_timeout=SHAKE_S,
                )  # fmt: skip
        except (
            OSError,
            ssl.SSLError,
            asyncio.IncompleteReadError,
        ):  # no TLS, an old one, gone: nothing of ours
            over()
            knocking.close()
        except asyncio.CancelledError:
            over()
            knocking.close()
            raise
        finally:
            _less(self._shaking, address)

    async def sweep(self) -> None:
        """Close what has held its place for ten seconds without a whole request, until cancelled."""
        before: dict[Visitor, object] = {}
        while True:
            await self._clock.sleep_until(self._clock.boottime_ns() + SILENT_NS)
            now = {each: waiting for each in self._visitors if (waiting := each.waiting_for()) is not None}
            for visitor, waiting in now.items():
                if before.get(visitor) == waiting:
                    visitor.transport.abort()
            before = now

    async def end(self) -> None:
        """Nobody is kept: connections break, streams too, and what answered them has a moment to notice."""
        for task in self._coming:
            task.cancel()
        for visitor in list(self._visitors):
            if visitor.here:
                visitor.transport.abort()
        ending = [*self._coming, *self._state.tasks]
        if ending:
            with contextlib.suppress(TimeoutError):
                await self._clock.within(asyncio.wait(ending), self._clock.boottime_ns() + ENDING_NS)


def _less(counted: Counter[str], address: str) -> None:
    counted[address] -= 1
    if counted[address] <= 0:
        del counted[address]

"""A TCP socket as a Line.

Rule 1: one waiter at a time; it runs on inside the callback that brought the bytes.  Rule 2: deadlines cost
nothing while answers come: one sleeping watchdog serves them all, and is set again only when it wakes or
when an earlier deadline is asked for. Rule 3: what came before the connection broke is handed out first,
then LineDown.
"""

from __future__ import annotations

import asyncio
import socket as sockets

from gateway.lines.arrival import Arrival
from gateway.ports import Clock, LineDown, LineSilent

CONNECT_TIMEOUT_NS = 3_000_000_000
FIRST_REST_NS = 50_000_000  # after a refused connection; doubles with each, up to
LONGEST_REST_NS = 1_000_000_000
READ_AT_ONCE = 4096  # bytes; the longest answer has 260
MOST_WAITING = 1 << 16  # bytes nobody asked for; a peer that sends more is cut off


class TcpLine:
    """Connects at the first send, and again at the first send after the connection broke."""

    def __init__(
        self, host: str, port: int, clock: Clock, *, connect_timeout_ns: int = CONNECT_TIMEOUT_NS
    ) -> None:
        self._host, self._port, self._clock = host, port, clock
        self._connect_timeout_ns = connect_timeout_ns
        self._socket: _Socket | None = None
        self._rest_ns = 0
        self._rest_until_ns = 0
        self._deadline_ns = 0
        self._watchdog: asyncio.Task[None] | None = None
        self._watching_ns = 0

    async def send(self, data: bytes) -> None:
        socket = self._socket
        if socket is None or socket.lost:
            socket = await self._open()
        socket.transport.write(data)

    async def receive(self, deadline_ns: int) -> bytes:
        socket = self._socket
        if socket is None:
            raise LineDown(f"{self._host}:{self._port} is not open")
        if socket.waiting:
            data = bytes(socket.waiting)
            socket.waiting.clear()
            return data
        if socket.lost:
            raise LineDown(socket.why)
        self._deadline_ns = deadline_ns
        if self._watchdog is None or deadline_ns < self._watching_ns:
            self._watch()
        return await socket.arrival

    def discard(self) -> int:
        socket = self._socket
        if socket is None or not socket.waiting:
            return 0
        count = len(socket.waiting)
        socket.waiting.clear()
        return count

    async def close(self) -> None:
        socket, self._socket = self._socket, None
        watchdog, self._watchdog = self._watchdog, None
        if watchdog is not None:
            watchdog.cancel()
        if socket is not None:
            socket.cut("closed here")

    async def _open(self) -> _Socket:
        await self.close()
        where = f"{self._host}:{self._port}"
        now = self._clock.boottime_ns()
        if now < self._rest_until_ns:
            raise LineDown(f"{where} refused a moment ago")
        loop = asyncio.get_running_loop()
        opening = loop.create_connection(lambda: _Socket(loop), self._host, self._port)
        try:
            _, socket = await self._clock.within(opening, now + self._connect_timeout_ns)
        except (OSError, TimeoutError) as error:
            self._rest_ns = min(max(self._rest_ns * 2, FIRST_REST_NS), LONGEST_REST_NS)
            self._rest_until_ns = self._clock.boottime_ns() + self._rest_ns
            raise LineDown(f"{where}: {str(error) or 'no connection in time'}") from error
        self._rest_ns = 0
        self._socket = socket
        return socket

    def _watch(self) -> None:
        if self._watchdog is not None:
            self._watchdog.cancel()
        self._watching_ns = self._deadline_ns
        self._watchdog = asyncio.get_running_loop().create_task(self._guard(self._deadline_ns))

    async def _guard(self, until_ns: int) -> None:
        while True:
            await self._clock.sleep_until(until_ns)
            socket = self._socket
            if socket is None or not socket.arrival.waits:
                break
            if self._deadline_ns <= self._clock.boottime_ns():
                socket.arrival.fail(LineSilent())
                break
            until_ns = self._watching_ns = self._deadline_ns
        self._watchdog = None


class _Socket(asyncio.BufferedProtocol):
    """One connection, from made to lost. Reads into a buffer of its own: asyncio else takes 256 KiB for each answer."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.arrival = Arrival(loop)
        self.transport: asyncio.Transport
        self.waiting = bytearray()
        self._buffer = memoryview(bytearray(READ_AT_ONCE))
        self.lost = False
        self.why = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment] # create_connection makes a Transport
        _keep_alive(transport.get_extra_info("socket"))

    def get_buffer(self, sizehint: int) -> memoryview:
        del sizehint
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        data = bytes(self._buffer[:nbytes])
        if self.arrival.deliver(data):
            return
        self.waiting += data
        if len(self.waiting) > MOST_WAITING:
            self.cut("sent more than was asked for")

    def connection_lost(self, exc: Exception | None) -> None:
        self.cut(str(exc) if exc else "closed by the other side")

    def cut(self, why: str) -> None:
        """The connection is over; whoever waits learns it."""
        if self.lost:
            return
        self.lost, self.why = True, why
        self.transport.abort()
        self.arrival.fail(LineDown(why))


def _keep_alive(socket: sockets.socket) -> None:
    """Have the kernel ask whether a silent far end is still there: who only listens would never notice.

    A device server that lost its power is found after 25 s: 10 s of silence, then three questions in 15 s.
    """
    socket.setsockopt(sockets.SOL_SOCKET, sockets.SO_KEEPALIVE, 1)
    for option, value in ((sockets.TCP_KEEPIDLE, 10), (sockets.TCP_KEEPINTVL, 5), (sockets.TCP_KEEPCNT, 3)):
        socket.setsockopt(sockets.IPPROTO_TCP, option, value)

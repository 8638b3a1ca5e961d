"""A serial port as a `gateway.ports.Line`, in place of the one that needs a device file of the kernel."""

from __future__ import annotations

import asyncio

from gateway.ports import Clock, LineDown, LineSilent
from simulators.chaos.port import Port


class SerialLine:
    """Opens at the first use, and again at the first use after it broke."""

    def __init__(self, port: Port, clock: Clock) -> None:
        self._port, self._clock = port, clock
        self._open = False
        self._buffer = bytearray()
        self._came = asyncio.Event()
        self._ear = self._heard

    async def send(self, data: bytes) -> None:
        self._opened()
        if data:
            self._port.asked(data)

    async def receive(self, deadline_ns: int) -> bytes:
        self._opened()
        if not self._buffer:
            self._came.clear()
            try:
                await self._clock.within(self._came.wait(), deadline_ns)
            except TimeoutError:
                raise LineSilent("nothing came") from None
            if not self._open:
                raise LineDown("the line is cut")
        data = bytes(self._buffer)
        self._buffer.clear()
        return data

    def discard(self) -> int:
        thrown = len(self._buffer)
        self._buffer.clear()
        return thrown

    async def close(self) -> None:
        self._open = False
        self._port.detach(self._ear)
        self._buffer.clear()

    def _opened(self) -> None:
        if self._open:
            return
        try:
            self._port.attach(self._ear, self._lost)
        except ConnectionRefusedError as error:
            raise LineDown(str(error)) from None
        self._open = True
        self._buffer.clear()

    def _heard(self, data: bytes) -> None:
        self._buffer += data
        self._came.set()

    def _lost(self, why: str) -> None:
        del why
        self._open = False
        self._buffer.clear()
        self._came.set()

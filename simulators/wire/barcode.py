"""A barcode scanner on a serial line: sends a framed code, waits for ACK, sends it again when none comes."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from gateway.ports import Clock
from simulators.faults import Faults
from simulators.served import Shown
from simulators.wire.pty import Pty, PtyTransport
from simulators.wire.station import PlantTime

ACK, NAK = b"\x06", b"\x15"


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around a code; `ack` is whether the scanner waits for an answer."""

    prefix: bytes = b"\x02"
    suffix: bytes = b"\x03"
    ack: bool = True
    ack_ns: int = 1_000_000_000
    tries: int = 10


class ScannerPort(asyncio.Protocol):
    """A scanner on a pty: codes wait their turn, one is on its way at a time."""

    def __init__(
        self,
        name: str,
        frame: Frame,
        faults: Faults,
        plant_time: PlantTime,
        clock: Clock,
        shown: Callable[[Shown], None],
    ) -> None:
        self.name, self.frame, self.pty = name, frame, Pty()
        self._faults, self._plant_time, self._clock, self._shown = faults, plant_time, clock, shown
        self._transport: PtyTransport | None = None
        self._waiting: deque[str] = deque()
        self._sending: asyncio.Task[None] | None = None
        self._answers: asyncio.Queue[bytes] = asyncio.Queue()

    def start(self) -> str:
        """The path of the serial port."""
        PtyTransport(self.pty, self)
        return self.pty.path

    def stop(self) -> None:
        if self._sending:
            self._sending.cancel()
        if self._transport:
            self._transport.close()

    def scan(self, code: str) -> None:
        """Somebody holds a code before it."""
        self._waiting.append(code)
        if self._sending is None or self._sending.done():
            self._sending = asyncio.get_running_loop().create_task(self._send_all())

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(PtyTransport, transport)

    def data_received(self, data: bytes) -> None:
        for byte in data:
            self._answers.put_nowait(bytes([byte]))

    async def _send_all(self) -> None:
        while self._waiting:
            await self._send(self._waiting.popleft())

    async def _send(self, code: str) -> None:
        first_ns, taken, tries = self._clock.now().time_ns, not self.frame.ack, 0
        while tries < self.frame.tries:
            tries += 1
            self._say(self.frame.prefix + code.encode("latin-1") + self.frame.suffix)
            if not self.frame.ack or await self._acknowledged():
                taken = True
                break
        self._shown(Shown(self.name, code, first_ns, tries, taken))

    async def _acknowledged(self) -> bool:
        deadline = self._clock.boottime_ns() + self.frame.ack_ns
        while True:
            try:
                answer = await self._clock.within(self._answers.get(), deadline)
            except TimeoutError:
                return False
            if answer in (ACK, NAK):
                return answer == ACK

    def _say(self, data: bytes) -> None:
        wrong = {fault.kind for fault in self._faults.now(self.name, self._plant_time())}
        if self._transport is None or wrong & {"silent", "drop"}:
            return
        self._transport.write(data[: len(data) // 2] if "corrupt" in wrong else data)

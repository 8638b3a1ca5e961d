"""A barcode scanner on a serial line: sends a framed code, waits for ACK, sends it again when none comes."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass

from simulators.served import Shown
from simulators.wire.port import SerialPort, World

ACK, NAK = b"\x06", b"\x15"


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around a code; `ack` is whether the scanner waits for an answer."""

    prefix: bytes = b"\x02"
    suffix: bytes = b"\x03"
    ack: bool = True
    ack_ns: int = 1_000_000_000
    tries: int = 60


class ScannerPort(SerialPort):
    """A scanner on a pty: codes wait their turn, one is on its way at a time."""

    def __init__(self, name: str, world: World, frame: Frame | None = None) -> None:
        super().__init__(name, world)
        self.frame = frame or Frame()
        self._waiting: deque[str] = deque()
        self._sending: asyncio.Task[None] | None = None
        self._answers: asyncio.Queue[bytes] = asyncio.Queue()

    def scan(self, code: str) -> None:
        """Somebody holds a code before it."""
        self._waiting.append(code)
        if self._sending is None or self._sending.done():
            self._sending = asyncio.get_running_loop().create_task(self._send_all())
            self._tasks = {self._sending}

    def data_received(self, data: bytes) -> None:
        for byte in data:
            self._answers.put_nowait(bytes([byte]))

    async def _send_all(self) -> None:
        while self._waiting:
            await self._send(self._waiting.popleft())

    async def _send(self, code: str) -> None:
        first_ns, taken, tries = self.clock.now().time_ns, not self.frame.ack, 0
        while tries < self.frame.tries:
            tries += 1
            self.say(self.frame.prefix + code.encode("latin-1") + self.frame.suffix)
            if not self.frame.ack or await self._acknowledged():
                taken = True
                break
        self.world.shown(Shown(self.name, code, first_ns, tries, taken))

    async def _acknowledged(self) -> bool:
        deadline = self.clock.boottime_ns() + self.frame.ack_ns
        while True:
            try:
                answer = await self.clock.within(self._answers.get(), deadline)
            except TimeoutError:
                for _ in range(2):  # turns of the loop: after a stall timers go off before what came is read
                    await self.clock.sleep_until(0)
                if self._answers.empty():
                    return False
                continue
            if answer in (ACK, NAK):
                return answer == ACK

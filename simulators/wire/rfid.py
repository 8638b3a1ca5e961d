"""A UHF RFID reader on a serial line: frames that begin with 0xA0, real-time inventory (command 0x89).

A frame is ``A0 length address command data checksum``: length counts what follows it, the checksum makes the sum of all
bytes zero. A tag is told as ``frequency+antenna, PC, EPC, RSSI``, the end of a round as ``antenna, rate, total``.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable
from typing import cast

from gateway.ports import Clock
from simulators.faults import Faults
from simulators.served import Shown
from simulators.wire.pty import Pty, PtyTransport
from simulators.wire.station import PlantTime

HEAD, REAL_TIME = 0xA0, 0x89
_ROUND_NS = 100_000_000
_DBM_OF_ZERO = -129  # RSSI is sent as dBm + 129


def frame(command: int, data: bytes, address: int = 1) -> bytes:
    """One frame.

    >>> frame(0x89, bytes([1])).hex(" ")
    'a0 04 01 89 01 d1'
    """
    body = bytes([HEAD, len(data) + 3, address, command]) + data
    return body + bytes([-sum(body) & 0xFF])


def tag_frame(epc: str, rssi_dbm: int, antenna: int = 0, frequency: int = 7) -> bytes:
    """A tag as real-time inventory tells it; the EPC in hexadecimal."""
    code = bytes.fromhex(epc)
    pc = (len(code) // 2) << 11  # length in words in the five top bits (EPC Gen2, 6.3.2.1.2.2)
    head = bytes([frequency << 2 | antenna]) + struct.pack(">H", pc)
    return frame(REAL_TIME, head + code + bytes([rssi_dbm - _DBM_OF_ZERO]))


class ReaderPort(asyncio.Protocol):
    """A reader on a pty: tells the tags in its field ten times a second, asked once or by itself."""

    def __init__(
        self, name: str, faults: Faults, plant_time: PlantTime, clock: Clock, shown: Callable[[Shown], None]
    ) -> None:
        self.name, self.pty = name, Pty()
        self._faults, self._plant_time, self._clock, self._shown = faults, plant_time, clock, shown
        self._transport: PtyTransport | None = None
        self._field: dict[str, int] = {}  # EPC to boottime when it leaves
        self._buffer = b""
        self._reads = 0
        self._rounds: asyncio.Task[None] | None = None

    def start(self) -> str:
        """The path of the serial port."""
        PtyTransport(self.pty, self)
        self._rounds = asyncio.get_running_loop().create_task(self._inventory())
        return self.pty.path

    def stop(self) -> None:
        if self._rounds:
            self._rounds.cancel()
        if self._transport:
            self._transport.close()

    def pass_by(self, epc: str, stay_ns: int) -> None:
        """A tag enters the field and stays that long."""
        self._field[epc] = self._clock.boottime_ns() + stay_ns
        self._shown(Shown(self.name, epc, self._clock.now().time_ns, 1, taken=True))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(PtyTransport, transport)

    def data_received(self, data: bytes) -> None:
        """Commands are taken: real-time inventory starts a round now, others are answered with success (0x10)."""
        self._buffer += data
        while (start := self._buffer.find(HEAD)) >= 0 and len(self._buffer) >= start + 2:
            end = start + 2 + self._buffer[start + 1]
            if len(self._buffer) < end:
                return
            asked, self._buffer = self._buffer[start:end], self._buffer[end:]
            if sum(asked) & 0xFF == 0 and len(asked) >= 5:
                self._say(self._round() if asked[3] == REAL_TIME else frame(asked[3], b"\x10", asked[2]))

    async def _inventory(self) -> None:
        due = self._clock.boottime_ns()
        while True:
            due += _ROUND_NS
            await self._clock.sleep_until(due)
            if data := self._round():
                self._say(data)

    def _round(self) -> bytes:
        now = self._clock.boottime_ns()
        self._field = {epc: leaves for epc, leaves in self._field.items() if leaves > now}
        if not self._field:
            return b""
        self._reads += len(self._field)
        tags = b"".join(
            tag_frame(epc, -52 - (self._reads + place) % 5) for place, epc in enumerate(self._field)
        )
        return tags + frame(REAL_TIME, bytes([0]) + struct.pack(">HI", 10 * len(self._field), self._reads))

    def _say(self, data: bytes) -> None:
        wrong = {fault.kind for fault in self._faults.now(self.name, self._plant_time())}
        if self._transport is None or wrong & {"silent", "drop"}:
            return
        self._transport.write(data[: len(data) // 2] if "corrupt" in wrong else data)

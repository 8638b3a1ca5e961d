"""A UHF RFID reader on a serial line: frames that begin with 0xA0, real-time inventory (command 0x89).

A frame is ``A0 length address command data checksum``: length counts what follows it, the checksum makes the sum of all
bytes zero. A tag is told as ``frequency+antenna, PC, EPC, RSSI``, the end of a round as ``antenna, rate, total``.
"""

from __future__ import annotations

import asyncio
import struct

from simulators.served import Shown
from simulators.wire.port import SerialPort, World

HEAD, REAL_TIME, FIRMWARE = 0xA0, 0x89, 0x72
_ROUND_NS = 100_000_000
_DBM_OF_ZERO = -129  # RSSI is sent as dBm + 129


def frame(command: int, data: bytes, address: int = 1) -> bytes:
    """One frame.

    >>> frame(REAL_TIME, bytes([1])).hex(" ")
    'a0 04 01 89 01 d1'
    """
    body = bytes([HEAD, len(data) + 3, address, command]) + data
    return body + bytes([-sum(body) & 0xFF])


def tag_frame(epc: str, rssi_dbm: int, antenna: int = 0, frequency: int = 7) -> bytes:
    """A tag as real-time inventory tells it; the EPC in hexadecimal.

    >>> tag_frame("300833B2DDD9014000000001", -74, frequency=0x23).hex(" ")
    'a0 13 01 89 8c 30 00 30 08 33 b2 dd d9 01 40 00 00 00 01 37 bb'
    """
    code = bytes.fromhex(epc)
    pc = (len(code) // 2) << 11  # length in words in the five top bits (EPC Gen2, 6.3.2.1.2.2)
    head = bytes([frequency << 2 | antenna]) + struct.pack(">H", pc)
    return frame(REAL_TIME, head + code + bytes([rssi_dbm - _DBM_OF_ZERO]))


class ReaderPort(SerialPort):
    """A reader on a pty: tells the tags in its field ten times a second, asked once or by itself."""

    def __init__(self, name: str, world: World) -> None:
        super().__init__(name, world)
        self._field: dict[str, int] = {}  # EPC to boottime when it leaves
        self._untold: set[str] = set()
        self._buffer = b""
        self._reads = 0

    def plugged_in(self) -> None:
        self._tasks.add(asyncio.get_running_loop().create_task(self._inventory()))

    def pass_by(self, epc: str, stay_ns: int) -> None:
        """A tag enters the field and stays that long."""
        self._untold.add(epc)
        self._field[epc] = self.clock.boottime_ns() + stay_ns
        self.world.shown(Shown(self.name, epc, self.clock.now().time_ns, 0, taken=True))

    def data_received(self, data: bytes) -> None:
        """Commands are taken: real-time inventory starts a round now, others are answered with success (0x10)."""
        self._buffer += data
        while (start := self._buffer.find(HEAD)) >= 0 and len(self._buffer) >= start + 2:
            end = start + 2 + self._buffer[start + 1]
            if len(self._buffer) < end:
                return
            asked, self._buffer = self._buffer[start:end], self._buffer[end:]
            if sum(asked) & 0xFF == 0 and len(asked) >= 5:
                self.say(self._answer(asked))

    async def _inventory(self) -> None:
        due = self.clock.boottime_ns()
        while True:
            due += _ROUND_NS
            await self.clock.sleep_until(due)
            if self._here():
                self.say(self._round())

    def _answer(self, asked: bytes) -> bytes:
        if asked[3] == REAL_TIME:
            self._here()
            return self._round()
        return frame(asked[3], b"\x08\x02" if asked[3] == FIRMWARE else b"\x10")

    def _here(self) -> bool:
        """Whether tags are in the field; those that are gone are forgotten once they were told, for it may stall."""
        now = self.clock.boottime_ns()
        self._field = {
            epc: leaves for epc, leaves in self._field.items() if leaves > now or epc in self._untold
        }
        return bool(self._field)

    def _round(self) -> bytes:
        self._reads += len(self._field)
        self._untold.clear()
        tags = b"".join(
            tag_frame(epc, -52 - (self._reads + place) % 5) for place, epc in enumerate(self._field)
        )
        return tags + frame(REAL_TIME, bytes([0]) + struct.pack(">HI", 10 * len(self._field), self._reads))

"""One write and its answer as frames of Modbus TCP and RTU. Pure: bytes in, bytes out.

Sources: MODBUS Messaging on TCP/IP V1.0b, 3.1.3; MODBUS over Serial Line V1.02, 2.5.1. On a two-wire line that hears
itself the echo of functions 5 and 6 is their good answer, byte for byte. So an answer alone is never taken as proof
that something was written: the read-back is.
"""

from __future__ import annotations

from typing import Protocol

from drivers.modbus.crc import crc16
from drivers.modbus.errors import FrameCorrupt
from lotwatch_writer.pdu import EXCEPTION, Write, answered, encode, expected

TRANSACTION = 0x5754  # of the only write of a connection; reads on it count from 1
_HEADER = 7


class Talk(Protocol):
    """A write on a line."""

    request: bytes

    def feed(self, data: bytes) -> int | None:
        """0 for done, an exception code, or None while no answer came. Raises FrameCorrupt."""


class TcpTalk:
    """A write on a connection of its own or after reads; only an answer with its transaction id is looked at."""

    def __init__(self, unit: int, write: Write) -> None:
        self._unit, self._write = unit, write
        body = bytes((unit,)) + encode(write)
        self.request = TRANSACTION.to_bytes(2, "big") + b"\0\0" + len(body).to_bytes(2, "big") + body
        self._came = b""

    def feed(self, data: bytes) -> int | None:
        self._came += data
        while len(self._came) >= _HEADER:
            length = int.from_bytes(self._came[4:6], "big")
            if self._came[2:4] != b"\0\0" or not 3 <= length <= 254:
                raise FrameCorrupt("what came is no Modbus TCP frame")
            if len(self._came) < 6 + length:
                return None
            frame, self._came = self._came[: 6 + length], self._came[6 + length :]
            if frame[:2] != self.request[:2]:
                continue  # the late answer to a read
            if frame[6] != self._unit:
                raise FrameCorrupt(f"unit {frame[6]} answers for unit {self._unit}")
            return answered(self._write, frame[_HEADER:])
        return None


class RtuTalk:
    """A write on a serial line: the first frame with a good check that is an answer to it."""

    def __init__(self, unit: int, write: Write) -> None:
        self._unit, self._write = unit, write
        body = bytes((unit,)) + encode(write)
        self.request = body + crc16(body)
        refusal = bytes((unit, write.function | EXCEPTION))
        done = bytes((unit,)) + expected(write)
        self._done = done + crc16(done)
        self._refusal = refusal
        self._came = b""

    def feed(self, data: bytes) -> int | None:
        self._came += data
        if self._done in self._came:
            return 0
        at = self._came.find(self._refusal)
        while at >= 0 and len(self._came) >= at + 5:
            frame = self._came[at : at + 5]
            if crc16(frame[:3]) == frame[3:] and frame[2]:
                return frame[2]
            at = self._came.find(self._refusal, at + 1)
        return None

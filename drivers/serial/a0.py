r"""Frames of UHF reader modules that begin with 0xA0 (Impinj R2000 and E710 based, and their kin). Pure.

A frame is ``A0 length address command data check``: length counts what follows it, the check makes the sum
of all bytes zero. Source: "UHF RFID Reader Serial Interface Protocol" V3.7, 1 (packets), 2.2.1 (real-time
inventory, 0x89).

>>> question(REAL_TIME_INVENTORY, b"\x01").hex(" ")
'a0 04 01 89 01 d1'
>>> unpacker = Unpacker()
>>> (frame,) = unpacker.feed(bytes.fromhex("A0 13 01 89 8C 30 00 30 08 33 B2 DD D9 01 40 00 00 00 01 37 BB"))
>>> tag_of(frame)
Tag(epc='300833B2DDD9014000000001', rssi_dbm=-74, antenna=1)
"""

from __future__ import annotations

from dataclasses import dataclass

HEAD = 0xA0
GET_FIRMWARE_VERSION = 0x72
SET_WORK_ANTENNA = 0x74
REAL_TIME_INVENTORY = 0x89
_ANY_READER = 0xFF  # every reader answers to it
_SHORTEST = 3  # address, command, check
_LONGEST = 0x60  # an EPC has at most 62 bytes (EPC Gen2: 31 words)
_END_OF_ROUND = 7  # antenna, rate (2), total (4): no tag is as short, an EPC has at least one word
_DBM_OF_ZERO = -129  # V3.7, RSSI table: 98 is -31 dBm, 31 is -98 dBm


@dataclass(frozen=True, slots=True)
class Packet:
    """One frame whose check was right."""

    address: int
    command: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Tag:
    """One read of one tag."""

    epc: str  # hexadecimal, upper case
    rssi_dbm: int
    antenna: int  # from 1


def question(command: int, data: bytes = b"", address: int = 1) -> bytes:
    """A frame to the reader."""
    body = bytes([HEAD, len(data) + _SHORTEST, address, command]) + data
    return body + bytes([check(body)])


def check(body: bytes) -> int:
    """The two's complement of the sum of all bytes."""
    return -sum(body) & 0xFF


class Unpacker:
    """Bytes in, frames out. After garbage the next frame is found; how many bytes were thrown is counted."""

    def __init__(self) -> None:
        self._buffer = b""
        self.garbage = 0

    @property
    def begun(self) -> bool:
        """Part of a frame is here."""
        return bool(self._buffer)

    def clear(self) -> None:
        self.garbage += len(self._buffer)
        self._buffer = b""

    def feed(self, data: bytes) -> list[Packet]:
        """Frames that are complete now."""
        self._buffer += data
        packets: list[Packet] = []
        while True:
            start = self._buffer.find(HEAD)
            self._throw(len(self._buffer) if start < 0 else start)
            if len(self._buffer) < 2:
                return packets
            size = self._buffer[1]
            if not _SHORTEST <= size <= _LONGEST:
                self._throw(1)
                continue
            if len(self._buffer) < size + 2:
                return packets
            whole = self._buffer[: size + 2]
            if sum(whole) & 0xFF:
                self._throw(1)  # this 0xA0 was none, or the frame is damaged: a good one may begin inside
                continue
            self._buffer = self._buffer[size + 2 :]
            packets.append(Packet(whole[2], whole[3], whole[4:-1]))

    def _throw(self, count: int) -> None:
        self.garbage += count
        self._buffer = self._buffer[count:]


def tag_of(packet: Packet) -> Tag | None:
    """The tag that a frame of a real-time inventory tells; None for the end of a round, an error or another
    command.

    Data is frequency and antenna (1), PC (2), EPC, RSSI (1). The PC's five top bits are the EPC's length in
    words (EPC Gen2, 6.3.2.1.2.2): a frame whose EPC has another length is not believed. RSSI's top bit is
    the antenna's third.
    """
    data = packet.data
    if packet.command != REAL_TIME_INVENTORY or len(data) < 6:
        return None
    words, epc = data[1] >> 3, data[3:-1]
    if not words or 2 * words != len(epc):
        return None
    antenna = (data[0] & 3) + (4 if data[-1] & 0x80 else 0) + 1
    return Tag(epc.hex().upper(), (data[-1] & 0x7F) + _DBM_OF_ZERO, antenna)


def error_of(packet: Packet) -> int | None:
    """The error code of an inventory that failed: antenna missing (0x22) and others; None where there is none."""
    return packet.data[-1] if packet.command == REAL_TIME_INVENTORY and len(packet.data) in (1, 2) else None

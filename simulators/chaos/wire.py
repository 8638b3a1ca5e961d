"""What a Modbus unit says to bytes, as frames of its own: TCP (MBAP) and RTU. No codec is shared with the drivers.

Modbus Application Protocol V1.1b3, 6.1 to 6.4 (reads) and 7 (exceptions); Modbus over Serial Line V1.02, 2.5.1 and
6.2.2 (CRC); Modbus Messaging on TCP/IP V1.0b, 3.1.3 (MBAP).
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import NamedTuple

TABLES = {3: "holding", 4: "input"}
ILLEGAL_FUNCTION = 1
_RTU_ASKED = 8  # bytes of a read request: unit, function, address, count, CRC

Answer = Callable[[int, str, int, int], "list[int] | int | None"]
"""Unit, table, address, count: words, an exception code, or None where nobody is there."""


class Asked(NamedTuple):
    """One request, and how to frame what is said to it."""

    unit: int
    function: int
    address: int
    words: int
    head: bytes  # transaction and protocol of MBAP; b"" on a serial line


def tcp_requests(waiting: bytearray) -> list[Asked]:
    """Whole requests that came, taken out of what waits."""
    found = []
    while len(waiting) >= 12:
        head, length = bytes(waiting[:4]), struct.unpack(">H", waiting[4:6])[0]
        if len(waiting) < 6 + length:
            break
        unit, function, address, count = struct.unpack(">BBHH", waiting[6:12])
        del waiting[: 6 + length]
        found.append(Asked(unit, function, address, count, head))
    return found


def rtu_requests(waiting: bytearray) -> list[Asked]:
    """The same on a serial line; what has no valid check is thrown away, byte by byte."""
    found = []
    while len(waiting) >= _RTU_ASKED:
        frame = bytes(waiting[:_RTU_ASKED])
        if crc(frame[:-2]) != frame[-2:]:
            del waiting[0]
            continue
        del waiting[:_RTU_ASKED]
        unit, function, address, count = struct.unpack(">BBHH", frame[:-2])
        found.append(Asked(unit, function, address, count, b""))
    return found


def said(asked: Asked, answer: list[int] | int) -> bytes:
    """The frame of an answer."""
    if isinstance(answer, int):
        pdu = struct.pack(">BBB", asked.unit, asked.function | 0x80, answer)
    else:
        pdu = struct.pack(f">BBB{len(answer)}H", asked.unit, asked.function, 2 * len(answer), *answer)
    if asked.head:
        return asked.head + struct.pack(">H", len(pdu)) + pdu
    return pdu + crc(pdu)


def crc(data: bytes) -> bytes:
    r"""Of a serial line, low byte first.

    >>> crc(b"\x02\x07").hex()  # Modbus over Serial Line V1.02, 6.2.2: 0x1241
    '4112'
    """
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ 0xA001 if value & 1 else value >> 1
    return value.to_bytes(2, "little")

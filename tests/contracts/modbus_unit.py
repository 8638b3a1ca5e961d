"""A Modbus unit of a few lines, written from the standard: the second opinion of the contract suite.

Answers function 3 and 4 for registers it knows, and refuses others (exception 2).
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping


def crc16(data: bytes) -> bytes:
    """Modbus over Serial Line V1.02, 6.2.2, bit by bit."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ 0xA001 if crc & 1 else crc >> 1
    return struct.pack("<H", crc)


def _answer(registers: Mapping[int, int], pdu: bytes) -> bytes:
    function = pdu[0]
    start, count = struct.unpack(">HH", pdu[1:5])
    wanted = range(start, start + count)
    if function not in (3, 4) or not set(wanted) <= set(registers):
        return bytes([function | 0x80, 2])
    words = b"".join(struct.pack(">H", registers[address]) for address in wanted)
    return bytes([function, len(words)]) + words


def rtu_unit(registers: Mapping[int, int]) -> Callable[[bytes], bytes]:
    """Request frame to answer frame."""

    def respond(frame: bytes) -> bytes:
        assert crc16(frame[:-2]) == frame[-2:]
        body = frame[:1] + _answer(registers, frame[1:-2])
        return body + crc16(body)

    return respond


def tcp_unit(registers: Mapping[int, int]) -> Callable[[bytes], bytes]:
    """Request to answer, MBAP headers included."""

    def respond(sent: bytes) -> bytes:
        transaction, protocol, length, unit = struct.unpack(">HHHB", sent[:7])
        assert protocol == 0
        assert length == len(sent) - 6
        pdu = _answer(registers, sent[7:])
        return struct.pack(">HHHB", transaction, 0, len(pdu) + 1, unit) + pdu

    return respond

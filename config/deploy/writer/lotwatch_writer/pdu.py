"""The four functions that write, as bytes, and what answers them. Pure.

Source: MODBUS Application Protocol Specification V1.1b3, 6.5 (coil), 6.6 (register), 6.11 (coils), 6.12 (registers) and
7 (exceptions).

>>> encode(Write(5, 0xAC, (1,))).hex(), encode(Write(16, 1, (10, 258))).hex()
('0500acff00', '100001000204000a0102')
>>> answered(Write(6, 1, (3,)), bytes.fromhex("0600010003")), answered(Write(6, 1, (3,)), bytes.fromhex("8602"))
(0, 2)
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from drivers.modbus.errors import FrameCorrupt

COIL, REGISTER, COILS, REGISTERS = 5, 6, 15, 16
ONE = frozenset({COIL, REGISTER})
TABLES = {COIL: "coil", COILS: "coil", REGISTER: "holding", REGISTERS: "holding"}
"""Function to the table that it changes."""
MOST = {COIL: 1, REGISTER: 1, COILS: 1968, REGISTERS: 123}
EXCEPTION = 0x80
_HEAD = struct.Struct(">BHH")


@dataclass(frozen=True, slots=True)
class Write:
    """Words, or bits as words of 0 and 1, to places from `address` on."""

    function: int
    address: int
    words: tuple[int, ...]

    def __post_init__(self) -> None:
        if self.function not in TABLES:
            raise ValueError(f"function {self.function} is none of {', '.join(map(str, TABLES))}")
        count, most = len(self.words), MOST[self.function]
        if not 1 <= count <= most:
            raise ValueError(f"function {self.function} writes 1 to {most}, not {count}")
        if not 0 <= self.address <= 0x10000 - count:
            raise ValueError(f"{count} from address {self.address} is outside of 0..65535")
        highest = 1 if TABLES[self.function] == "coil" else 0xFFFF
        if not all(type(word) is int and 0 <= word <= highest for word in self.words):
            raise ValueError(f"a {TABLES[self.function]} holds 0 to {highest}")


def encode(write: Write) -> bytes:
    """The request."""
    count = len(write.words)
    if write.function == COIL:
        return _HEAD.pack(COIL, write.address, 0xFF00 if write.words[0] else 0)
    if write.function == REGISTER:
        return _HEAD.pack(REGISTER, write.address, write.words[0])
    head = _HEAD.pack(write.function, write.address, count)
    if write.function == REGISTERS:
        return head + bytes((2 * count,)) + struct.pack(f">{count}H", *write.words)
    size = (count + 7) // 8  # 6.11: the first coil is the lowest bit of the first byte
    bits = sum(word << place for place, word in enumerate(write.words))
    return head + bytes((size,)) + bits.to_bytes(size, "little")


def answered(write: Write, pdu: bytes) -> int:
    """0 where the device says that it is done, or its exception code. Raises FrameCorrupt for any other answer."""
    if len(pdu) == 2 and pdu[0] == write.function | EXCEPTION and pdu[1]:
        return pdu[1]
    if pdu != expected(write):
        raise FrameCorrupt(f"{pdu.hex()} does not answer {encode(write).hex()}")
    return 0


def expected(write: Write) -> bytes:
    """The only good answer: of one place the request itself, of several their address and number."""
    return encode(write) if write.function in ONE else encode(write)[:5]

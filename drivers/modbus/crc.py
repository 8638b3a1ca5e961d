r"""CRC-16 of Modbus serial frames (MODBUS over Serial Line V1.02, 6.2.2): polynomial 0xA001 reflected, start
0xFFFF.

>>> (b"\x02\x07" + crc16(b"\x02\x07")).hex()
'02074112'
"""

from __future__ import annotations


def _entry(byte: int) -> int:
    for _ in range(8):
        byte = (byte >> 1) ^ (0xA001 if byte & 1 else 0)
    return byte


TABLE = tuple(_entry(byte) for byte in range(256))


def crc16(data: bytes | memoryview) -> bytes:
    """Two check bytes as they follow on the wire, low byte first."""
    crc = 0xFFFF
    for byte in data:
        crc = (crc >> 8) ^ TABLE[(crc ^ byte) & 0xFF]
    return bytes((crc & 0xFF, crc >> 8))

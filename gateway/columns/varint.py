"""Numbers of any size in as many bytes as they need: LEB128, seven bits a byte, the lowest first."""

from __future__ import annotations


def unsigned(number: int) -> bytes:
    """A number from 0 on."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def signed(number: int) -> bytes:
    """0, -1, 1, -2 as 0, 1, 2, 3."""
    return unsigned(number << 1 if number >= 0 else (-number << 1) - 1)


def take_unsigned(data: bytes | memoryview, at: int) -> tuple[int, int]:
    """The number at a place, and the place behind it. Raises IndexError, or ValueError beyond 70 bits."""
    number = shift = 0
    while True:
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, at
        shift += 7
        if shift > _MOST:
            raise ValueError("a number is longer than 70 bits")


def take_signed(data: bytes | memoryview, at: int) -> tuple[int, int]:
    number, at = take_unsigned(data, at)
    return (number >> 1) ^ -(number & 1), at


_MOST = 63

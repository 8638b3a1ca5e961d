"""Small numbers as bytes that compress well: several in a byte, or bytes of equal weight side by side."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gateway.columns.filters import Unsigned

_PACKED = (1, 2, 4)


def bits_of(left: Unsigned) -> int:
    """Bits kept of each number: 1, 2, 4, or whole bytes; 0 where all are 0."""
    needed = int(left.max()).bit_length() if len(left) else 0
    return next((bits for bits in (0, *_PACKED) if needed <= bits), -(-needed // 8) * 8)


def size_of(rows: int, bits: int) -> int:
    """Bytes of so many numbers."""
    return -(-rows * bits // 8)


def spread(left: Unsigned, bits: int) -> NDArray[np.uint8]:
    """[planes, bytes]: packed, the first number lowest in its byte; or a plane of lowest bytes, one of the next."""
    if bits not in _PACKED:
        return np.ascontiguousarray(left.view(np.uint8).reshape(len(left), left.itemsize)[:, : bits // 8].T)
    a_byte = 8 // bits
    padded = np.zeros((-(-len(left) // a_byte), a_byte), np.uint8)
    padded.reshape(-1)[: len(left)] = left
    packed: NDArray[np.uint8] = np.bitwise_or.reduce(padded << _shifts(bits), axis=1)
    return packed[None, :]


def gathered(data: bytes | memoryview, rows: int, bits: int, dtype: np.dtype[np.uint64]) -> Unsigned:
    """The numbers again, in an array of their own."""
    planes = np.frombuffer(data, np.uint8)
    if bits in _PACKED:
        return _TABLES[bits].take(planes).view(np.uint8)[:rows].astype(dtype)
    if not bits:
        return np.zeros(rows, dtype)
    *lower, highest = planes.reshape(-1, rows)
    numbers = highest.astype(dtype)
    for plane in reversed(lower):
        numbers <<= dtype.type(8)
        numbers |= plane
    return numbers


def _shifts(bits: int) -> NDArray[np.uint8]:
    return np.arange(0, 8, bits, dtype=np.uint8)


def _table(bits: int) -> NDArray[np.generic]:
    """For each byte the numbers in it, a byte each, as one number: to look up one is faster than to look up some."""
    numbers = (np.arange(256, dtype=np.uint8)[:, None] >> _shifts(bits)) & np.uint8((1 << bits) - 1)
    table: NDArray[np.generic] = np.ascontiguousarray(numbers).view(f"u{8 // bits}")[:, 0]
    return table


_TABLES = {bits: _table(bits) for bits in _PACKED}

"""One column to bytes and back: every way to write it is tried, the shortest is taken. The format is in `__init__`."""

from __future__ import annotations

import struct

import numpy as np
import zstandard
from numpy.typing import NDArray

from gateway.columns import planes
from gateway.columns.decimals import MOST_EXPONENT, Decimals, decimals, floats_of
from gateway.columns.filters import CONSTANT, DELTA, DELTA2, PLAIN, Filter, Unsigned, filtered, restored
from gateway.columns.frames import content, frame
from gateway.columns.varint import signed, take_signed, take_unsigned, unsigned

WITH_UNIT, WITH_DECIMALS, WITH_ZSTD = 0x04, 0x08, 0x10
ALL = (PLAIN, DELTA, DELTA2)
_KNOWN = 0x1F


class Malformed(ValueError):
    """These bytes are no column."""


def encode(numbers: NDArray[np.unsignedinteger], level: int = 6, kinds: tuple[int, ...] = ALL) -> bytes:
    """A column of uint8, 16, 32 or 64. `level` of zstd; 0: no zstd, for whoever compresses many columns together.

    `kinds`: filters to be tried. Without zstd the choice goes by the entropy of the bytes.
    """
    given: Unsigned = np.ascontiguousarray(numbers, dtype=f"<u{numbers.dtype.itemsize}")
    best = _shortest(given, level, kinds, None)
    found = decimals(given)
    if found is not None:
        other = _shortest(found.whole, level, kinds, _exceptions(found, given))
        best = min(best, other, key=_size)
    return best[1]


def decode(data: bytes | memoryview, rows: int, width: int, at: int = 0) -> tuple[Unsigned, int]:
    """The column of so many rows, of numbers of `width` bytes, that begins at a place; and the place behind it.

    Raises Malformed.
    """
    try:
        return _decoded(memoryview(data), rows, width, at)
    except (IndexError, ValueError, OverflowError, struct.error, zstandard.ZstdError) as error:
        raise Malformed(f"a column is damaged: {error}") from error


def is_constant(data: bytes | memoryview, at: int = 0) -> bool:
    """Whether all numbers of the column at a place are one: it may be decoded with any number of rows."""
    return at < len(data) and data[at] & 3 == CONSTANT


def _size(option: tuple[float, bytes]) -> float:
    return option[0]


def _shortest(
    numbers: Unsigned, level: int, kinds: tuple[int, ...], decimal: bytes | None
) -> tuple[float, bytes]:
    """The column and its size, estimated where nothing is compressed."""
    options: list[tuple[float, bytes]] = []
    for how, left in filtered(numbers, kinds):
        bits = planes.bits_of(left)
        spread = planes.spread(left, bits)
        data = spread.tobytes()
        packed = frame(data, level) if level else data
        if len(packed) < len(data):
            made = _front(how, decimal, bits, len(packed)) + packed
            options.append((len(made), made))
        else:
            made = _front(how, decimal, bits, None) + data
            options.append((len(made) if level else len(made) - len(data) + _entropy(spread), made))
    return min(options, key=_size)


def _front(how: Filter, decimal: bytes | None, bits: int, packed: int | None) -> bytes:
    kind = how.kind
    kind |= WITH_UNIT if how.unit != 1 else 0
    kind |= WITH_DECIMALS if decimal is not None else 0
    kind |= WITH_ZSTD if packed is not None else 0
    parts = [bytes([kind]), signed(how.base)]
    if how.unit != 1:
        parts.append(unsigned(how.unit))
    if how.kind in (DELTA, DELTA2):
        parts.append(signed(how.least))
    if how.kind == DELTA2:
        parts.append(signed(how.slope))
    parts.append(decimal or b"")
    if how.kind != CONSTANT:
        parts.append(bytes([bits]))
    if packed is not None:
        parts.append(unsigned(packed))
    return b"".join(parts)


def _exceptions(found: Decimals, numbers: Unsigned) -> bytes:
    rows = found.exceptions
    front = bytes([found.exponent]) + unsigned(len(rows))
    return front + rows.astype("<u4").tobytes() + numbers[rows].tobytes()


def _entropy(spread: NDArray[np.uint8]) -> float:
    """Bytes that an ideal coder of single bytes would take."""
    total = 0.0
    for plane in spread:
        counts = np.bincount(plane, minlength=1)
        counts = counts[counts > 0]
        total += float((counts * np.log2(len(plane) / counts)).sum()) / 8 + len(counts) / 2
    return total


def _decoded(data: memoryview, rows: int, width: int, at: int) -> tuple[Unsigned, int]:
    kind = data[at]
    if kind > _KNOWN:
        raise Malformed(f"a column of kind {kind} was written by a newer version, or is damaged")
    base, at = take_signed(data, at + 1)
    unit, at = take_unsigned(data, at) if kind & WITH_UNIT else (1, at)
    order = kind & 3
    least, at = take_signed(data, at) if order in (DELTA, DELTA2) else (0, at)
    slope, at = take_signed(data, at) if order == DELTA2 else (0, at)
    exponent, exceptions = 0, None
    if kind & WITH_DECIMALS:
        if width not in MOST_EXPONENT or data[at] > MOST_EXPONENT[width]:
            raise Malformed("a column of decimals is of no float")
        exponent = data[at]
        count, at = take_unsigned(data, at + 1)
        middle, end = at + 4 * count, at + (4 + width) * count
        if count > rows or end > len(data):
            raise Malformed("a column ends before its exceptions do")
        exceptions = np.frombuffer(data[at:middle], "<u4"), np.frombuffer(data[middle:end], f"<u{width}")
        at = end
    inner: np.dtype[np.uint64] = np.dtype("<u8" if kind & WITH_DECIMALS else f"<u{width}")
    left, at = _left(data, rows, inner, kind, at)
    numbers = restored(Filter(order, base, unit, least, slope), left, inner)
    if exceptions is not None:
        numbers = floats_of(numbers, exponent, width)
        numbers[exceptions[0]] = exceptions[1]
    return numbers, at


def _left(
    data: memoryview, rows: int, inner: np.dtype[np.uint64], kind: int, at: int
) -> tuple[Unsigned, int]:
    """What the filters left of the numbers, in an array of its own."""
    if kind & 3 == CONSTANT:
        return np.zeros(rows, inner), at
    bits, at = data[at], at + 1
    if bits > inner.itemsize * 8 or (bits % 8 and bits not in (1, 2, 4)):
        raise Malformed(f"a column of numbers of {inner.itemsize} bytes has {bits} bits of each")
    size = planes.size_of(rows, bits)
    length = size
    if kind & WITH_ZSTD:
        length, at = take_unsigned(data, at)
    if at + length > len(data):
        raise Malformed("a column ends before its numbers do")
    stored = data[at : at + length]
    body = content(stored, size) if kind & WITH_ZSTD else stored
    if len(body) != size:
        raise Malformed(f"a column has {len(body)} bytes where {size} belong")
    return planes.gathered(body, rows, bits, inner), at + length

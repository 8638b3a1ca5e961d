"""A chunk: ten minutes of one group, columns apart, so that one tag can be read without the others.

    magic "LWC1" | header length u32 | header JSON | CRC-32 of the header u32 | columns

The header says all that is needed to read the columns: rows, points, the widths in words of the value columns, and for
each column its length, the filter it went through and the CRC-32 of its bytes as stored. Columns are seq, time_ns,
offset (time minus boottime), spread_ns, clock_id, quality, then one per value. Whoever writes tries each filter on each
column and keeps the shortest.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np
import orjson
import zstandard
from numpy.typing import NDArray

from gateway.journal.errors import JournalCorrupt
from gateway.journal.pack import Rows

MAGIC = b"LWC1"
_LENGTH = struct.Struct("<I")
_FIXED = 6  # seq, time, offset, spread, clock, quality
_QUALITY = 5
_TYPES = {1: "<u2", 2: "<u4", 4: "<u8"}  # words of a value to the number its differences are taken of

PLAIN, DELTA, DELTA2 = 0, 1, 2
"""Filters: bytes of equal weight side by side, of the numbers, their differences, the differences of those."""


@dataclass(frozen=True, slots=True)
class Column:
    """What the header says of one."""

    start: int  # after the header
    length: int
    filter: int
    crc: int


@dataclass(frozen=True, slots=True)
class Header:
    """What is in a chunk, and where."""

    group: str
    rows: int
    points: int
    widths: tuple[int, ...]
    orders: tuple[int, ...]  # how words were joined to numbers: +1 the last word is high, +2 bytes swapped
    columns: tuple[Column, ...]
    size: int  # bytes before the first column


def encode(group: str, rows: Rows, widths: Sequence[int], orders: Sequence[int]) -> bytes:
    """The chunk of rows. `widths` must add up to the words of a row."""
    points = rows.quality.shape[1]
    offset = rows.time_ns - rows.boottime_ns
    numbers = (rows.seq, rows.time_ns, offset, rows.spread_ns, rows.clock_id)
    stored = [_shortest(np.ascontiguousarray(column, dtype="<i8").view("<u8")) for column in numbers]
    stored.append((PLAIN, _compressed(rows.quality.T.tobytes())))
    start = 0
    for width, order in zip(widths, orders, strict=True):
        words = rows.raw[:, start : start + width]
        start += width
        if width in _TYPES:
            stored.append(_shortest(_joined(words, order)))
        else:
            stored.append((PLAIN, _compressed(np.ascontiguousarray(words.T, dtype="<u2").tobytes())))
    if start != rows.raw.shape[1]:
        raise ValueError(f"widths add up to {start} words, rows have {rows.raw.shape[1]}")
    header = orjson.dumps(
        {
            "group": group,
            "rows": len(rows),
            "points": points,
            "widths": list(widths),
            "orders": list(orders),
            "columns": [[len(data), kind, zlib.crc32(data)] for kind, data in stored],
        }
    )
    front = MAGIC + _LENGTH.pack(len(header)) + header + _LENGTH.pack(zlib.crc32(header))
    return front + b"".join(data for _, data in stored)


def header_of(data: bytes) -> Header:
    """The header at the front of a chunk, or of as much of one as holds it. Raises JournalCorrupt."""
    try:
        (length,) = _LENGTH.unpack_from(data, 4)
        text = data[8 : 8 + length]
        (crc,) = _LENGTH.unpack_from(data, 8 + length)
        if data[:4] != MAGIC or zlib.crc32(text) != crc:
            raise JournalCorrupt("a chunk of readings is damaged: its header does not fit its checksum")
        plain: dict[str, Any] = orjson.loads(text)
    except (struct.error, orjson.JSONDecodeError) as error:
        raise JournalCorrupt(f"a chunk of readings is damaged: {error}") from error
    starts = accumulate((length for length, _, _ in plain["columns"]), initial=0)
    columns = tuple(Column(start, *each) for start, each in zip(starts, plain["columns"], strict=False))
    widths, orders = tuple(plain["widths"]), tuple(plain["orders"])
    return Header(plain["group"], plain["rows"], plain["points"], widths, orders, columns, length + 12)


class Chunk:
    """Reads columns of a chunk's bytes."""

    def __init__(self, data: bytes) -> None:
        self.header = header_of(data)
        self._data = memoryview(data)
        self._zstd = zstandard.ZstdDecompressor()

    def times(self) -> NDArray[np.int64]:
        return self._numbers(1).view(np.int64)

    def seqs(self) -> NDArray[np.int64]:
        return self._numbers(0).view(np.int64)

    def quality(self) -> NDArray[np.uint8]:
        """[rows, points]."""
        header = self.header
        data = self._bytes(_QUALITY, header.rows * header.points)
        return np.frombuffer(data, np.uint8).reshape(header.points, header.rows).T

    def words(self, first: int = 0, last: int | None = None) -> NDArray[np.uint16]:
        """Words first..last-1 of each row; decodes only the value columns that hold them."""
        header = self.header
        total = sum(header.widths)
        stop = total if last is None else last
        raw = np.zeros((header.rows, stop - first), dtype=np.uint16)
        start = 0
        for place, (width, order) in enumerate(zip(header.widths, header.orders, strict=True)):
            low, high = max(start, first), min(start + width, stop)
            if low < high:
                words = self._value(place, width, order)
                raw[:, low - first : high - first] = words[:, low - start : high - start]
            start += width
        return raw

    def rows(self) -> Rows:
        """Everything."""
        seq, time_ns, offset, spread, clock = (self._numbers(place).view(np.int64) for place in range(5))
        return Rows(
            seq, time_ns, time_ns - offset, clock, spread, np.ascontiguousarray(self.quality()), self.words()
        )

    def _numbers(self, place: int, dtype: str = "<u8") -> NDArray[np.uint64]:
        size = np.dtype(dtype).itemsize
        data = self._bytes(place, self.header.rows * size)
        planes = np.frombuffer(data, np.uint8).reshape(size, self.header.rows)
        numbers: NDArray[np.uint64] = np.ascontiguousarray(planes.T).view(dtype)[:, 0]
        for _ in range(self.header.columns[place].filter):
            numbers = np.cumsum(_unfolded(numbers), dtype=dtype)
        return numbers

    def _value(self, place: int, width: int, order: int) -> NDArray[np.uint16]:
        rows = self.header.rows
        if width not in _TYPES:
            data = self._bytes(_FIXED + place, rows * width * 2)
            return np.frombuffer(data, "<u2").reshape(width, rows).T
        numbers = self._numbers(_FIXED + place, _TYPES[width])
        words = numbers.view("<u2").reshape(rows, width)
        if order & 2:
            words = words.byteswap()
        return words if order & 1 else words[:, ::-1]

    def _bytes(self, place: int, size: int) -> bytes:
        column = self.header.columns[place]
        start = self.header.size + column.start
        stored = self._data[start : start + column.length]
        if len(stored) != column.length or zlib.crc32(stored) != column.crc:
            raise self._damaged(f"column {place} does not fit its checksum")
        try:
            data = self._zstd.decompress(stored, max_output_size=size or 1)
        except zstandard.ZstdError as error:
            raise self._damaged(str(error)) from error
        if len(data) != size:
            raise self._damaged(f"column {place} is short")
        return data

    def _damaged(self, how: str) -> JournalCorrupt:
        return JournalCorrupt(f"a chunk of readings of {self.header.group} is damaged: {how}")


def _joined(words: NDArray[np.uint16], order: int) -> NDArray[np.uint64]:
    """Words [n, w] as numbers [n]."""
    little = np.ascontiguousarray(words if order & 1 else words[:, ::-1], dtype="<u2")
    if order & 2:
        little = little.byteswap()
    made: NDArray[np.uint64] = little.view(_TYPES[words.shape[1]])[:, 0]
    return made


def _shortest(numbers: NDArray[np.uint64]) -> tuple[int, bytes]:
    best = (PLAIN, _compressed(_planes(numbers)))
    filtered = numbers
    for kind in (DELTA, DELTA2):
        step = filtered.copy()
        step[1:] -= filtered[:-1]
        filtered = _folded(step)
        data = _compressed(_planes(filtered))
        if len(data) < len(best[1]):
            best = (kind, data)
    return best


def _folded(steps: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Small steps up or down as small numbers: 0, -1, 1, -2 become 0, 1, 2, 3."""
    bits = steps.dtype.itemsize * 8
    sign = (steps >> steps.dtype.type(bits - 1)) * steps.dtype.type(np.iinfo(steps.dtype).max)
    made: NDArray[np.uint64] = (steps << steps.dtype.type(1)) ^ sign
    return made


def _unfolded(folded: NDArray[np.uint64]) -> NDArray[np.uint64]:
    one = folded.dtype.type(1)
    sign = (folded & one) * folded.dtype.type(np.iinfo(folded.dtype).max)
    made: NDArray[np.uint64] = (folded >> one) ^ sign
    return made


def _planes(numbers: NDArray[np.uint64]) -> bytes:
    """Bytes of equal weight side by side."""
    return numbers.view(np.uint8).reshape(-1, numbers.dtype.itemsize).T.tobytes()


def _compressed(data: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=6, write_content_size=False, write_checksum=False).compress(data)

"""A chunk: some time of one group, columns apart, so that one tag can be read without the others.

    magic "LWC2" | header length u32 | header | CRC-32 of the header u32 | columns

Little-endian. The header is a zstd frame of JSON that says all that is needed to read the columns: group, rows, points,
the widths in words of the value columns and how their words join to numbers, and for each column its length and the
CRC-32 of its bytes. Columns are seq, time_ns, offset (time minus boottime), spread_ns, clock_id, all as int64, quality
(uint8, point after point), then one per value: its words joined to one number, or, of texts and whatever has not 1, 2
or 4 words, all first words, all second words, ... Each is written as `gateway.columns` says. `summaries` has for each
value its overview (`gateway.journal.summary`) or null.
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

from gateway import columns
from gateway.journal import chunk1
from gateway.journal.errors import JournalCorrupt
from gateway.rows import Rows

MAGIC = b"LWC2"
LEVEL = 6  # of zstd: more costs much and spares nothing worth having
_LENGTH = struct.Struct("<I")
_FIXED = 6  # seq, time, offset, spread, clock, quality
_QUALITY = 5
_TYPES = {1: 2, 2: 4, 4: 8}  # words of a value to the bytes of the number they are joined to
_HEADER_MOST = 16 << 20

Summary = tuple[int, int, float, float, float]
"""Of what field (its fingerprint), then usable values: how many, the least, the greatest, their sum."""


@dataclass(frozen=True, slots=True)
class Header:
    """What is in a chunk, and where."""

    group: str
    rows: int
    points: int
    widths: tuple[int, ...]
    orders: tuple[int, ...]  # how words were joined to numbers: +1 the last word is high, +2 bytes swapped
    columns: list[
        list[int]
    ]  # of each its length, the CRC-32, and in the first format between them its filter
    starts: list[int]  # of each, after the header
    summaries: list[Summary | None]
    size: int  # bytes before the first column
    first_format: bool


def encode(
    group: str,
    rows: Rows,
    widths: Sequence[int],
    orders: Sequence[int],
    summaries: Sequence[Summary | None] = (),
) -> bytes:
    """The chunk of rows. `widths` must add up to the words of a row."""
    offset = rows.time_ns - rows.boottime_ns
    numbers = (rows.seq, rows.time_ns, offset, rows.spread_ns, rows.clock_id)
    stored = [columns.encode(np.ascontiguousarray(each, "<i8").view("<u8"), LEVEL) for each in numbers]
    stored.append(columns.encode(rows.quality.T.reshape(-1), LEVEL))
    start = 0
    for width, order in zip(widths, orders, strict=True):
        words = rows.raw[:, start : start + width]
        start += width
        stored.append(
            columns.encode(_joined(words, order) if width in _TYPES else words.T.reshape(-1), LEVEL)
        )
    if start != rows.raw.shape[1]:
        raise ValueError(f"widths add up to {start} words, rows have {rows.raw.shape[1]}")
    plain = {
        "group": group,
        "rows": len(rows),
        "points": rows.quality.shape[1],
        "widths": list(widths),
        "orders": list(orders),
        "columns": [[len(data), zlib.crc32(data)] for data in stored],
        "summaries": list(summaries),
    }
    header = zstandard.ZstdCompressor(level=LEVEL).compress(orjson.dumps(plain))
    front = MAGIC + _LENGTH.pack(len(header)) + header + _LENGTH.pack(zlib.crc32(header))
    return front + b"".join(stored)


def header_size(data: bytes) -> int:
    """Bytes before the first column, by the first eight of a chunk."""
    return int(_LENGTH.unpack_from(data, 4)[0]) + 12 if len(data) >= 8 else 0


def header_of(data: bytes) -> Header:
    """The header at the front of a chunk of either format, or of as much of one as holds it. Raises JournalCorrupt."""
    try:
        (length,) = _LENGTH.unpack_from(data, 4)
        text = data[8 : 8 + length]
        (crc,) = _LENGTH.unpack_from(data, 8 + length)
        if data[:4] not in (MAGIC, chunk1.MAGIC) or zlib.crc32(text) != crc:
            raise JournalCorrupt("a chunk of readings is damaged: its header does not fit its checksum")
        first_format = data[:4] == chunk1.MAGIC
        if not first_format:
            text = zstandard.ZstdDecompressor().decompress(text, max_output_size=_HEADER_MOST)
        plain: dict[str, Any] = orjson.loads(text)
    except (struct.error, orjson.JSONDecodeError, zstandard.ZstdError) as error:
        raise JournalCorrupt(f"a chunk of readings is damaged: {error}") from error
    said = plain["columns"]
    starts = list(accumulate((each[0] for each in said), initial=0))
    return Header(
        plain["group"],
        plain["rows"],
        plain["points"],
        tuple(plain["widths"]),
        tuple(plain["orders"]),
        said,
        starts,
        plain.get("summaries", []),
        length + 12,
        first_format,
    )


class Chunk:
    """Reads columns of a chunk's bytes."""

    def __init__(self, data: bytes) -> None:
        self.header = header_of(data)
        self._data = memoryview(data)
        self._quality: NDArray[np.uint8] | None = None

    def times(self) -> NDArray[np.int64]:
        return self._column(1, self.header.rows, 8).view(np.int64)

    def quality(self) -> NDArray[np.uint8]:
        """[rows, points]."""
        header = self.header
        data = self._column(_QUALITY, header.rows * header.points, 1)
        return data.view(np.uint8).reshape(header.points, header.rows).T

    def quality_of(self, point: int) -> NDArray[np.uint8]:
        """Of one point."""
        header = self.header
        start = header.size + header.starts[_QUALITY]
        if not header.first_format and columns.is_constant(self._data, start):  # as it nearly always is
            return np.repeat(self._column(_QUALITY, 1, 1).view(np.uint8), header.rows)
        if self._quality is None:
            self._quality = self.quality()
        return np.ascontiguousarray(self._quality[:, point])

    def bits(self, value: int, width: int, order: int) -> NDArray[np.unsignedinteger] | None:
        """Each value's bits as one number; None where its words were not joined like that."""
        header = self.header
        if width not in _TYPES or (header.widths[value], header.orders[value]) != (width, order):
            return None
        return self._column(_FIXED + value, header.rows, _TYPES[width])  # type: ignore[return-value] # of numbers

    def words(self, first: int = 0, last: int | None = None) -> NDArray[np.uint16]:
        """Words first..last-1 of each row; decodes only the value columns that hold them."""
        header = self.header
        stop = sum(header.widths) if last is None else last
        ends = list(accumulate(header.widths))
        if stop in ends and first == stop - header.widths[ends.index(stop)]:  # one value: as it lies
            place = ends.index(stop)
            return self._value(place, header.widths[place], header.orders[place])
        raw = np.empty((header.rows, stop - first), dtype=np.uint16)
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
        count = self.header.rows
        seq, time_ns, offset, spread, clock = (self._column(n, count, 8).view(np.int64) for n in range(5))
        return Rows(
            seq, time_ns, time_ns - offset, clock, spread, np.ascontiguousarray(self.quality()), self.words()
        )

    def _value(self, place: int, width: int, order: int) -> NDArray[np.uint16]:
        rows = self.header.rows
        if width not in _TYPES:
            flat = self._column(_FIXED + place, rows * width, 2, texts=True)
            return flat.view(np.uint16).reshape(width, rows).T
        words = self._column(_FIXED + place, rows, _TYPES[width]).view("<u2").reshape(rows, width)
        if order & 2:
            words = words.byteswap()
        return words if order & 1 else words[:, ::-1]

    def _column(self, place: int, rows: int, width: int, *, texts: bool = False) -> NDArray[np.generic]:
        """Its numbers, of so many bytes each."""
        length, *filters, crc = self.header.columns[place]
        start = self.header.size + self.header.starts[place]
        stored = self._data[start : start + length]
        if len(stored) != length or zlib.crc32(stored) != crc:
            raise self._damaged(f"column {place} does not fit its checksum")
        try:
            if self.header.first_format:
                if texts:
                    return chunk1.plain_words(stored, rows)
                return chunk1.column(stored, filters[0], rows, width)
            return columns.decode(stored, rows, width)[0]
        except (ValueError, zstandard.ZstdError) as error:
            raise self._damaged(f"column {place}: {error}") from error

    def _damaged(self, how: str) -> JournalCorrupt:
        return JournalCorrupt(f"a chunk of readings of {self.header.group} is damaged: {how}")


def _joined(words: NDArray[np.uint16], order: int) -> NDArray[np.uint64]:
    """Words [n, w] as numbers [n]."""
    little = np.ascontiguousarray(words if order & 1 else words[:, ::-1], dtype="<u2")
    if order & 2:
        little = little.byteswap()
    made: NDArray[np.uint64] = little.view(f"<u{_TYPES[words.shape[1]]}")[:, 0]
    return made

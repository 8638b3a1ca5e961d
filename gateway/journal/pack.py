"""Readings of one group as the bytes of a row in table `hot`.

A pack is a header (format, rows, points, words, CRC-32 of what follows before compression) and one zstd frame of the
columns, each as differences from row to row with bytes of equal weight side by side. Values are not kept: they come
from the words.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator

import numpy as np
import zstandard
from numpy.typing import NDArray

from gateway.journal.errors import JournalCorrupt
from gateway.rows import Rows, readings_of, rows_of

__all__ = [
    "SPAN_BITS",
    "WINDOW_NS",
    "Packer",
    "Rows",
    "by_pack",
    "readings_of",
    "rows_of",
    "shuffled",
    "unpack",
    "unpack_all",
]

WINDOW_NS = 600_000_000_000
SPAN_BITS = 12  # rows of a pack have the same seq >> 12

_FORMAT = 1
_HEAD = struct.Struct("<BHHHI")
_NUMBERS = 5  # seq, time, offset, clock, spread


def by_pack(rows: Rows) -> Iterator[tuple[int, Rows]]:
    """Readings that may share a pack, each with its window."""
    windows, spans = rows.time_ns // WINDOW_NS, rows.seq >> SPAN_BITS
    breaks = np.flatnonzero((windows[1:] != windows[:-1]) | (spans[1:] != spans[:-1])) + 1
    if not len(breaks):
        yield int(windows[0]), rows
        return
    packs: dict[tuple[int, int], list[Rows]] = {}  # after a step of the clock a window may be met again
    for start, stop in zip([0, *breaks.tolist()], [*breaks.tolist(), len(rows)], strict=True):
        packs.setdefault((int(windows[start]), int(spans[start])), []).append(rows.take(slice(start, stop)))
    for (window, _), parts in packs.items():
        yield window, Rows.joined(parts)


class Packer:
    """Rows to packs. Not for two threads at once."""

    def __init__(self) -> None:
        self._zstd = zstandard.ZstdCompressor(level=1, write_checksum=False, write_content_size=True)

    def pack(self, rows: Rows) -> bytes:
        count, points, words = len(rows), rows.quality.shape[1], rows.raw.shape[1]
        numbers = np.empty((_NUMBERS, count), dtype="<i8")
        offset = rows.time_ns - rows.boottime_ns
        for place, column in enumerate((rows.seq, rows.time_ns, offset, rows.clock_id, rows.spread_ns)):
            numbers[place] = column
        raw = np.array(rows.raw.T, dtype="<u2", order="C")  # a copy: it is changed in place
        for columns in (numbers, raw):
            columns[:, 1:] -= columns[:, :-1].copy()
        body = shuffled(numbers) + rows.quality.T.tobytes() + shuffled(raw)
        return _HEAD.pack(_FORMAT, count, points, words, zlib.crc32(body)) + self._zstd.compress(body)


def unpack(pack: bytes) -> Rows:
    """The rows of a pack. Raises JournalCorrupt."""
    return unpack_all([pack])[0]


def unpack_all(packs: Iterable[bytes]) -> list[Rows]:
    """Packs of one group as blocks of rows of one shape each, in the order of seq. Raises JournalCorrupt.

    Packs of equal sizes are decoded together: a site that commits every second has thousands of one row each.
    """
    zstd = zstandard.ZstdDecompressor()
    alike: dict[tuple[int, int, int], list[bytes]] = {}
    try:
        for pack in packs:
            kind, count, points, words, crc = _HEAD.unpack_from(pack)
            body = zstd.decompress(pack[_HEAD.size :])
            size = count * (_NUMBERS * 8 + points + 2 * words)
            if kind != _FORMAT or len(body) != size or zlib.crc32(body) != crc:
                raise JournalCorrupt("a pack of readings is damaged: its checksum does not fit")
            alike.setdefault((count, points, words), []).append(body)
    except (struct.error, zstandard.ZstdError) as error:
        raise JournalCorrupt(f"a pack of readings is damaged: {error}") from error
    shapes: dict[tuple[int, int], list[Rows]] = {}
    for (count, points, words), bodies in alike.items():
        shapes.setdefault((points, words), []).append(_decoded(bodies, count, points, words))
    return [Rows.joined(parts) for parts in shapes.values()]


def _decoded(bodies: list[bytes], count: int, points: int, words: int) -> Rows:
    """Rows of packs of equal sizes, pack by pack."""
    packs = len(bodies)
    data = np.frombuffer(b"".join(bodies), np.uint8).reshape(packs, -1)
    numbers_end = count * _NUMBERS * 8
    quality_end = numbers_end + count * points
    planes = data[:, :numbers_end].reshape(packs, _NUMBERS, 8, count).transpose(1, 0, 3, 2)
    steps = np.ascontiguousarray(planes).view("<i8")[..., 0]
    numbers = np.cumsum(steps, axis=2, dtype=np.int64).reshape(_NUMBERS, packs * count)
    quality = data[:, numbers_end:quality_end].reshape(packs, points, count).transpose(0, 2, 1)
    planes = data[:, quality_end:].reshape(packs, words, 2, count).transpose(0, 3, 1, 2)
    changes = np.ascontiguousarray(planes).view("<u2")[..., 0]
    raw = np.cumsum(changes, axis=1, dtype=np.uint16).reshape(packs * count, words)
    seq, time_ns, offset, clock_id, spread_ns = numbers
    qualities = np.ascontiguousarray(quality).reshape(packs * count, points)
    return Rows(seq, time_ns, time_ns - offset, clock_id, spread_ns, qualities, raw)


def shuffled(columns: NDArray[np.generic]) -> bytes:
    """Columns of equal type with, in each, bytes of equal weight side by side."""
    size = columns.dtype.itemsize
    return columns.view(np.uint8).reshape(*columns.shape, size).transpose(0, 2, 1).tobytes()

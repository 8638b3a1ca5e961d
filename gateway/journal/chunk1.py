"""Chunks as they were written before there were columns of `gateway.columns`: read for ever, never written again.

    magic "LWC1" | header length u32 | header JSON | CRC-32 of the header u32 | columns

Each column is one zstd frame. Its filter is 0, 1 or 2: bytes of equal weight side by side, of the numbers, of their
differences, of the differences of those; differences are folded (0, -1, 1, -2 as 0, 1, 2, 3). Texts, and whatever has
not 1, 2 or 4 words, are words as they are: all first words, all second words, ...
"""

from __future__ import annotations

import numpy as np
import zstandard
from numpy.typing import NDArray

MAGIC = b"LWC1"


def column(stored: memoryview, filters: int, rows: int, width: int) -> NDArray[np.uint64]:
    """Numbers of so many bytes. Raises ValueError, zstandard.ZstdError."""
    planes = np.frombuffer(_content(stored, rows * width), np.uint8).reshape(width, rows)
    numbers: NDArray[np.uint64] = np.ascontiguousarray(planes.T).view(f"<u{width}")[:, 0]
    for _ in range(filters):
        numbers = np.cumsum(_unfolded(numbers), dtype=numbers.dtype)
    return numbers


def plain_words(stored: memoryview, count: int) -> NDArray[np.uint16]:
    """Words of texts. Raises ValueError, zstandard.ZstdError."""
    return np.frombuffer(_content(stored, count * 2), "<u2")


def _content(stored: memoryview, size: int) -> bytes:
    data = zstandard.ZstdDecompressor().decompress(stored, max_output_size=size or 1)
    if len(data) != size:
        raise ValueError("it is short")
    return data


def _unfolded(folded: NDArray[np.uint64]) -> NDArray[np.uint64]:
    one = folded.dtype.type(1)
    sign = (folded & one) * folded.dtype.type(np.iinfo(folded.dtype).max)
    made: NDArray[np.uint64] = (folded >> one) ^ sign
    return made

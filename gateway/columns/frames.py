"""Bytes as zstd frames, the shorter of two: what repeats is found by the level asked for, what is noise by none.

Noise of a few steps is best written symbol by symbol (Huffman); a search for matches finds short ones in it, which cost
more than they spare. Level 1 with matches of 7 bytes and more hardly finds any.
"""

from __future__ import annotations

import threading
from functools import cache

import zstandard


def frame(data: bytes, level: int) -> bytes:
    """The shorter frame. Its content size is not in it: whoever reads knows it."""
    return min((made.compress(data) for made in _compressors(level)), key=len)


def content(packed: bytes | memoryview, size: int) -> bytes:
    """What is in a frame, at most so many bytes. Raises zstandard.ZstdError."""
    if not hasattr(_own, "decompressor"):
        _own.decompressor = zstandard.ZstdDecompressor()
    data: bytes = _own.decompressor.decompress(packed, max_output_size=size or 1)
    return data


_own = (
    threading.local()
)  # a decompressor costs as much as what it does here, and two threads must not share one


@cache
def _parameters(level: int) -> tuple[zstandard.ZstdCompressionParameters, ...]:
    plain = {"write_content_size": False, "write_checksum": False}
    return (
        zstandard.ZstdCompressionParameters.from_level(level, **plain),
        zstandard.ZstdCompressionParameters.from_level(1, min_match=7, **plain),
    )


def _compressors(level: int) -> list[zstandard.ZstdCompressor]:
    """Made anew each time: one must not be used by two threads at once."""
    return [zstandard.ZstdCompressor(compression_params=each) for each in _parameters(level)]

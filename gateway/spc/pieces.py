"""A long block is charted in pieces that stay in the processor's cache; the bits are those of the whole. Pure."""

from __future__ import annotations

from collections.abc import Iterator

PIECE = 32_768  # samples: 256 KiB of float64, so that what a chart needs at once fits a cache of 2 MiB


def pieces(rows: int, slots: int) -> Iterator[slice]:
    """The rows of a block of ``[rows, slots]``, some at a time, in order."""
    some = max(PIECE // max(slots, 1), 1)
    for first in range(0, rows, some):
        yield slice(first, min(first + some, rows))

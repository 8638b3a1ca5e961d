"""A long block is charted in pieces that stay in the processor's cache; the bits are those of the whole. Pure."""

from __future__ import annotations

from collections.abc import Sequence

PIECE = 65_536  # samples: 512 KiB of float64, so that what a chart needs at once fits a cache of 2 MiB


def pieces(rows: int, slots: int) -> Sequence[slice]:
    """The rows of a block of ``[rows, slots]``, some at a time, in order."""
    if rows == 1:
        return _ONE
    some = max(PIECE // max(slots, 1), 1)
    return [slice(first, min(first + some, rows)) for first in range(0, rows, some)]


_ONE = (slice(0, 1),)

"""A long block is charted in pieces that stay in the processor's cache; the bits are those of the whole. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gateway.spc.track import Floats

PIECE = 65_536  # samples: 512 KiB of float64, so that what a chart needs at once fits a cache of 2 MiB
_LONG = 8_192  # elements from which numpy runs at full speed along one axis


def pieces(rows: int, slots: int) -> Sequence[slice]:
    """The rows of a block of ``[rows, slots]``, some at a time, in order."""
    if rows == 1:
        return _ONE
    some = max(PIECE // max(slots, 1), 1)
    return [slice(first, min(first + some, rows)) for first in range(0, rows, some)]


_ONE = (slice(0, 1),)


@dataclass(frozen=True, eq=False)
class Tall:
    """A number for each slot; for a block the same for several rows, as numpy takes twice as long for rows of 1,000."""

    one: Floats

    @cached_property
    def _many(self) -> Floats:
        slots = max(self.one.size, 1)
        return np.tile(self.one, -(-_LONG // slots)) if self.one.size else np.zeros(1)

    def __call__(self, compute: np.ufunc, x: Floats, out: NDArray[Any]) -> NDArray[Any]:
        """``compute(row, one)`` for each row of x, into `out`, which lies in memory without gaps."""
        rows = 0
        if len(x) > 1:
            many = self._many
            rows = len(x) * self.one.size // many.size * many.size // max(self.one.size, 1)
            if rows:
                compute(x[:rows].reshape(-1, many.size), many, out=out[:rows].reshape(-1, many.size))
        compute(x[rows:], self.one, out=out[rows:])
        return out

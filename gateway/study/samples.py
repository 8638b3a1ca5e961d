"""Rows of a file as the samples that a chart takes, and which rows each sample is made of. Pure.

>>> made = subgroups(np.array([5.0, 7.0, 6.0, 8.0, 9.0]), by_number(5, 2))
>>> made.block.tolist()
[[5.0, 7.0], [6.0, 8.0], [9.0, nan]]
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gateway.spc.track import Floats

_MOST = (
    200_000_000  # numbers in a block: one long subgroup among many short ones would fill the memory with nan
)


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """A finished series."""

    block: Floats  # [m], or [m, width]
    of: NDArray[np.intp]  # [rows]: the sample that each row is in
    singles: Floats | None = (
        None  # [rows], or [rows, width]: single values, where the samples are made of them
    )
    members: Floats | None = None  # [m, n, width]: single vectors, where the samples are their means

    def __len__(self) -> int:
        return len(self.block)


def values(x: Floats) -> Samples:
    """One number a row."""
    x = np.asarray(x, dtype=np.float64)
    return Samples(x, np.arange(len(x)), x)


def wide(x: Floats) -> Samples:
    """Several numbers a row ``[m, width]``: a vector of tags, or a count and its size."""
    return Samples(np.asarray(x, dtype=np.float64), np.arange(len(x)))


def counts(x: Floats) -> Samples:
    """A count a row."""
    return Samples(np.asarray(x, dtype=np.float64), np.arange(len(x)))


def by_number(rows: int, size: int) -> NDArray[np.intp]:
    """Subgroups of so many rows in a row; the last may be smaller. Raises ValueError."""
    if size < 1:
        raise ValueError(f"a subgroup has 1 row or more, not {size}")
    return np.arange(rows) // size


def by_word(words: Sequence[str]) -> NDArray[np.intp]:
    """Subgroups of the rows that share a word, in the order in which the words come first."""
    seen: dict[str, int] = {}
    return np.array([seen.setdefault(word, len(seen)) for word in words], dtype=np.intp)


def subgroups(x: Floats, of: NDArray[np.intp]) -> Samples:
    """Subgroups of single values ``[rows]``, filled up with nan to the widest. Raises ValueError."""
    sizes = np.bincount(of)
    width = int(sizes.max())
    if width * sizes.size > _MOST:
        raise ValueError(f"a subgroup of {width} among {sizes.size} is too wide: are the subgroups right?")
    order = np.argsort(of, kind="stable")
    block = np.full((sizes.size, width), np.nan)
    place = np.arange(len(of)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    block[of[order], place] = x[order]
    return Samples(block, of, x)


def mean_vectors(x: Floats, of: NDArray[np.intp]) -> Samples:
    """Means of subgroups of vectors ``[rows, width]``. Raises ValueError where they are not of one size."""
    sizes = np.bincount(of)
    odd = int(np.argmax(sizes != sizes[0]))
    if odd:
        raise ValueError(f"subgroup {odd} is one of {sizes[odd]}, where the first is one of {sizes[0]}")
    members = x[np.argsort(of, kind="stable")].reshape(sizes.size, sizes[0], -1)
    return Samples(members.mean(axis=1), of, members=members)


def means(x: Floats, of: NDArray[np.intp]) -> Samples:
    """Means of subgroups, for charts of single values."""
    return Samples(np.bincount(of, weights=x) / np.bincount(of), of)

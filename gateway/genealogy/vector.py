"""A composition as arrays, for the hot paths. Frozen: nobody writes into the arrays of a Vector.

Its names are those of `gateway.model.Composition`, and `to_composition` and `from_composition` lose no digit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gateway.model import Composition

CUT = 1e-6
"""A source whose share is below this in every row, as is its standard uncertainty, is counted in the rest."""

EXACT = 1e-12
"""Shares and rest of a lot sum to 1 within this, always; `check` says what they miss it by."""

PASSES = 9
"""0, 1, ... 7 times through a screw, and the last bin for 8 or more."""

TAIL = PASSES + 2  # recycled content, rest, passes

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Vector:
    """What a lot is made of. One row, or two: vessels of unknown mixing first-in-first-out, and perfectly mixed.

    All of it is in one table, so that mixing is one gather and one sum: a column for each source, then the regrind
    share and the tail; the rows, and below them the standard uncertainties (0 where none is followed).
    """

    sources: tuple[str, ...]  # lots from outside, each once, in no order that means anything
    table: Floats  # [rows + 1, sources + 12]

    @classmethod
    def of(cls, sources: tuple[str, ...], shares: Floats, tail: Floats, sigma: Floats) -> Vector:
        """Of its members, as they are named below."""
        kept = len(sources)
        table = np.zeros((len(tail) + 1, kept + 1 + TAIL))
        table[:-1, :kept], table[:-1, kept + 1 :] = shares, tail
        table[:-1, kept] = tail[:, 3:].sum(axis=1)
        table[-1, : kept + 2] = sigma
        return cls(sources, table)

    @property
    def rows(self) -> int:
        """1, or 2 where the two ways to solve differ."""
        return len(self.table) - 1

    @property
    def shares(self) -> Floats:
        """[rows, sources]: share of the lot's mass that came from each."""
        return self.table[:-1, : len(self.sources)]

    @property
    def regrind(self) -> Floats:
        """[rows]: share that was through a screw at least once."""
        return self.table[:-1, len(self.sources)]

    @property
    def tail(self) -> Floats:
        """[rows, 11]: recycled content, the rest, the share of each number of passes."""
        return self.table[:-1, len(self.sources) + 1 :]

    @property
    def recycled(self) -> Floats:
        """[rows]: recycled content as suppliers declare it (ISO 14021), never in-house regrind."""
        return self.table[:-1, len(self.sources) + 1]

    @property
    def rest(self) -> Floats:
        """[rows]: share of the sources that were too small to be kept apart."""
        return self.table[:-1, len(self.sources) + 2]

    @property
    def passes(self) -> Floats:
        """[rows, 9]: share that was 0, 1, ... 7, 8 or more times through a screw."""
        return self.table[:-1, len(self.sources) + 3 :]

    @property
    def sigma(self) -> Floats:
        """[sources + 2]: standard uncertainty of each share, of the regrind share, of recycled content."""
        return self.table[-1, : len(self.sources) + 2]


def source(lot: str, recycled: float = 0.0, recycled_sigma: float = 0.0) -> Vector:
    """A lot from outside: all of it is itself, and never was through a screw here.

    `recycled` is the share of recycled content that its supplier declares, 0 to 1.
    """
    if not 0.0 <= recycled <= 1.0:
        raise ValueError(f"{lot}: recycled content is a share from 0 to 1, not {recycled}")
    if not 0.0 <= recycled_sigma < math.inf:
        raise ValueError(f"{lot}: sigma of the recycled content is {recycled_sigma}")
    table = np.zeros((2, 2 + TAIL))
    table[0, 0], table[0, 2], table[0, 4], table[1, 2] = 1.0, recycled, 1.0, recycled_sigma
    return Vector((lot,), table)


def check(vector: Vector | Composition) -> float:
    """By how much shares and rest, or the passes, of any row miss 1 at most (at most `EXACT`); nan if one is nan."""
    if isinstance(vector, Composition):
        vector = from_composition(vector)
    kept, rows = len(vector.sources), vector.table[:-1]
    shares, passes = np.add.reduce(rows[:, :kept], axis=1), np.add.reduce(rows[:, kept + 3 :], axis=1)
    shares += rows[:, kept + 2]
    worst = [abs(total - 1.0) for total in (*shares.tolist(), *passes.tolist())]
    return math.nan if any(off != off for off in worst) else max(worst)  # noqa: PLR0124 # nan alone is not itself


def to_composition(vector: Vector) -> Composition:
    """The same in tuples, as events carry it: one object for the boxes of a batch, whose vectors have one table."""
    key = id(vector.table)
    known = _TOLD.get(key)
    if known is None or known[0].sources is not vector.sources:
        while len(_TOLD) >= _TOLD_MOST:
            _TOLD.pop(next(iter(_TOLD)), None)
        known = _TOLD[key] = vector, told(vector)
    return known[1]


def told(vector: Vector) -> Composition:
    """The same, made anew."""
    kept = len(vector.sources)
    *rows, sigma = map(tuple, vector.table.tolist())
    return Composition(
        vector.sources,
        tuple([row[:kept] for row in rows]),
        sigma[:kept],
        tuple([row[kept + 2] for row in rows]),
        tuple([row[kept + 3 :] for row in rows]),
        sigma[kept],
        tuple([row[kept + 1] for row in rows]),
        sigma[kept + 1],
    )


_TOLD: dict[int, tuple[Vector, Composition]] = {}  # by the place of the table, which the vector keeps there
_TOLD_MOST = 64


def from_composition(composition: Composition) -> Vector:
    """The same in arrays. A member with one row where others have two has the same in both."""
    rows = max(
        len(composition.shares), len(composition.rest), len(composition.passes), len(composition.recycled)
    )
    tail = np.zeros((rows, TAIL))
    tail[:, 0], tail[:, 1], tail[:, 2:] = composition.recycled, composition.rest, composition.passes
    shares = np.zeros((rows, len(composition.sources)))
    shares[:] = composition.shares
    sigma = np.array(
        [*composition.sigma, composition.regrind_sigma, composition.recycled_sigma], dtype=np.float64
    )
    return Vector.of(composition.sources, shares, tail, sigma)

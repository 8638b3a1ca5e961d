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
"""A source whose share is below this in every row is counted in the rest."""

EXACT = 1e-12
"""Shares and rest of a lot sum to 1 within this, always; `check` says what they miss it by."""

PASSES = 9
"""0, 1, ... 7 times through a screw, and the last bin for 8 or more."""

TAIL = PASSES + 2  # recycled content, rest, passes

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Vector:
    """What a lot is made of. One row, or two: vessels of unknown mixing first-in-first-out, and perfectly mixed."""

    sources: tuple[str, ...]  # lots from outside, each once, in no order that means anything
    shares: Floats  # [rows, sources] of the lot's mass
    tail: Floats  # [rows, 11]: recycled content, the rest, the share of each number of passes
    sigma: (
        Floats  # [sources + 2]: standard uncertainty of each share, of the regrind share, of recycled content
    )

    @property
    def rows(self) -> int:
        """1, or 2 where the two ways to solve differ."""
        return len(self.shares)

    @property
    def rest(self) -> Floats:
        """[rows]: share of the sources that were too small to be kept apart."""
        return self.tail[:, 1]

    @property
    def passes(self) -> Floats:
        """[rows, 9]: share that was 0, 1, ... 7, 8 or more times through a screw."""
        return self.tail[:, 2:]

    @property
    def recycled(self) -> Floats:
        """[rows]: recycled content as suppliers declare it (ISO 14021), never in-house regrind."""
        return self.tail[:, 0]

    @property
    def regrind(self) -> Floats:
        """[rows]: share that was through a screw at least once."""
        regrind: Floats = self.tail[:, 3:].sum(axis=1)
        return regrind


def source(lot: str, recycled: float = 0.0, recycled_sigma: float = 0.0) -> Vector:
    """A lot from outside: all of it is itself, and never was through a screw here.

    `recycled` is the share of recycled content that its supplier declares, 0 to 1.
    """
    if not 0.0 <= recycled <= 1.0:
        raise ValueError(f"{lot}: recycled content is a share from 0 to 1, not {recycled}")
    if not 0.0 <= recycled_sigma < math.inf:
        raise ValueError(f"{lot}: sigma of the recycled content is {recycled_sigma}")
    tail = np.zeros((1, TAIL))
    tail[0, 0], tail[0, 2] = recycled, 1.0
    return Vector((lot,), np.ones((1, 1)), tail, np.array([0.0, 0.0, recycled_sigma]))


def check(vector: Vector | Composition) -> float:
    """By how much shares and rest, or the passes, of any row miss 1 at most (at most `EXACT`); nan if one is nan."""
    if isinstance(vector, Composition):
        vector = from_composition(vector)
    worst = 0.0
    for shares, tail in zip(vector.shares.tolist(), vector.tail.tolist(), strict=True):
        for off in (math.fsum((-1.0, tail[1], *shares)), math.fsum((-1.0, *tail[2:]))):
            worst = max(worst, abs(off)) if off == off else math.nan  # noqa: PLR0124 # nan is no sum
    return worst


def to_composition(vector: Vector) -> Composition:
    """The same in tuples, as events carry it."""
    tail = vector.tail.tolist()
    *sigma, regrind_sigma, recycled_sigma = vector.sigma.tolist()
    return Composition(
        vector.sources,
        tuple(map(tuple, vector.shares.tolist())),
        tuple(sigma),
        tuple(row[1] for row in tail),
        tuple(tuple(row[2:]) for row in tail),
        regrind_sigma,
        tuple(row[0] for row in tail),
        recycled_sigma,
    )


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
    return Vector(composition.sources, shares, tail, sigma)

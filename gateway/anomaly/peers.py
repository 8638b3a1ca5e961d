"""A tag that leaves the company of the others: sees a relation that breaks while every tag alone looks usual.

Distances from the level, in spreads, have a running covariance C; with its inverse P (of C and a small ridge), what the
others do not explain of tag j is (P d)_j / P_jj, whose variance is 1 / P_jj (Lauritzen 1996, 5.1.3). An average of it,
in units of its spread, is ranked against its own past, as everywhere. P is made again every `AGAIN` rows, by plain
elimination and without a library: the same bits everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gateway.anomaly.tail import Tail, rank

Floats = NDArray[np.float64]
MEMORY = 1000.0
RIDGE = 0.02
AGAIN = 32
WARM = 100  # rows that teach only
WEIGHT = 0.2
USUAL = (0.75, 0.1)


class PeersState(NamedTuple):
    """Of n tags together; covariance and inverse are ``[n, n]``."""

    rows: int
    covariance: Floats
    inverse: Floats
    off: Floats  # average of what is not explained, in its spreads, [n]
    away: Floats  # average of the distances from the level, [n]
    tails: tuple[Tail, ...]


def start(tags: int) -> PeersState:
    """No row seen."""
    return PeersState(
        0,
        np.eye(tags),
        np.eye(tags),
        np.zeros(tags),
        np.zeros(tags),
        tuple(Tail(1.0, *USUAL) for _ in range(tags)),
    )


def step(state: PeersState, apart: Sequence[float], good: Sequence[bool]) -> tuple[PeersState, list[float]]:
    """One row: distance of each tag from its level in spreads, 0 where it was not read; the surprise of each tag."""
    count, covariance, inverse, off, away, tails = state
    d = np.array(apart)
    loud = (inverse * d).sum(axis=1) / np.sqrt(inverse.diagonal())
    off = off + WEIGHT * (np.minimum(np.maximum(loud, -20.0), 20.0) - off)
    away = away + WEIGHT * (np.minimum(np.maximum(d, -20.0), 20.0) - away)
    d = np.minimum(np.maximum(d, -5.0), 5.0)
    count += 1
    weight = 1.0 / (count + 20.0 if count < MEMORY else MEMORY)
    covariance = covariance + weight * (d[:, None] * d - covariance)
    if count % AGAIN == 0:
        inverse = inverted(covariance + RIDGE * np.eye(len(d)))
    surprises = [0.0] * len(tails)
    if count > WARM:
        ranked = list(tails)
        for tag, (tail, value) in enumerate(zip(tails, off.tolist(), strict=True)):
            if good[tag]:
                ranked[tag], surprises[tag] = rank(tail, sqrt(abs(value)))
        tails = tuple(ranked)
    return PeersState(count, covariance, inverse, off, away, tails), surprises


def inverted(matrix: Floats) -> Floats:
    """The inverse of a symmetric positive definite matrix, by Gauss-Jordan elimination in place."""
    a = matrix.copy()
    for k in range(len(a)):
        pivot = a[k, k]
        row, column = a[k] / pivot, a[:, k].copy()
        column[k] = 0.0
        a -= column[:, None] * row
        a[:, k] = -column / pivot
        a[k] = row
        a[k, k] = 1.0 / pivot
    return a

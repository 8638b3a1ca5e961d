"""Run lengths of a chart whose state is one of finitely many: linear algebra and nothing else.

The law is a row of weights that moves by a matrix: after ``m + n`` samples the chart has not signalled with
probability ``now @ matrix**n @ end``, ``m`` being the length of `before`. A Markov chain has its transient states there
(Brook & Evans 1972); an integral equation becomes the same by Gauss-Legendre quadrature, with nodes for states
(Vance 1986, Crowder 1987). The mean is a linear system. A quantile is found by squaring the matrix: as many products as
the quantile has binary digits, so that the median of a run of millions of samples costs what that of a hundred does.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_KRYLOV = 64  # vectors of a reduced chain
_LONGEST = 38  # binary digits of the longest quantile; beyond it is inf
TOO_LONG = 1e11  # of longer means too few digits are left: they are given as inf


@dataclass(frozen=True, slots=True)
class Chain:
    """B of them: `matrix` ``[B, s, s]``, `now` ``[B, s]``, `end` ``[s]``, and `before` ``[m, B]``: the probabilities of
    no signal in 0, 1 ... m - 1 samples.
    """

    matrix: Floats
    now: Floats
    end: Floats
    before: Floats

    def mean(self) -> Floats:
        """The sum of all survival probabilities; inf where it is beyond this arithmetic."""
        states = self.matrix.shape[-1]
        right = np.broadcast_to(self.end[:, None], (*self.now.shape, 1))
        try:
            left = np.linalg.solve(np.eye(states) - self.matrix, right)[..., 0]
        except np.linalg.LinAlgError:
            return np.full(self.now.shape[0], np.inf)
        total: Floats = self.before.sum(axis=0) + (self.now * left).sum(axis=-1)
        return np.where((total >= 1.0 - 1e-9) & (total < TOO_LONG), np.maximum(total, 1.0), np.inf)

    def quantile(self, q: float) -> Floats:
        """The smallest n with P(N <= n) >= q."""
        bar = 1.0 - q
        early = self.before <= bar
        powers = [self.matrix]
        alive = (self.now @ self.end) > bar
        endless = np.zeros_like(alive)
        while True:
            left = (self.now[:, None, :] @ powers[-1])[:, 0] @ self.end
            endless |= alive & (
                left > 1.01
            )  # no probability: so long that rounding is more than what is lost
            if len(powers) == _LONGEST or not (alive & ~endless & (left > bar)).any():
                break
            powers.append(powers[-1] @ powers[-1])
        now, count = self.now, np.zeros(self.now.shape[0])
        for digit in reversed(range(len(powers))):
            later = (now[:, None, :] @ powers[digit])[:, 0]
            still = alive & (later @ self.end > bar)
            now, count = np.where(still[:, None], later, now), count + np.where(still, 2.0**digit, 0.0)
        enough = self.before.shape[0] + np.where(alive, count + 1.0, 0.0)
        enough = np.where(endless | (enough > TOO_LONG), np.inf, enough)
        if not early.size:
            return enough
        return np.where(early.any(axis=0), early.argmax(axis=0), enough)

    def reduced(self) -> Chain:
        """About the same with far fewer states, B = 1: Arnoldi's projection on what the first samples make of `end`.

        The integral operator is compact, so that a few dozen vectors have all of it that matters.
        """
        matrix = self.matrix[0]
        basis = np.zeros((_KRYLOV + 1, self.end.size))
        small = np.zeros((_KRYLOV + 1, _KRYLOV))
        length = float(np.linalg.norm(self.end))
        basis[0] = self.end / length
        used = _KRYLOV
        for k in range(_KRYLOV):
            image = matrix @ basis[k]
            for _ in range(2):  # twice is enough
                parts = basis[: k + 1] @ image
                image -= parts @ basis[: k + 1]
                small[: k + 1, k] += parts
            small[k + 1, k] = np.linalg.norm(image)
            if small[k + 1, k] < 1e-13:
                used = k + 1
                break
            basis[k + 1] = image / small[k + 1, k]
        end = np.zeros(used)
        end[0] = length
        return Chain(small[None, :used, :used], self.now @ basis[:used].T, end, self.before)


@cache
def _legendre(points: int) -> tuple[Floats, Floats]:
    node, weight = np.polynomial.legendre.leggauss(points)
    return node, weight


def nodes(
    low: float, high: float, width: float, spacing: float = 0.65, more: int = 12
) -> tuple[Floats, Floats]:
    """Gauss-Legendre nodes and weights on an interval, dense enough for bells of standard deviation `width`.

    `spacing`, in standard deviations, is how far apart they are in the middle, but for `more` nodes for the ends' sake.
    """
    span = high - low
    points = math.ceil(math.pi / 2 * span / (spacing * width)) + more
    if points > _MOST:
        raise ValueError(
            f"limits {span / width:.0f} times as far apart as one sample moves: too slow a chart to compute"
        )
    node, weight = _legendre(points)
    return low + span * (node + 1.0) / 2.0, weight * span / 2.0


_MOST = 1200  # nodes

"""Run lengths of the CUSUM, one-sided or two-sided, with or without a head start.

One side solves an integral equation on [0, h] with an atom at 0 (Vance, Journal of Quality Technology 18, 1986). Two
sides follow from it exactly while they cannot both be up when one signals: k >= 0 and a head start of at most h/2 + k
(Lucas & Crosier, Technometrics 24, 1982, 199-205). For when the upper sum signals first, the lower one stands at 0 and
begins anew; so with u and l the generating functions of a first signal above and below, one side alone is
``f+ = u + l f0+`` and ``f- = l + u f0-``. In the mean these two equations are Lucas and Crosier's formula (``1/ARL =
1/ARL+ + 1/ARL-`` without a head start), and as a linear recursion they give the whole law.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gateway.design.chain import TOO_LONG, Chain, nodes
from gateway.design.scheme import LARGEST, Engine, Law
from gateway.stats.special import normal_cdf

Floats = NDArray[np.float64]

_ROOT_2PI = math.sqrt(2.0 * math.pi)


@dataclass(frozen=True, slots=True)
class CusumScheme(Engine):
    """Allowance `k` and `headstart` in sigma; "one" `sided` is the upper sum. The limit is h, in sigma."""

    k: float = 0.5
    headstart: float = 0.0
    sided: Literal["one", "two"] = "two"

    def __post_init__(self) -> None:
        if not 0.0 <= self.k <= LARGEST:
            raise ValueError(f"k must be a number that is not negative, at most {LARGEST:g}")
        if not (math.isfinite(self.headstart) and self.headstart >= 0.0):
            raise ValueError("a head start must be a number that is not negative")

    def guess(self, arl0: float) -> float:
        """Siegmund's approximation of the run length (1985), by a few steps of Newton's method."""
        goal = arl0 if self.sided == "one" else 2.0 * arl0
        d = max(self.k, 0.05)
        h = math.log(1.0 + 2.0 * d * d * goal) / (2.0 * d)
        for _ in range(5):
            off = (math.exp(2.0 * d * h) - 1.0 - 2.0 * d * h) / (2.0 * d * d) - goal
            h = max(h - off * d / max(math.exp(2.0 * d * h) - 1.0, 1e-9), 0.3)
        return max(h - 1.166, 0.2)

    def least(self) -> float:
        """The sums may not begin above the limit, nor, if there are two, so high that they act on each other."""
        return max(self.headstart, 2.0 * (self.headstart - self.k) if self.sided == "two" else 0.0)

    def law(self, limit: float, shift: Floats, scale: Floats) -> Law:
        """A head start that the sums cannot have raises ValueError."""
        if self.headstart >= limit:
            raise ValueError(f"a head start of {self.headstart:g} is not below the limit {limit:g}")
        upper = self._side(limit, shift, scale)
        if self.sided == "one":
            return upper
        if self.headstart > limit / 2.0 + self.k:
            raise ValueError(
                f"two sums with a head start of {self.headstart:g}, above h/2 + k = {limit / 2.0 + self.k:g}, "
                "act on each other: their run length is not known here"
            )
        return TwoSided(upper, self._side(limit, -shift, scale))

    def _side(self, h: float, shift: Floats, scale: Floats) -> Chain:
        """States: the nodes, then 0, then the head start if there is one; the last is where it begins."""
        y, weight = nodes(0.0, h, float(scale.min()))
        x = np.concatenate([y, [0.0], [self.headstart] if self.headstart > 0.0 else []])
        spread = scale[:, None, None]
        mean = x[:, None] + shift[:, None, None] - self.k
        matrix = np.zeros((shift.size, x.size, x.size))
        off = (y - mean) / spread
        with np.errstate(under="ignore"):
            matrix[:, :, : y.size] = np.exp(-0.5 * off * off) * (weight / (_ROOT_2PI * spread))
        matrix[:, :, y.size] = normal_cdf(-mean / spread)[..., 0]
        now = np.zeros((shift.size, x.size))
        now[:, -1] = 1.0
        return Chain(matrix, now, np.ones(x.size), np.empty((0, shift.size)))


@dataclass(frozen=True, slots=True)
class TwoSided:
    """Both sides, which have the same states."""

    upper: Chain
    lower: Chain

    def mean(self) -> Floats:
        """Lucas & Crosier 1982: ``(H+ L0- + L0+ H- - L0+ L0-) / (L0+ + L0-)``, H with and L0 without the head start."""
        (up, up0), (low, low0) = _means(self.upper), _means(self.lower)
        with np.errstate(invalid="ignore", divide="ignore"):
            rate = 1.0 / up0 + 1.0 / low0
            mean = (up / up0 + low / low0 - 1.0) / rate
        return np.where(mean < TOO_LONG, mean, np.inf)

    def quantile(self, q: float) -> Floats:
        """By the recursion: both rows of weights, each less what the other side's signal began anew."""
        both, zero = self.upper.matrix.shape[0], _zero(self.upper)
        n = self.upper.end.size
        matrix = np.zeros((both, 2 * n, 2 * n))
        matrix[:, :n, :n], matrix[:, n:, n:] = self.upper.matrix, self.lower.matrix
        matrix[:, :n, n + zero] = self.upper.matrix.sum(axis=-1) - 1.0
        matrix[:, n:, zero] = self.lower.matrix.sum(axis=-1) - 1.0
        now = np.concatenate([self.upper.now, self.lower.now], axis=1)
        return Chain(matrix, now, np.full(2 * n, 0.5), self.upper.before).quantile(q)


def _zero(side: Chain) -> int:
    """Where 0 is among the states: the head start, if there is one, is never returned to."""
    return side.end.size - (2 if not side.matrix[0, :, -1].any() else 1)


def _means(side: Chain) -> tuple[Floats, Floats]:
    """With and without the head start; what is too long for this arithmetic counts as 1e300."""
    states = side.end.size
    try:
        every = np.linalg.solve(
            np.eye(states) - side.matrix, np.broadcast_to(side.end[:, None], (*side.now.shape, 1))
        )
    except np.linalg.LinAlgError:
        long = np.full(side.now.shape[0], 1e300)
        return long, long
    start, zero = every[:, -1, 0], every[:, _zero(side), 0]
    broken = ~((start > 0.0) & (zero > 0.0)) | (zero > 1e15)
    return np.where(broken, 1e300, start), np.where(broken, 1e300, zero)

"""Run lengths and limits of Hotelling's T2 chart.

With known mean and covariance ``T2 = scale**2 chi2(p, (shift/scale)**2)``, `shift` being the Mahalanobis distance that
the mean has moved. With both estimated from m vectors a future T2 is, over all baselines, ``p (m+1) (m-1) / (m (m-p))``
times F(p, m - p) (Tracy, Young & Mason, Journal of Quality Technology 24, 1992, 88-95); the samples of one chart share
their baseline, so 1 / P(T2 > UCL) is not their mean run length. For limits that hold for the baseline at hand see
`estimated_t2`.

>>> f"{T2Scheme(p=2).solve(200.0):.2f}"   # Montgomery: chi2(0.005, 2)
'10.60'
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gateway.design.geometric import Geometric
from gateway.design.scheme import Engine
from gateway.stats.special import beta_ppf, chi2_isf, chi2_sf, f_isf, ncx2_sf

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class T2Scheme(Engine):
    """`p` variables, known mean and covariance. The limit is the UCL of T2."""

    p: int = 2

    def __post_init__(self) -> None:
        if self.p < 1:
            raise ValueError("p must be at least 1")

    def guess(self, arl0: float) -> float:
        """Exact in control."""
        return float(chi2_isf(1.0 / arl0, self.p))

    def law(self, limit: float, shift: Floats, scale: Floats) -> Geometric:
        at = limit / scale**2
        moved = np.abs(shift) > 0.0
        chance = chi2_sf(at, self.p)
        if moved.any():
            chance = np.where(moved, ncx2_sf(at, self.p, (shift / scale) ** 2), chance)
        return Geometric(np.minimum(chance, 1.0))


def phase1_ucl(p: int, m: int, alpha: float) -> float:
    """UCL of each of the m vectors that mean and covariance came from: ``(m-1)**2/m`` times a beta quantile."""
    if m < p + 2:
        raise ValueError(f"{m} vectors of {p} are too few: take {p + 2} or more")
    return float((m - 1) ** 2 / m * beta_ppf(1.0 - alpha, p / 2, (m - p - 1) / 2))


def phase2_ucl(p: int, m: int, alpha: float) -> float:
    """UCL of a future vector, beyond which it is with probability `alpha` over all baselines of m vectors."""
    if m < p + 1:
        raise ValueError(f"{m} vectors of {p} are too few: take {p + 1} or more")
    return float(p * (m + 1) * (m - 1) / (m * (m - p)) * f_isf(alpha, p, m - p))

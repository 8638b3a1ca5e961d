"""What is estimated in phase I, and how far it may be off: the laws behind guaranteed limits.

Center and sigma come from m samples of a process in control, normal and independent. `U` = (center - mean) / sigma is
N(0, 1/m); `r` = (estimate of sigma) / sigma is chi / (sqrt(nu) c4(nu + 1)) with nu degrees of freedom, mean 1. Both are
independent (Basu), so is everything below. The estimators:

- "s": the sample standard deviation over c4(m); nu = m - 1, exact. The most efficient one.
- "mr": the mean moving range over d2(2), which a slow drift does not inflate. Its variance is
  ``sigma**2 (0.8264 / m + ...)`` against 0.5 / m, so nu is that of a chi with the same variance (Patnaik's
  approximation, as for d2*): about 0.605 (m - 1).

>>> round(freedom("s", 100)), round(freedom("mr", 100))
(99, 60)
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gateway.stats.constants import c4
from gateway.stats.special import chi2_ppf, chi2_sf

Floats = NDArray[np.float64]
Estimator = Literal["s", "mr"]

FEWEST = 10
"""Fewer samples than these promise nothing."""

_NODES, _REACH = 14, 4.8  # of the quadrature over U, in its standard deviations


def freedom(estimator: Estimator, m: int) -> float:
    """Degrees of freedom of the estimate of sigma. Raises ValueError for too few samples or another estimator."""
    if m < FEWEST:
        raise ValueError(f"a baseline of {m} is too short to promise anything; take {FEWEST} or more")
    if estimator == "s":
        return m - 1.0
    if estimator != "mr":
        raise ValueError(f"estimator {estimator} is not one of s, mr")
    own, neighbours = 2.0 - 4.0 / math.pi, 2.0 * (math.sqrt(3.0) / math.pi + 1.0 / 6.0) - 4.0 / math.pi
    n = m - 1  # ranges; own variance and covariance of neighbours, whose differences correlate by -1/2
    variance = (n * own + 2.0 * (n - 1) * neighbours) / n**2 / (4.0 / math.pi)
    nu = 0.5 / variance  # of chi / its mean: 1 / (2 nu) + 1 / (8 nu**2) + ...
    for _ in range(20):
        nu *= (1.0 / c4_of(nu) ** 2 - 1.0) / variance
    return nu


def c4_of(nu: float) -> float:
    """c4 for degrees of freedom that are no whole number: the mean of chi / sqrt(nu)."""
    if nu == int(nu):
        return c4(int(nu) + 1)
    return math.sqrt(2.0 / nu) * math.exp(math.lgamma((nu + 1.0) / 2.0) - math.lgamma(nu / 2.0))


def above(ratio: Floats, nu: float) -> Floats:
    """P(r >= ratio): that sigma is estimated at least so large."""
    return chi2_sf(nu * (np.maximum(ratio, 0.0) * c4_of(nu)) ** 2, nu)


def likely(nu: float) -> tuple[float, float]:
    """Between these r lies, but for one in a million."""
    low, high = np.sqrt(chi2_ppf([5e-7, 1.0 - 5e-7], nu) / nu) / c4_of(nu)
    return float(low), float(high)


def offsets(m: int, *, both: bool) -> tuple[Floats, Floats]:
    """Nodes and weights of U by Gauss and Legendre, to 4.8 standard deviations; `both` signs, or the absolute."""
    x, weight = np.polynomial.legendre.leggauss(2 * _NODES if both else _NODES)
    x = _REACH * (x if both else (x + 1.0) / 2.0)
    weight = weight * np.exp(-0.5 * x**2)
    return x / math.sqrt(m), weight / weight.sum()

"""Guaranteed limit of a Hotelling T2 chart whose mean and covariance are estimated from m vectors, and of Shewhart's.

Given what was estimated, a sample in control is beyond UCL with a probability that no longer depends on the process
but on the offset b of the mean and on the eigenvalues l of S (the true covariance is the unit):
``P(sum (Z_i - b_i)**2 / l_i > UCL)``, b normal with variance 1/m, S Wishart over m - 1. Wanted is the UCL for which
that false alarm rate is at most 1 / ARL0 with the given confidence: the ellipsoid is a tolerance region of content
1 - 1 / ARL0 (Krishnamoorthy & Mathew 1999), and for one tag the tolerance interval of a normal (k2 of Odeh & Owen).

With t = trace(S) / p, the limit that just keeps ARL0 is c(b, l / t) / t, and t is independent of shape and offset:
``p (m - 1) t`` is chi square. So P(ARL >= ARL0) is the mean over shapes of a chi square's tail. Shapes are taken from a
lattice of fixed points, no chance comes in: 2,048 of them give the confidence within 0.002 (tests), and the same number
each time. Eigenvalues come from the bidiagonal form of a Wishart matrix (Dumitriu & Edelman 2002), which has p squared
over two fewer dimensions.

>>> round(guaranteed_ucl(p=1, m=10, arl0=20, confidence=0.95) ** 0.5, 2)     # k2 of n = 10, content and confidence 0.95
3.39
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from gateway.design.estimated import FEWEST
from gateway.design.estimated_quadratic import isf
from gateway.stats.roots import root
from gateway.stats.special import chi2_ppf, chi2_sf, normal_cdf, normal_ppf

Floats = NDArray[np.float64]

POINTS = 2048
_GROUPS = 64
MOST_TAGS = 20


def guaranteed_ucl(p: int, m: int, arl0: float, confidence: float, points: int = POINTS) -> float:
    """The UCL of T2 = (x - mean)' S^-1 (x - mean) with P(true ARL0 >= arl0) = confidence. S has divisor m - 1.

    Raises ValueError for fewer vectors than 10 or p + 2, an ARL0 below 10, a confidence that is no probability.
    """
    _check(p, m, arl0, confidence)
    wanted = _needed(p, m, 1.0 / arl0, points)
    bound = wanted.max() * p * (m - 1.0) / float(chi2_ppf(1e-9, p * (m - 1.0)))
    ends = np.array([0.2 * wanted.min()]), np.array([bound])
    return float(root(lambda limit: _kept(wanted, p, m, limit) - confidence, *ends, accuracy=1e-8)[0])


def assurance(p: int, m: int, arl0: float, ucl: float, points: int = POINTS) -> float:
    """P(true ARL0 >= arl0) of a chart with this UCL."""
    _check(p, m, arl0, 0.5)
    return float(_kept(_needed(p, m, 1.0 / arl0, points), p, m, np.array([ucl]))[0])


def _kept(wanted: Floats, p: int, m: int, limit: Floats) -> Floats:
    nu = p * (m - 1.0)
    return np.asarray(chi2_sf(nu * wanted[None, :] / limit[:, None], nu).mean(axis=1))


def _check(p: int, m: int, arl0: float, confidence: float) -> None:
    if not 1 <= p <= MOST_TAGS:
        raise ValueError(f"a guaranteed limit is known here for 1 to {MOST_TAGS} tags")
    if m < max(FEWEST, p + 2):
        raise ValueError(
            f"a baseline of {m} vectors is too short for {p} tags; take {max(FEWEST, p + 2)} or more"
        )
    if not arl0 >= 10:
        raise ValueError("a guaranteed ARL0 is 10 or more")
    if not 0.0 < confidence < 1.0:
        raise ValueError("a confidence is more than 0 and less than 1")


@cache
def _needed(p: int, m: int, alpha: float, points: int) -> Floats:
    """The limit on T2 with S scaled to trace p that just keeps the false alarm rate: over shapes and offsets, sorted,
    the means of `_GROUPS` groups of neighbours.
    """
    values = np.sort(isf(*_shapes(p, m, points), alpha))
    return np.array([group.mean() for group in np.array_split(values, _GROUPS)])


@cache
def _shapes(p: int, m: int, points: int) -> tuple[Floats, Floats]:
    """Inverse eigenvalues of S scaled to trace p, and offsets of the mean."""
    draws = _lattice(points, 2 * p - 1 + p if p > 1 else 1)
    offset = normal_ppf(draws[:, :p]) / np.sqrt(m)
    if p == 1:
        return np.ones((points, 1)), offset
    ahead = _chi(draws[:, p : 2 * p], m - 1.0 - np.arange(p))
    beside = _chi(draws[:, 2 * p :], p - 1.0 - np.arange(p - 1))
    form = np.zeros((points, p, p))
    index = np.arange(p)
    form[:, index, index] = ahead
    form[:, index[1:], index[:-1]] = beside
    spread = np.linalg.svd(form, compute_uv=False) ** 2
    return spread.mean(axis=1, keepdims=True) / spread, offset


def _chi(draws: Floats, nu: NDArray[np.floating]) -> Floats:
    """Quantiles of chi, a column for each `nu`: nearly straight in the normal's, so a table between is enough."""
    score = np.linspace(-5.0, 5.0, 201)
    out = np.empty_like(draws)
    for column, each in enumerate(nu):
        known = np.sqrt(chi2_ppf(normal_cdf(score), each))
        out[:, column] = np.interp(normal_ppf(draws[:, column]), score, known)
    return out


def _lattice(points: int, dimensions: int) -> Floats:
    """Points spread evenly in the unit cube: Kronecker's sequence of the generalised golden ratio (Roberts 2018)."""
    base = 2.0
    for _ in range(60):
        base = (1.0 + base) ** (1.0 / (dimensions + 1.0))
    steps = base ** -np.arange(1.0, dimensions + 1.0)
    return (0.5 + np.arange(1.0, points + 1.0)[:, None] * steps) % 1.0

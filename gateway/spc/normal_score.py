"""Student's t as the standard normal number of the same probability, element by element.

Law: the bits of an element depend on nothing but itself. (gateway/stats/special.py sums until the whole batch has
converged, which is right for limits but not for a statistic that has to come out the same in a block as row by row.)
Up to `_FEW` degrees of freedom the probability is summed as a series; above, Hill's expansion (Communications of the
ACM 13, 1970, algorithm 396) is off by less than 3e-8 within seven standard deviations.

>>> import numpy as np
>>> normal_score(np.array([2.228, 2.228]), np.array([10.0, 1e9])).round(3).tolist()   # t(10): 97.5 %
[1.96, 2.228]
"""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np

from gateway.spc.track import Floats

_FEW = 30
_LEAST = 1e-300
_quantile = NormalDist().inv_cdf


def normal_score(t: Floats, freedom: Floats) -> Floats:
    """z with P(Z <= z) = P(T <= t), for one or more degrees of freedom each; nan where t or they are nan, or none."""
    few = freedom <= _FEW
    any_few = bool(few.any())
    many = np.where(few, 99.0, freedom) if any_few else freedom
    a = many - 0.5
    b = 48.0 * a * a
    with np.errstate(over="ignore", invalid="ignore"):
        y = a * np.log1p(t * t / many)
        series = (((-0.4 * y - 3.3) * y - 24.0) * y - 85.5) / (0.8 * y * y + 100.0 + b) + y + 3.0
        z: Floats = np.copysign((series / b + 1.0) * np.sqrt(y), t)
    if any_few:
        pairs = zip(t[few].tolist(), freedom[few].tolist(), strict=True)
        z[few] = [_exact(value, degrees) for value, degrees in pairs]
    return z


def _exact(t: float, freedom: float) -> float:
    if math.isnan(t) or not freedom >= 1:
        return math.nan
    if t == 0.0:
        return 0.0
    x = freedom / (freedom + t * t)
    tail = 0.5 * (1.0 - _middle(1.0 - x, freedom / 2)) if x > 0.5 else _tail(x, freedom / 2)
    return math.copysign(-_quantile(max(tail, _LEAST)), t)


def _middle(y: float, a: float) -> float:
    """Incomplete beta I_y(1/2, a): its series of positive terms (Abramowitz & Stegun 26.5.4)."""
    term = total = 1.0
    k = 0
    while term > 1e-17 * total:
        term *= y * (a + 0.5 + k) / (k + 1.5)
        total += term
        k += 1
    return 2.0 * math.sqrt(y) * math.pow(1.0 - y, a) / _beta(a) * total


def _tail(x: float, a: float) -> float:
    """Half of I_x(a, 1/2), by the other series, whose terms are positive too (26.5.4's hypergeometric form)."""
    term, total, k = 1.0, 1.0 / a, 0
    while term > 1e-17 * total:
        term *= x * (k + 0.5) / (k + 1)
        k += 1
        total += term / (a + k)
    return 0.5 * math.pow(x, a) / _beta(a) * total


def _beta(a: float) -> float:
    """B(a, 1/2)."""
    return math.exp(math.lgamma(a) + math.lgamma(0.5) - math.lgamma(a + 0.5))

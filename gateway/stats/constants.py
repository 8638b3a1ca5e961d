"""Control chart constants, computed from the normal distribution instead of typed.

d2(n) and d3(n) are mean and standard deviation of the range of n standard normal values, c4(n) is the mean of their
sample standard deviation over sigma. `factors` has what the tables of limits have: A2 to D4.

>>> round(d2(2), 3), round(d2(5), 3), round(d3(5), 3), round(c4(5), 4)
(1.128, 2.326, 0.864, 0.94)
>>> five = factors(5)
>>> f"{five.A2:.3f} {five.A3:.3f} {five.B4:.3f} {five.D4:.3f}"
'0.577 1.427 2.089 2.114'
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np

from gateway.stats.special import normal_cdf, normal_pdf

_STEP, _STEPS = 1 / 64, 640  # the trapezoidal rule on so smooth a bell is exact to the last digits
_WIDEST = 20.0  # no range of less than 1e9 values is wider


@cache
def d2(n: int) -> float:
    """Mean relative range: the integral of ``1 - (1 - F)**n - F**n`` (Tippett 1925). n >= 2."""
    _check(n)
    cdf = [0.5 * math.erfc(-at * _STEP / math.sqrt(2.0)) for at in range(-_STEPS, _STEPS + 1)]
    return math.fsum(1.0 - (1.0 - below) ** n - below**n for below in cdf) * _STEP


@cache
def d3(n: int) -> float:
    """Standard deviation of the relative range W, by ``E W**2``, the integral of 2 w P(W > w). n >= 2."""
    _check(n)
    if n == 2:
        return math.sqrt(
            2.0 - 4.0 / math.pi
        )  # in closed form, so that moving ranges have the same bits everywhere
    node, weight = np.polynomial.legendre.leggauss(64)
    w, weight = (node + 1.0) * _WIDEST / 2.0, weight * _WIDEST / 2.0
    x = np.arange(-160, 161) / 16.0
    within = n * (normal_pdf(x) * (normal_cdf(x + w[:, None]) - normal_cdf(x)) ** (n - 1)).sum(axis=1) / 16.0
    square = float(np.sum(weight * 2.0 * w * (1.0 - within)))
    return math.sqrt(square - d2(n) ** 2)


def c4(n: int) -> float:
    """Mean of the sample standard deviation over sigma: ``sqrt(2/(n-1)) gamma(n/2) / gamma((n-1)/2)``. n >= 2."""
    _check(n)
    return math.sqrt(2.0 / (n - 1)) * math.exp(math.lgamma(n / 2) - math.lgamma((n - 1) / 2))


def _check(n: int) -> None:
    if n < 2:
        raise ValueError(f"a subgroup of {n} has no spread")


@dataclass(frozen=True, slots=True)
class Factors:
    """The columns of the tables of factors (ASTM E2587, table 1; Montgomery, appendix VI), for 3 sigma limits.

    ``center +- A2 Rbar``, ``center +- A3 sbar`` for means; ``B3 sbar, B4 sbar`` or ``B5 sigma, B6 sigma`` for s;
    ``D3 Rbar, D4 Rbar`` or ``D1 sigma, D2 sigma`` for ranges.
    """

    n: int
    A: float
    A2: float
    A3: float
    B3: float
    B4: float
    B5: float
    B6: float
    D1: float
    D2: float
    D3: float
    D4: float
    c4: float
    d2: float
    d3: float


@cache
def factors(n: int, reach: float = 3.0) -> Factors:
    """All of them for subgroups of n >= 2; `reach` is the limits' distance in standard deviations."""
    of_range, its_spread, of_s = d2(n), d3(n), c4(n)
    wide_range, wide_s = reach * its_spread, reach * math.sqrt(1.0 - of_s**2)
    return Factors(
        n,
        A=reach / math.sqrt(n),
        A2=reach / (of_range * math.sqrt(n)),
        A3=reach / (of_s * math.sqrt(n)),
        B3=max(0.0, 1.0 - wide_s / of_s),
        B4=1.0 + wide_s / of_s,
        B5=max(0.0, of_s - wide_s),
        B6=of_s + wide_s,
        D1=max(0.0, of_range - wide_range),
        D2=of_range + wide_range,
        D3=max(0.0, 1.0 - wide_range / of_range),
        D4=1.0 + wide_range / of_range,
        c4=of_s,
        d2=of_range,
        d3=its_spread,
    )

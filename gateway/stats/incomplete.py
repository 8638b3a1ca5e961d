"""The incomplete gamma and beta functions, both tails of each. What the distributions in `special` are made of.

What stands before the series and continued fractions is computed as Loader does the binomial and Poisson terms (2000,
Fast and accurate computation of binomial probabilities): no large terms that cancel.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

_TINY = 1e-300
_EPSILON = float(np.finfo(np.float64).eps)

_lgamma = np.frompyfunc(math.lgamma, 1, 1)


def lgamma(x: ArrayLike) -> Floats:
    """Logarithm of the gamma function, x > 0."""
    return np.asarray(_lgamma(np.asarray(x, np.float64)), np.float64)


def stirling(a: Floats) -> Floats:
    """What Stirling's formula leaves: ln gamma(a + 1) - (a + 1/2) ln a + a - ln(2 pi)/2 (Loader 2000)."""
    large = a > 15.0
    safe = np.where(large, a, 16.0)
    s = 1.0 / (safe * safe)
    series = (1 / 12 - s * (1 / 360 - s * (1 / 1260 - s * (1 / 1680 - s / 1188)))) / safe
    b = np.where(large, 1.0, np.maximum(a, _TINY))
    direct = lgamma(b + 1.0) - (b + 0.5) * np.log(b) + b - 0.5 * math.log(2.0 * math.pi)
    return np.where(large, series, direct)


def _deviance(a: Floats, x: Floats) -> Floats:
    """``a ln(a/x) + x - a``, accurate where x is near a (Loader 2000, but with an atanh series)."""
    u = (x - a) / a
    r = u / (2.0 + u)
    s = r * r
    series = np.zeros_like(s)
    for k in range(25, 1, -2):  # 2 atanh(r) = ln(1 + u); good for |u| < 0.5
        series = series * s + 1.0 / k
    close = a * (r * u - 2.0 * r * s * series)
    with np.errstate(all="ignore"):
        wide = a * np.log(a / x) + x - a
    return np.where(np.abs(u) < 0.5, close, wide)


def poisson_term(a: Floats, x: Floats) -> Floats:
    """``x**a exp(-x) / gamma(a + 1)``."""
    with np.errstate(all="ignore"):
        return np.exp(-stirling(a) - _deviance(a, x)) / np.sqrt(2.0 * math.pi * a)


def gamma_tails(a: ArrayLike, x: ArrayLike) -> tuple[Floats, Floats]:
    """The regularised incomplete gamma functions P and Q."""
    a, x = np.broadcast_arrays(np.asarray(a, np.float64), np.asarray(x, np.float64))
    good = (a > 0.0) & (x > 0.0) & np.isfinite(x)
    a_, x_ = np.where(good, a, 1.0), np.where(good, x, 1.0)
    term = poisson_term(a_, x_)
    low = x_ < a_ + 1.0
    series, n, part = np.ones_like(a_), a_.copy(), np.where(low, 1.0, 0.0)
    while np.any(part > _EPSILON * 0.1 * series):
        n = n + 1.0
        part = part * (x_ / n)
        series = series + part
    fraction = low * 1.0 if low.all() else _gamma_fraction(a_, np.where(low, a_ + 1.0, x_))
    lower = np.where(low, term * series, 1.0 - term * a_ * fraction)
    upper = np.where(low, 1.0 - term * series, term * a_ * fraction)
    lower = np.where(good, lower, np.where(x <= 0.0, 0.0, 1.0))
    upper = np.where(good, upper, np.where(x <= 0.0, 1.0, 0.0))
    none = ~(a > 0.0) | np.isnan(x)
    return np.where(none, np.nan, lower), np.where(none, np.nan, upper)


def _gamma_fraction(a: Floats, x: Floats) -> Floats:
    """Legendre's continued fraction of Q over ``x**a exp(-x) / gamma(a)``, by Lentz's method."""
    b = x + 1.0 - a
    c, d = np.full_like(b, 1.0 / _TINY), 1.0 / np.where(np.abs(b) < _TINY, _TINY, b)
    h = d.copy()
    for i in range(1, 20_000):
        numerator = -i * (i - a)
        b = b + 2.0
        d = 1.0 / _nonzero(numerator * d + b)
        c = _nonzero(b + numerator / c)
        h = h * (c * d)
        if np.all(np.abs(c * d - 1.0) < 4.0 * _EPSILON):
            break
    return h


def _nonzero(x: Floats) -> Floats:
    return np.where(np.abs(x) < _TINY, _TINY, x)


def beta_tails(a: ArrayLike, b: ArrayLike, x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
    """The regularised incomplete beta function at x and its complement; `y` is 1 - x, as exactly as it is known."""
    a, b, x, y = np.broadcast_arrays(*(np.asarray(each, np.float64) for each in (a, b, x, y)))
    good = (a > 0.0) & (b > 0.0) & (x > 0.0) & (y > 0.0)
    a_, b_ = np.where(good, a, 1.0), np.where(good, b, 1.0)
    x_, y_ = np.where(good, x, 0.5), np.where(good, y, 0.5)
    turn = x_ > (a_ + 1.0) / (a_ + b_ + 2.0)
    p, q = np.where(turn, b_, a_), np.where(turn, a_, b_)
    u, v = np.where(turn, y_, x_), np.where(turn, x_, y_)
    part = _binomial_term(p, q, u, v) * q / (p + q) * _beta_fraction(p, q, u)
    lower, upper = np.where(turn, 1.0 - part, part), np.where(turn, part, 1.0 - part)
    lower = np.where(good, lower, np.where(x <= 0.0, 0.0, 1.0))
    upper = np.where(good, upper, np.where(x <= 0.0, 1.0, 0.0))
    none = ~((a > 0.0) & (b > 0.0)) | np.isnan(x)
    return np.where(none, np.nan, lower), np.where(none, np.nan, upper)


def _binomial_term(a: Floats, b: Floats, x: Floats, y: Floats) -> Floats:
    """``x**a y**b gamma(a + b + 1) / (gamma(a + 1) gamma(b + 1))`` (Loader 2000)."""
    n = a + b
    with np.errstate(under="ignore"):
        exponent = stirling(n) - stirling(a) - stirling(b) - _deviance(a, n * x) - _deviance(b, n * y)
        return np.exp(exponent) * np.sqrt(n / (2.0 * math.pi * a * b))


def _beta_fraction(a: Floats, b: Floats, x: Floats) -> Floats:
    """The continued fraction of the incomplete beta function (Abramowitz & Stegun 26.5.8), by Lentz's method."""
    c, d = np.ones_like(x), 1.0 / _nonzero(1.0 - (a + b) * x / (a + 1.0))
    h = d.copy()
    for m in range(1, 20_000):
        even = m * (b - m) * x / ((a + 2 * m - 1.0) * (a + 2 * m))
        d = 1.0 / _nonzero(1.0 + even * d)
        c = _nonzero(1.0 + even / c)
        h = h * (c * d)
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1.0))
        d = 1.0 / _nonzero(1.0 + odd * d)
        c = _nonzero(1.0 + odd / c)
        h = h * (c * d)
        if np.all(np.abs(c * d - 1.0) < 4.0 * _EPSILON):
            break
    return h

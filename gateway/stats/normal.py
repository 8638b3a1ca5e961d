"""The error function and the normal distribution, with all digits far into the tails. Asked through `special`."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

_ROOT_2 = math.sqrt(2.0)
_ROOT_2PI = math.sqrt(2.0 * math.pi)

# W. J. Cody, Rational Chebyshev approximations for the error function, Mathematics of Computation 23 (1969) 631-637:
# coefficients from the highest power down, as in his program CALERF, relative error below 1e-16 in three ranges.
_ERF = (
    (
        1.85777706184603153e-1,
        3.16112374387056560,
        1.13864154151050156e2,
        3.77485237685302021e2,
        3.20937758913846947e3,
    ),
    (1.0, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3),
)
_ERFC = (
    (
        *(2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594, 6.61191906371416295e1),
        *(2.98635138197400131e2, 8.81952221241769090e2, 1.71204761263407058e3, 2.05107837782607147e3),
        1.23033935479799725e3,
    ),
    (
        *(1.0, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2, 1.62138957456669019e3),
        *(3.29079923573345963e3, 4.36261909014324716e3, 3.43936767414372164e3, 1.23033935480374942e3),
    ),
)
_FAR = (
    (
        *(1.63153871373020978e-2, 3.05326634961232344e-1, 3.60344899949804439e-1),
        *(1.25781726111229246e-1, 1.60837851487422766e-2, 6.58749161529837803e-4),
    ),
    (
        *(1.0, 2.56852019228982242, 1.87295284992346725),
        *(5.27905102951428412e-1, 6.05183413124413191e-2, 2.33520497626869185e-3),
    ),
)


def _ratio(parts: tuple[tuple[float, ...], tuple[float, ...]], x: Floats) -> Floats:
    """One polynomial over another."""
    above, below = parts
    top, bottom = np.full_like(x, above[0]), np.full_like(x, below[0])
    for p, q in zip(above[1:], below[1:], strict=True):
        top = top * x + p
        bottom = bottom * x + q
    out: Floats = top / bottom
    return out


def erfc(x: ArrayLike) -> Floats:
    """The complementary error function."""
    x = np.asarray(x, np.float64)
    y = np.abs(x)
    out = np.empty_like(y)
    near, far = y <= 0.46875, y > 4.0
    some = ~(near | far)
    if near.any():
        part = x[near]
        out[near] = 1.0 - part * _ratio(_ERF, part * part)
    if some.any():
        out[some] = _bell(y[some]) * _ratio(_ERFC, y[some])
    if far.any():
        part = np.minimum(y[far], 1e3)
        square = 1.0 / (part * part)
        out[far] = _bell(part) / part * (1.0 / math.sqrt(math.pi) - square * _ratio(_FAR, square))
    whole: Floats = np.where((x < 0) & ~near, 2.0 - out, out)
    return whole


def _bell(y: Floats) -> Floats:
    """exp(-y**2) without what squaring loses: the square of y cut to 1/16 is exact."""
    cut = np.floor(y * 16.0) / 16.0
    with np.errstate(under="ignore"):
        return np.exp(-cut * cut) * np.exp(-(y - cut) * (y + cut))


def normal_pdf(x: ArrayLike) -> Floats:
    """Density of the standard normal."""
    x = np.asarray(x, np.float64)
    with np.errstate(under="ignore"):
        return np.asarray(np.exp(-0.5 * x * x) / _ROOT_2PI)


def normal_cdf(x: ArrayLike) -> Floats:
    """P(Z <= x)."""
    return np.asarray(0.5 * erfc(-np.asarray(x, np.float64) / _ROOT_2))


def normal_sf(x: ArrayLike) -> Floats:
    """P(Z > x)."""
    return np.asarray(0.5 * erfc(np.asarray(x, np.float64) / _ROOT_2))


def normal_ppf(p: ArrayLike) -> Floats:
    """The x with P(Z <= x) = p."""
    return np.asarray(-normal_isf(p))


def normal_isf(q: ArrayLike) -> Floats:
    """The x with P(Z > x) = q: Hastings' approximation (Abramowitz & Stegun 26.2.23), then three steps of Halley's."""
    q = np.asarray(q, np.float64)
    with np.errstate(all="ignore"):
        tail = np.minimum(q, 1.0 - q)
        t = np.sqrt(-2.0 * np.log(np.maximum(tail, 5e-324)))
        x = t - ((0.010328 * t + 0.802853) * t + 2.515517) / (
            ((0.001308 * t + 0.189269) * t + 1.432788) * t + 1.0
        )
        for _ in range(3):
            off = (normal_sf(x) - tail) / normal_pdf(x)  # positive where x is too small
            x = np.where(np.isfinite(off), x + off / (1.0 - 0.5 * off * x), x)
        x = np.where(q > 0.5, -x, x)
        x = np.where(tail == 0.0, np.where(q == 0.0, np.inf, -np.inf), x)
        return np.where((q >= 0.0) & (q <= 1.0), np.where(q == 0.5, 0.0, x), np.nan)

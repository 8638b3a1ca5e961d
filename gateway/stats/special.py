"""The special functions of statistics, all of them: this is the one file that knows a distribution's formula.

A name is the distribution and what is asked of it: ``chi2_sf``. `cdf` is P(X <= x), `sf` P(X > x), `ppf` the x of a
cdf, `isf` the x of an sf. Small tails keep their relative accuracy: ask the tail that is small. Everything takes
arrays, broadcasts, and gives float64; arguments outside a distribution's range give nan. Accuracy: 1e-13 relative or
better for the normal, chi2, t, F, beta, binomial and Poisson while parameters stay below 1e5; 1e-11 absolute for the
noncentral ones.

>>> f"{normal_ppf(0.975):.4f} {chi2_ppf(0.95, 10):.3f} {t_ppf(0.975, 10):.3f} {f_ppf(0.95, 5, 10):.3f}"
'1.9600 18.307 2.228 3.326'
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gateway.stats.roots import root

Floats = NDArray[np.float64]

_ROOT_2 = math.sqrt(2.0)
_ROOT_2PI = math.sqrt(2.0 * math.pi)
_TINY = 1e-300
_EPSILON = float(np.finfo(np.float64).eps)

# --- normal ----------------------------------------------------------------------------------------------------------

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


# --- gamma and beta --------------------------------------------------------------------------------------------------

_lgamma = np.frompyfunc(math.lgamma, 1, 1)


def lgamma(x: ArrayLike) -> Floats:
    """Logarithm of the gamma function, x > 0."""
    return np.asarray(_lgamma(np.asarray(x, np.float64)), np.float64)


def _stirling(a: Floats) -> Floats:
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


def _poisson_term(a: Floats, x: Floats) -> Floats:
    """``x**a exp(-x) / gamma(a + 1)``."""
    with np.errstate(all="ignore"):
        return np.exp(-_stirling(a) - _deviance(a, x)) / np.sqrt(2.0 * math.pi * a)


def _gamma_tails(a: ArrayLike, x: ArrayLike) -> tuple[Floats, Floats]:
    """The regularised incomplete gamma functions P and Q."""
    a, x = np.broadcast_arrays(np.asarray(a, np.float64), np.asarray(x, np.float64))
    good = (a > 0.0) & (x > 0.0) & np.isfinite(x)
    a_, x_ = np.where(good, a, 1.0), np.where(good, x, 1.0)
    term = _poisson_term(a_, x_)
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


def _beta_tails(a: ArrayLike, b: ArrayLike, x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
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
        exponent = _stirling(n) - _stirling(a) - _stirling(b) - _deviance(a, n * x) - _deviance(b, n * y)
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


# --- quantiles of the continuous ones --------------------------------------------------------------------------------


def _quantile(
    tails: Callable[[Floats], tuple[Floats, Floats]], p: Floats, q: Floats, start: Floats, step: float = 1.0
) -> Floats:
    """Where the lower tail is p and the upper one q = 1 - p, both strictly between 0 and 1; solved in the smaller one's
    logarithm, from `start` outwards.
    """
    lower = p <= q
    goal = np.log(np.where(lower, p, q))

    def excess(x: Floats) -> Floats:
        below, above = tails(x)
        return np.where(
            lower, np.log(np.maximum(below, 5e-324)) - goal, goal - np.log(np.maximum(above, 5e-324))
        )

    low, high = start - step, start + step
    for _ in range(64):
        wide_low, wide_high = excess(low) > 0, excess(high) < 0
        if not (wide_low.any() or wide_high.any()):
            break
        step *= 2.0
        low, high = np.where(wide_low, low - step, low), np.where(wide_high, high + step, high)
    return root(excess, low, high)


def _with_ends(x: Floats, p: Floats, q: Floats, good: NDArray[np.bool_], top: float = np.inf) -> Floats:
    """A quantile from 0 to `top` with its ends, and nan where there is none."""
    x = np.where(q == 0.0, top, np.where(p == 0.0, 0.0, x))
    return np.where(good & (p >= 0.0) & (q >= 0.0), x, np.nan)


def _inside(p: Floats, good: NDArray[np.bool_]) -> Floats:
    return np.where(good & (p > 0.0) & (p < 1.0), p, 0.5)


def _arrays(*values: ArrayLike) -> tuple[Floats, ...]:
    return tuple(np.broadcast_arrays(*(np.asarray(each, np.float64) for each in values)))


# --- chi-square, F, t, beta ------------------------------------------------------------------------------------------


def chi2_pdf(x: ArrayLike, df: ArrayLike) -> Floats:
    """Density of chi-square with `df` degrees of freedom, x > 0."""
    x, df = _arrays(x, df)
    with np.errstate(all="ignore"):
        return np.asarray(np.exp((df / 2 - 1) * np.log(x / 2) - x / 2 - lgamma(df / 2)) / 2)


def chi2_cdf(x: ArrayLike, df: ArrayLike) -> Floats:
    """P(X <= x)."""
    return _gamma_tails(np.asarray(df, np.float64) / 2, np.asarray(x, np.float64) / 2)[0]


def chi2_sf(x: ArrayLike, df: ArrayLike) -> Floats:
    """P(X > x)."""
    return _gamma_tails(np.asarray(df, np.float64) / 2, np.asarray(x, np.float64) / 2)[1]


def chi2_ppf(p: ArrayLike, df: ArrayLike) -> Floats:
    """The x with P(X <= x) = p."""
    p, df = _arrays(p, df)
    return _chi2_quantile(p, 1.0 - p, df)


def chi2_isf(q: ArrayLike, df: ArrayLike) -> Floats:
    """The x with P(X > x) = q."""
    q, df = _arrays(q, df)
    return _chi2_quantile(1.0 - q, q, df)


def _chi2_quantile(p: Floats, q: Floats, df: Floats) -> Floats:
    good = df > 0
    inner = good & (p > 0) & (q > 0)
    lower, upper, shape = np.where(inner, p, 0.5), np.where(inner, q, 0.5), np.where(inner, df / 2, 1.0)
    y = _quantile(lambda t: _gamma_tails(shape, np.exp(t)), lower, upper, np.log(shape))
    return _with_ends(2.0 * np.exp(y), p, q, good)


def beta_cdf(x: ArrayLike, a: ArrayLike, b: ArrayLike) -> Floats:
    """P(X <= x) of the beta distribution: the regularised incomplete beta function."""
    x = np.asarray(x, np.float64)
    return _beta_tails(a, b, x, 1.0 - x)[0]


def beta_sf(x: ArrayLike, a: ArrayLike, b: ArrayLike) -> Floats:
    """P(X > x)."""
    x = np.asarray(x, np.float64)
    return _beta_tails(a, b, x, 1.0 - x)[1]


def _odds_quantile(p: Floats, q: Floats, a: Floats, b: Floats) -> Floats:
    """The x / (1 - x) where the beta distribution's tails are p and q."""
    start = np.log(a / b)
    y = _quantile(lambda t: _beta_tails(a, b, 1.0 / (1.0 + np.exp(-t)), 1.0 / (1.0 + np.exp(t))), p, q, start)
    return np.asarray(np.exp(y))


def beta_ppf(p: ArrayLike, a: ArrayLike, b: ArrayLike) -> Floats:
    """The x with P(X <= x) = p."""
    p, a, b = _arrays(p, a, b)
    good = (a > 0) & (b > 0)
    inner = _inside(p, good)
    odds = _odds_quantile(inner, 1.0 - inner, np.where(good, a, 1.0), np.where(good, b, 1.0))
    return _with_ends(odds / (1.0 + odds), p, 1.0 - p, good, 1.0)


def _f_tails(x: ArrayLike, df1: ArrayLike, df2: ArrayLike) -> tuple[Floats, Floats]:
    x, df1, df2 = _arrays(x, df1, df2)
    odds = np.maximum(x, 0.0) * df1 / df2
    return _beta_tails(df1 / 2, df2 / 2, odds / (1.0 + odds), 1.0 / (1.0 + odds))


def f_cdf(x: ArrayLike, df1: ArrayLike, df2: ArrayLike) -> Floats:
    """P(X <= x) of F with `df1` degrees of freedom above and `df2` below."""
    return _f_tails(x, df1, df2)[0]


def f_sf(x: ArrayLike, df1: ArrayLike, df2: ArrayLike) -> Floats:
    """P(X > x)."""
    return _f_tails(x, df1, df2)[1]


def f_ppf(p: ArrayLike, df1: ArrayLike, df2: ArrayLike) -> Floats:
    """The x with P(X <= x) = p."""
    p, df1, df2 = _arrays(p, df1, df2)
    return _f_quantile(p, 1.0 - p, df1, df2)


def f_isf(q: ArrayLike, df1: ArrayLike, df2: ArrayLike) -> Floats:
    """The x with P(X > x) = q."""
    q, df1, df2 = _arrays(q, df1, df2)
    return _f_quantile(1.0 - q, q, df1, df2)


def _f_quantile(p: Floats, q: Floats, df1: Floats, df2: Floats) -> Floats:
    good = (df1 > 0) & (df2 > 0)
    inner = good & (p > 0) & (q > 0)
    a, b = np.where(good, df1 / 2, 1.0), np.where(good, df2 / 2, 1.0)
    odds = _odds_quantile(np.where(inner, p, 0.5), np.where(inner, q, 0.5), a, b)
    return _with_ends(odds * b / a, p, q, good)


def t_sf(x: ArrayLike, df: ArrayLike) -> Floats:
    """P(T > x) of Student's t."""
    x, df = _arrays(x, df)
    half = 0.5 * _beta_tails(df / 2, 0.5, df / (df + x * x), x * x / (df + x * x))[0]
    return np.where(x >= 0, half, 1.0 - half)


def t_cdf(x: ArrayLike, df: ArrayLike) -> Floats:
    """P(T <= x)."""
    return t_sf(-np.asarray(x, np.float64), df)


def t_ppf(p: ArrayLike, df: ArrayLike) -> Floats:
    """The x with P(T <= x) = p."""
    p, df = _arrays(p, df)
    x = np.sqrt(f_isf(np.where((p >= 0) & (p <= 1), 2.0 * np.minimum(p, 1.0 - p), np.nan), 1.0, df))
    return np.where(p < 0.5, -x, x)


# --- noncentral ------------------------------------------------------------------------------------------------------


def _mixed(nc: Floats, tails: Callable[[Floats], tuple[Floats, Floats]]) -> tuple[Floats, Floats]:
    """Tails that are a Poisson mixture with mean nc / 2; `tails` gives those of each j along a last axis."""
    half = nc[..., None] / 2
    reach = 10.0 * np.sqrt(half) + 40.0
    first = np.floor(np.maximum(half - reach, 0.0))
    j = first + np.arange(2.0 + float(np.max(half + reach - first, initial=0.0)))
    with np.errstate(all="ignore"):
        weight = np.where(j > 0, _poisson_term(np.maximum(j, 1.0), half), np.exp(-half))
    weight = np.where(half > 0, weight, np.where(j == 0, 1.0, 0.0))
    lower, upper = tails(j)
    return (weight * lower).sum(axis=-1), (weight * upper).sum(axis=-1)


def _ncx2_tails(x: ArrayLike, df: ArrayLike, nc: ArrayLike) -> tuple[Floats, Floats]:
    x, df, nc = _arrays(x, df, nc)
    return _mixed(nc, lambda j: _gamma_tails(df[..., None] / 2 + j, x[..., None] / 2))


def ncx2_cdf(x: ArrayLike, df: ArrayLike, nc: ArrayLike) -> Floats:
    """P(X <= x) of chi-square with noncentrality `nc` >= 0, as a mixture of central ones."""
    return _ncx2_tails(x, df, nc)[0]


def ncx2_sf(x: ArrayLike, df: ArrayLike, nc: ArrayLike) -> Floats:
    """P(X > x)."""
    return _ncx2_tails(x, df, nc)[1]


def ncx2_ppf(p: ArrayLike, df: ArrayLike, nc: ArrayLike) -> Floats:
    """The x with P(X <= x) = p, 0 < p < 1."""
    p, df, nc = _arrays(p, df, nc)
    return np.asarray(
        np.exp(_quantile(lambda t: _ncx2_tails(np.exp(t), df, nc), p, 1.0 - p, np.log(df + nc)))
    )


def _ncf_tails(x: ArrayLike, df1: ArrayLike, df2: ArrayLike, nc: ArrayLike) -> tuple[Floats, Floats]:
    x, df1, df2, nc = _arrays(x, df1, df2, nc)
    odds = (np.maximum(x, 0.0) * df1 / df2)[..., None]
    x_, y_ = odds / (1.0 + odds), 1.0 / (1.0 + odds)
    return _mixed(nc, lambda j: _beta_tails(df1[..., None] / 2 + j, df2[..., None] / 2, x_, y_))


def ncf_cdf(x: ArrayLike, df1: ArrayLike, df2: ArrayLike, nc: ArrayLike) -> Floats:
    """P(X <= x) of F whose numerator has noncentrality `nc`."""
    return _ncf_tails(x, df1, df2, nc)[0]


def ncf_sf(x: ArrayLike, df1: ArrayLike, df2: ArrayLike, nc: ArrayLike) -> Floats:
    """P(X > x)."""
    return _ncf_tails(x, df1, df2, nc)[1]


def ncf_ppf(p: ArrayLike, df1: ArrayLike, df2: ArrayLike, nc: ArrayLike) -> Floats:
    """The x with P(X <= x) = p, 0 < p < 1."""
    p, df1, df2, nc = _arrays(p, df1, df2, nc)
    start = np.log(1.0 + nc / df1)
    return np.asarray(np.exp(_quantile(lambda t: _ncf_tails(np.exp(t), df1, df2, nc), p, 1.0 - p, start)))


def _nct_tails(x: Floats, df: Floats, nc: Floats) -> tuple[Floats, Floats]:
    """The normal tail beyond x s - nc over the law of s = sqrt(chi2 / df); trapezoids in ln s, whose ends fade fast."""
    x, df, nc = (each[..., None] for each in _arrays(x, df, nc))
    width = 1.0 / np.sqrt(2.0 * df)
    ends = -np.minimum(40.0 / df + 9.0 * width, 40.0), np.minimum(8.5 * width + 2.0 * width**2, 4.5)
    steepest = float(np.max(1.0 / width)) + 2.0 * float(np.max(np.abs(nc))) + 2.0
    points = int(min(float(np.max(ends[1] - ends[0])) * steepest * 3.0 + 60, 20_000))
    u = ends[0] + (ends[1] - ends[0]) * np.linspace(0.0, 1.0, points)
    h = (ends[1] - ends[0]) / (points - 1)
    # the density of u = ln s, its peak at 0 taken out: exp(df (u - (exp(2 u) - 1) / 2))
    peak = np.sqrt(df / np.pi) * np.exp(-_stirling(df / 2))
    weight = h * peak * np.exp(df * (u - 0.5 * np.expm1(2.0 * u)))
    at = x * np.exp(u) - nc
    return (weight * normal_cdf(at)).sum(axis=-1), (weight * normal_sf(at)).sum(axis=-1)


def nct_cdf(x: ArrayLike, df: ArrayLike, nc: ArrayLike) -> Floats:
    """P(T <= x) of Student's t with noncentrality `nc`."""
    return _nct_tails(*_arrays(x, df, nc))[0]


def nct_sf(x: ArrayLike, df: ArrayLike, nc: ArrayLike) -> Floats:
    """P(T > x)."""
    return _nct_tails(*_arrays(x, df, nc))[1]


def nct_ppf(p: ArrayLike, df: ArrayLike, nc: ArrayLike) -> Floats:
    """The x with P(T <= x) = p, 0 < p < 1."""
    p, df, nc = _arrays(p, df, nc)
    return _quantile(lambda t: _nct_tails(t, df, nc), p, 1.0 - p, nc)


# --- counts ----------------------------------------------------------------------------------------------------------


def binomial_cdf(k: ArrayLike, n: ArrayLike, p: ArrayLike) -> Floats:
    """P(K <= k) of k successes in n."""
    return _binomial_tails(k, n, p)[0]


def binomial_sf(k: ArrayLike, n: ArrayLike, p: ArrayLike) -> Floats:
    """P(K > k)."""
    return _binomial_tails(k, n, p)[1]


def _binomial_tails(k: ArrayLike, n: ArrayLike, p: ArrayLike) -> tuple[Floats, Floats]:
    k, n, p = _arrays(k, n, p)
    k = np.floor(k)
    inside = (k >= 0) & (k < n)
    upper, lower = _beta_tails(np.where(inside, k + 1, 1.0), np.where(inside, n - k, 1.0), p, 1.0 - p)
    none = np.isnan(k) | ~((p >= 0) & (p <= 1) & (n >= 0))
    lower = np.where(none, np.nan, np.where(inside, lower, k >= n))
    upper = np.where(none, np.nan, np.where(inside, upper, k < 0))
    return lower, upper


def poisson_cdf(k: ArrayLike, mean: ArrayLike) -> Floats:
    """P(K <= k)."""
    return _poisson_tails(k, mean)[0]


def poisson_sf(k: ArrayLike, mean: ArrayLike) -> Floats:
    """P(K > k)."""
    return _poisson_tails(k, mean)[1]


def _poisson_tails(k: ArrayLike, mean: ArrayLike) -> tuple[Floats, Floats]:
    k, mean = _arrays(k, mean)
    k = np.floor(k)
    upper, lower = _gamma_tails(np.maximum(k, 0.0) + 1.0, mean)
    none = np.isnan(k) | ~(mean >= 0)
    return (
        np.where(none, np.nan, np.where(k < 0, 0.0, lower)),
        np.where(none, np.nan, np.where(k < 0, 1.0, upper)),
    )


def binomial_ppf(q: ArrayLike, n: ArrayLike, p: ArrayLike) -> Floats:
    """The smallest k with P(K <= k) >= q."""
    q, n, p = _arrays(q, n, p)
    return _smallest(lambda k: binomial_cdf(k, n, p) >= q, n, (q >= 0) & (q <= 1) & (p >= 0) & (p <= 1))


def binomial_isf(q: ArrayLike, n: ArrayLike, p: ArrayLike) -> Floats:
    """The smallest k with P(K > k) <= q."""
    q, n, p = _arrays(q, n, p)
    return _smallest(lambda k: binomial_sf(k, n, p) <= q, n, (q >= 0) & (q <= 1) & (p >= 0) & (p <= 1))


def poisson_ppf(q: ArrayLike, mean: ArrayLike) -> Floats:
    """The smallest k with P(K <= k) >= q, 0 <= q < 1."""
    q, mean = _arrays(q, mean)
    top = np.floor(mean + 50.0 * np.sqrt(mean) + 800.0)
    return _smallest(lambda k: poisson_cdf(k, mean) >= q, top, (q >= 0) & (q < 1) & (mean >= 0))


def poisson_isf(q: ArrayLike, mean: ArrayLike) -> Floats:
    """The smallest k with P(K > k) <= q, q > 0."""
    q, mean = _arrays(q, mean)
    top = np.floor(mean + 50.0 * np.sqrt(mean) + 800.0)
    return _smallest(lambda k: poisson_sf(k, mean) <= q, top, (q > 0) & (q <= 1) & (mean >= 0))


def _smallest(true: Callable[[Floats], NDArray[np.bool_]], top: Floats, good: NDArray[np.bool_]) -> Floats:
    """The smallest whole number from 0 to top for which it is true, by halving."""
    low, high = np.full_like(top, -1.0), top.copy()
    while np.any(high - low > 1):
        middle = np.floor((low + high) / 2)
        yes = true(middle)
        high, low = np.where(yes, middle, high), np.where(yes, low, middle)
    return np.where(good, high, np.nan)

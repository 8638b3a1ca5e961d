"""The special functions of statistics, all of them: whoever needs a distribution asks here.

A name is the distribution and what is asked of it: ``chi2_sf``. `cdf` is P(X <= x), `sf` P(X > x), `ppf` the x of a
cdf, `isf` the x of an sf. Small tails keep their relative accuracy: ask the tail that is small. Everything takes
arrays, broadcasts, and gives float64; arguments outside a distribution's range give nan. Accuracy: 1e-13 relative or
better for the normal, chi2, t, F, beta, binomial and Poisson while parameters stay below 1e5; 1e-11 absolute for the
noncentral ones.

>>> f"{normal_ppf(0.975):.4f} {chi2_ppf(0.95, 10):.3f} {t_ppf(0.975, 10):.3f} {f_ppf(0.95, 5, 10):.3f}"
'1.9600 18.307 2.228 3.326'
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gateway.stats.incomplete import beta_tails, gamma_tails, lgamma
from gateway.stats.noncentral import (
    ncf_cdf,
    ncf_ppf,
    ncf_sf,
    nct_cdf,
    nct_ppf,
    nct_sf,
    ncx2_cdf,
    ncx2_ppf,
    ncx2_sf,
)
from gateway.stats.normal import erfc, normal_cdf, normal_isf, normal_pdf, normal_ppf, normal_sf
from gateway.stats.quantiles import arrays, inside, quantile, with_ends

__all__ = [
    "beta_cdf",
    "beta_ppf",
    "beta_sf",
    "binomial_cdf",
    "binomial_isf",
    "binomial_ppf",
    "binomial_sf",
    "chi2_cdf",
    "chi2_isf",
    "chi2_pdf",
    "chi2_ppf",
    "chi2_sf",
    "erfc",
    "f_cdf",
    "f_isf",
    "f_ppf",
    "f_sf",
    "lgamma",
    "ncf_cdf",
    "ncf_ppf",
    "ncf_sf",
    "nct_cdf",
    "nct_ppf",
    "nct_sf",
    "ncx2_cdf",
    "ncx2_ppf",
    "ncx2_sf",
    "normal_cdf",
    "normal_isf",
    "normal_pdf",
    "normal_ppf",
    "normal_sf",
    "poisson_cdf",
    "poisson_isf",
    "poisson_ppf",
    "poisson_sf",
    "t_cdf",
    "t_ppf",
    "t_sf",
]

Floats = NDArray[np.float64]

# --- chi-square, F, t, beta ------------------------------------------------------------------------------------------


def chi2_pdf(x: ArrayLike, df: ArrayLike) -> Floats:
    """Density of chi-square with `df` degrees of freedom, x > 0."""
    x, df = arrays(x, df)
    with np.errstate(all="ignore"):
        return np.asarray(np.exp((df / 2 - 1) * np.log(x / 2) - x / 2 - lgamma(df / 2)) / 2)


def chi2_cdf(x: ArrayLike, df: ArrayLike) -> Floats:
    """P(X <= x)."""
    return gamma_tails(np.asarray(df, np.float64) / 2, np.asarray(x, np.float64) / 2)[0]


def chi2_sf(x: ArrayLike, df: ArrayLike) -> Floats:
    """P(X > x)."""
    return gamma_tails(np.asarray(df, np.float64) / 2, np.asarray(x, np.float64) / 2)[1]


def chi2_ppf(p: ArrayLike, df: ArrayLike) -> Floats:
    """The x with P(X <= x) = p."""
    p, df = arrays(p, df)
    return _chi2_quantile(p, 1.0 - p, df)


def chi2_isf(q: ArrayLike, df: ArrayLike) -> Floats:
    """The x with P(X > x) = q."""
    q, df = arrays(q, df)
    return _chi2_quantile(1.0 - q, q, df)


def _chi2_quantile(p: Floats, q: Floats, df: Floats) -> Floats:
    good = df > 0
    inner = good & (p > 0) & (q > 0)
    lower, upper, shape = np.where(inner, p, 0.5), np.where(inner, q, 0.5), np.where(inner, df / 2, 1.0)
    y = quantile(lambda t: gamma_tails(shape, np.exp(t)), lower, upper, np.log(shape))
    return with_ends(2.0 * np.exp(y), p, q, good)


def beta_cdf(x: ArrayLike, a: ArrayLike, b: ArrayLike) -> Floats:
    """P(X <= x) of the beta distribution: the regularised incomplete beta function."""
    x = np.asarray(x, np.float64)
    return beta_tails(a, b, x, 1.0 - x)[0]


def beta_sf(x: ArrayLike, a: ArrayLike, b: ArrayLike) -> Floats:
    """P(X > x)."""
    x = np.asarray(x, np.float64)
    return beta_tails(a, b, x, 1.0 - x)[1]


def _odds_quantile(p: Floats, q: Floats, a: Floats, b: Floats) -> Floats:
    """The x / (1 - x) where the beta distribution's tails are p and q."""
    start = np.log(a / b)
    y = quantile(lambda t: beta_tails(a, b, 1.0 / (1.0 + np.exp(-t)), 1.0 / (1.0 + np.exp(t))), p, q, start)
    return np.asarray(np.exp(y))


def beta_ppf(p: ArrayLike, a: ArrayLike, b: ArrayLike) -> Floats:
    """The x with P(X <= x) = p."""
    p, a, b = arrays(p, a, b)
    good = (a > 0) & (b > 0)
    inner = inside(p, good)
    odds = _odds_quantile(inner, 1.0 - inner, np.where(good, a, 1.0), np.where(good, b, 1.0))
    return with_ends(odds / (1.0 + odds), p, 1.0 - p, good, 1.0)


def _f_tails(x: ArrayLike, df1: ArrayLike, df2: ArrayLike) -> tuple[Floats, Floats]:
    x, df1, df2 = arrays(x, df1, df2)
    odds = np.maximum(x, 0.0) * df1 / df2
    return beta_tails(df1 / 2, df2 / 2, odds / (1.0 + odds), 1.0 / (1.0 + odds))


def f_cdf(x: ArrayLike, df1: ArrayLike, df2: ArrayLike) -> Floats:
    """P(X <= x) of F with `df1` degrees of freedom above and `df2` below."""
    return _f_tails(x, df1, df2)[0]


def f_sf(x: ArrayLike, df1: ArrayLike, df2: ArrayLike) -> Floats:
    """P(X > x)."""
    return _f_tails(x, df1, df2)[1]


def f_ppf(p: ArrayLike, df1: ArrayLike, df2: ArrayLike) -> Floats:
    """The x with P(X <= x) = p."""
    p, df1, df2 = arrays(p, df1, df2)
    return _f_quantile(p, 1.0 - p, df1, df2)


def f_isf(q: ArrayLike, df1: ArrayLike, df2: ArrayLike) -> Floats:
    """The x with P(X > x) = q."""
    q, df1, df2 = arrays(q, df1, df2)
    return _f_quantile(1.0 - q, q, df1, df2)


def _f_quantile(p: Floats, q: Floats, df1: Floats, df2: Floats) -> Floats:
    good = (df1 > 0) & (df2 > 0)
    inner = good & (p > 0) & (q > 0)
    a, b = np.where(good, df1 / 2, 1.0), np.where(good, df2 / 2, 1.0)
    odds = _odds_quantile(np.where(inner, p, 0.5), np.where(inner, q, 0.5), a, b)
    return with_ends(odds * b / a, p, q, good)


def t_sf(x: ArrayLike, df: ArrayLike) -> Floats:
    """P(T > x) of Student's t."""
    x, df = arrays(x, df)
    half = 0.5 * beta_tails(df / 2, 0.5, df / (df + x * x), x * x / (df + x * x))[0]
    return np.where(x >= 0, half, 1.0 - half)


def t_cdf(x: ArrayLike, df: ArrayLike) -> Floats:
    """P(T <= x)."""
    return t_sf(-np.asarray(x, np.float64), df)


def t_ppf(p: ArrayLike, df: ArrayLike) -> Floats:
    """The x with P(T <= x) = p."""
    p, df = arrays(p, df)
    x = np.sqrt(f_isf(np.where((p >= 0) & (p <= 1), 2.0 * np.minimum(p, 1.0 - p), np.nan), 1.0, df))
    return np.where(p < 0.5, -x, x)


# --- counts ----------------------------------------------------------------------------------------------------------


def binomial_cdf(k: ArrayLike, n: ArrayLike, p: ArrayLike) -> Floats:
    """P(K <= k) of k successes in n."""
    return _binomial_tails(k, n, p)[0]


def binomial_sf(k: ArrayLike, n: ArrayLike, p: ArrayLike) -> Floats:
    """P(K > k)."""
    return _binomial_tails(k, n, p)[1]


def _binomial_tails(k: ArrayLike, n: ArrayLike, p: ArrayLike) -> tuple[Floats, Floats]:
    k, n, p = arrays(k, n, p)
    k = np.floor(k)
    inside = (k >= 0) & (k < n)
    upper, lower = beta_tails(np.where(inside, k + 1, 1.0), np.where(inside, n - k, 1.0), p, 1.0 - p)
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
    k, mean = arrays(k, mean)
    k = np.floor(k)
    upper, lower = gamma_tails(np.maximum(k, 0.0) + 1.0, mean)
    none = np.isnan(k) | ~(mean >= 0)
    return (
        np.where(none, np.nan, np.where(k < 0, 0.0, lower)),
        np.where(none, np.nan, np.where(k < 0, 1.0, upper)),
    )


def binomial_ppf(q: ArrayLike, n: ArrayLike, p: ArrayLike) -> Floats:
    """The smallest k with P(K <= k) >= q."""
    q, n, p = arrays(q, n, p)
    return _smallest(lambda k: binomial_cdf(k, n, p) >= q, n, (q >= 0) & (q <= 1) & (p >= 0) & (p <= 1))


def binomial_isf(q: ArrayLike, n: ArrayLike, p: ArrayLike) -> Floats:
    """The smallest k with P(K > k) <= q."""
    q, n, p = arrays(q, n, p)
    return _smallest(lambda k: binomial_sf(k, n, p) <= q, n, (q >= 0) & (q <= 1) & (p >= 0) & (p <= 1))


def poisson_ppf(q: ArrayLike, mean: ArrayLike) -> Floats:
    """The smallest k with P(K <= k) >= q, 0 <= q < 1."""
    q, mean = arrays(q, mean)
    top = np.floor(mean + 50.0 * np.sqrt(mean) + 800.0)
    return _smallest(lambda k: poisson_cdf(k, mean) >= q, top, (q >= 0) & (q < 1) & (mean >= 0))


def poisson_isf(q: ArrayLike, mean: ArrayLike) -> Floats:
    """The smallest k with P(K > k) <= q, q > 0."""
    q, mean = arrays(q, mean)
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

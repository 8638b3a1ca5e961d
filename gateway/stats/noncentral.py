"""Chi-square, F and t with a noncentrality, to 1e-11 absolute. Asked through `special`."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gateway.stats.incomplete import beta_tails, gamma_tails, poisson_term, stirling
from gateway.stats.normal import normal_cdf, normal_sf
from gateway.stats.quantiles import arrays, quantile

Floats = NDArray[np.float64]


def _mixed(nc: Floats, tails: Callable[[Floats], tuple[Floats, Floats]]) -> tuple[Floats, Floats]:
    """Tails that are a Poisson mixture with mean nc / 2; `tails` gives those of each j along a last axis."""
    half = nc[..., None] / 2
    reach = 10.0 * np.sqrt(half) + 40.0
    first = np.floor(np.maximum(half - reach, 0.0))
    j = first + np.arange(2.0 + float(np.max(half + reach - first, initial=0.0)))
    with np.errstate(all="ignore"):
        weight = np.where(j > 0, poisson_term(np.maximum(j, 1.0), half), np.exp(-half))
    weight = np.where(half > 0, weight, np.where(j == 0, 1.0, 0.0))
    lower, upper = tails(j)
    return (weight * lower).sum(axis=-1), (weight * upper).sum(axis=-1)


def _ncx2_tails(x: ArrayLike, df: ArrayLike, nc: ArrayLike) -> tuple[Floats, Floats]:
    x, df, nc = arrays(x, df, nc)
    return _mixed(nc, lambda j: gamma_tails(df[..., None] / 2 + j, x[..., None] / 2))


def ncx2_cdf(x: ArrayLike, df: ArrayLike, nc: ArrayLike) -> Floats:
    """P(X <= x) of chi-square with noncentrality `nc` >= 0, as a mixture of central ones."""
    return _ncx2_tails(x, df, nc)[0]


def ncx2_sf(x: ArrayLike, df: ArrayLike, nc: ArrayLike) -> Floats:
    """P(X > x)."""
    return _ncx2_tails(x, df, nc)[1]


def ncx2_ppf(p: ArrayLike, df: ArrayLike, nc: ArrayLike) -> Floats:
    """The x with P(X <= x) = p, 0 < p < 1."""
    p, df, nc = arrays(p, df, nc)
    return np.asarray(np.exp(quantile(lambda t: _ncx2_tails(np.exp(t), df, nc), p, 1.0 - p, np.log(df + nc))))


def _ncf_tails(x: ArrayLike, df1: ArrayLike, df2: ArrayLike, nc: ArrayLike) -> tuple[Floats, Floats]:
    x, df1, df2, nc = arrays(x, df1, df2, nc)
    odds = (np.maximum(x, 0.0) * df1 / df2)[..., None]
    x_, y_ = odds / (1.0 + odds), 1.0 / (1.0 + odds)
    return _mixed(nc, lambda j: beta_tails(df1[..., None] / 2 + j, df2[..., None] / 2, x_, y_))


def ncf_cdf(x: ArrayLike, df1: ArrayLike, df2: ArrayLike, nc: ArrayLike) -> Floats:
    """P(X <= x) of F whose numerator has noncentrality `nc`."""
    return _ncf_tails(x, df1, df2, nc)[0]


def ncf_sf(x: ArrayLike, df1: ArrayLike, df2: ArrayLike, nc: ArrayLike) -> Floats:
    """P(X > x)."""
    return _ncf_tails(x, df1, df2, nc)[1]


def ncf_ppf(p: ArrayLike, df1: ArrayLike, df2: ArrayLike, nc: ArrayLike) -> Floats:
    """The x with P(X <= x) = p, 0 < p < 1."""
    p, df1, df2, nc = arrays(p, df1, df2, nc)
    start = np.log(1.0 + nc / df1)
    return np.asarray(np.exp(quantile(lambda t: _ncf_tails(np.exp(t), df1, df2, nc), p, 1.0 - p, start)))


def _nct_tails(x: Floats, df: Floats, nc: Floats) -> tuple[Floats, Floats]:
    """The normal tail beyond x s - nc over the law of s = sqrt(chi2 / df); trapezoids in ln s, whose ends fade fast."""
    x, df, nc = (each[..., None] for each in arrays(x, df, nc))
    width = 1.0 / np.sqrt(2.0 * df)
    ends = -np.minimum(40.0 / df + 9.0 * width, 40.0), np.minimum(8.5 * width + 2.0 * width**2, 4.5)
    steepest = float(np.max(1.0 / width)) + 2.0 * float(np.max(np.abs(nc))) + 2.0
    points = int(min(float(np.max(ends[1] - ends[0])) * steepest * 3.0 + 60, 20_000))
    u = ends[0] + (ends[1] - ends[0]) * np.linspace(0.0, 1.0, points)
    h = (ends[1] - ends[0]) / (points - 1)
    # the density of u = ln s, its peak at 0 taken out: exp(df (u - (exp(2 u) - 1) / 2))
    peak = np.sqrt(df / np.pi) * np.exp(-stirling(df / 2))
    weight = h * peak * np.exp(df * (u - 0.5 * np.expm1(2.0 * u)))
    at = x * np.exp(u) - nc
    return (weight * normal_cdf(at)).sum(axis=-1), (weight * normal_sf(at)).sum(axis=-1)


def nct_cdf(x: ArrayLike, df: ArrayLike, nc: ArrayLike) -> Floats:
    """P(T <= x) of Student's t with noncentrality `nc`."""
    return _nct_tails(*arrays(x, df, nc))[0]


def nct_sf(x: ArrayLike, df: ArrayLike, nc: ArrayLike) -> Floats:
    """P(T > x)."""
    return _nct_tails(*arrays(x, df, nc))[1]


def nct_ppf(p: ArrayLike, df: ArrayLike, nc: ArrayLike) -> Floats:
    """The x with P(T <= x) = p, 0 < p < 1."""
    p, df, nc = arrays(p, df, nc)
    return quantile(lambda t: _nct_tails(t, df, nc), p, 1.0 - p, nc)

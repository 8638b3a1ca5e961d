"""What charts of several tags at once share: samples that are whole or none, and covariance out of a baseline.

A vector with a nan is no sample at all: a distance without one of its tags is another distance.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gateway.spc.matrices import whitening
from gateway.spc.track import Floats

Estimator = Literal["differences", "pooled"]


@dataclass(frozen=True, slots=True)
class Seen:
    """State of a chart that looks at one sample at a time: per slot how many there were."""

    seen: NDArray[np.int64]


def counted(state: Seen, value: Floats) -> Seen:
    """The state after samples whose statistic is ``value[rows, slots]``, nan where there was none."""
    return Seen(state.seen + (value == value).sum(axis=0))  # noqa: PLR0124 # false for nan only


def per_slot(value: Floats, axes: int) -> Floats:
    """A parameter of `axes` axes a slot, with an axis of slots before them whether or not it had one."""
    value = np.asarray(value, dtype=np.float64)
    return value if value.ndim > axes else value[None]


def whole(baseline: Floats, fewest: int) -> Floats:
    """The samples of a baseline ``[m, p]`` that are whole. Raises ValueError where they are too few, or one tag's."""
    if baseline.ndim != 2 or baseline.shape[1] < 2:
        raise ValueError("a sample here is one number of each of two or more tags: name more tags")
    kept = baseline[~np.isnan(baseline).any(axis=1)]
    if len(kept) < fewest:
        tags = baseline.shape[1]
        raise ValueError(
            f"{tags} tags take at least {fewest} whole samples, there are {len(kept)}: give more"
        )
    return kept


def means(x: Floats) -> Floats:
    """Mean of each tag, rounded once, so that the order of the samples does not matter. ValueError as in `total`."""
    return np.array([total(tag) / len(x) for tag in x.T])


def total(terms: Floats) -> float:
    """The sum, rounded once. Raises ValueError where it is beyond the largest number."""
    try:
        found = math.fsum(terms.tolist()) if np.isfinite(terms).all() else math.nan
    except OverflowError:
        found = math.nan
    if math.isnan(found):
        raise ValueError("the samples are too far apart for this arithmetic")
    return found


def learn(baseline: Floats, known: Mapping[str, Floats]) -> tuple[dict[str, Floats], int, float]:
    """Center, covariance and way of samples ``[m, p]``; how many they were, and degrees of freedom of the covariance.

    What is known is kept. Raises ValueError where the samples cannot tell.
    """
    p, way = baseline.shape[-1], known.get("differences", np.asarray(0.0))
    x = whole(baseline, (3 * p) // 2 + 3)
    found, freedom = covariance(x, "differences" if float(way) else "pooled")
    if "covariance" not in known:
        whitening(found[None])  # refuses what no chart can be made of
    learnt = {"center": means(x), "covariance": found, "differences": way}
    return {name: known.get(name, value) for name, value in learnt.items()}, len(x), freedom


def covariance(x: Floats, estimator: Estimator) -> tuple[Floats, float]:
    """Covariance of samples ``[m, p]`` in time order, and its degrees of freedom.

    "pooled": about the mean, m - 1. "differences": of successive samples, halved (Holmes & Mergen 1993): a drift or a
    step in the baseline hardly inflates it; (2 (m - 1)**2) / (3 m - 4) degrees of freedom (Scholz & Tosch 1994), a
    third less.
    Raises ValueError where numbers are too far apart for this arithmetic.
    """
    m = len(x)
    if estimator == "differences":
        parts, divisor, freedom = np.diff(x, axis=0), 2.0 * (m - 1), 2.0 * (m - 1) ** 2 / (3.0 * m - 4.0)
    else:
        parts, divisor, freedom = x - means(x), m - 1.0, m - 1.0
    p = x.shape[1]
    found = np.empty((p, p))
    with np.errstate(over="ignore", invalid="ignore"):
        for i in range(p):
            for j in range(i, p):
                found[i, j] = found[j, i] = total(parts[:, i] * parts[:, j]) / divisor
    return found, freedom


def along(y: Floats, direction: Floats) -> Floats:
    """White samples ``[rows, slots, p]`` along a direction ``[slots, p]``: standard normal if that is not their own."""
    length = np.sqrt((direction * direction).sum(axis=-1))
    unit = direction / np.where(length > 0, length, np.nan)[:, None]
    z: Floats = (y * unit).sum(axis=-1)
    return z


def newest(y: Floats) -> Floats:
    """The newest whole vector of each slot ``[slots, p]``, nan where there is none."""
    found = np.full(y.shape[1:], np.nan)
    for row in y:
        found = np.where(np.isnan(row).any(axis=-1, keepdims=True), found, row)
    return found


def newest_any(y: Floats) -> Floats:
    """The newest vector of each slot ``[slots, p]`` of which any number is there, nan where there is none."""
    found = np.full(y.shape[1:], np.nan)
    for row in y:
        found = np.where(np.isnan(row).all(axis=-1, keepdims=True), found, row)
    return found


def conditional(matrix: Floats, y: Floats) -> Floats:
    """What each tag adds to T2 = y'y after all the others: T2 minus T2 without it (Runger, Alt & Montgomery 1996).

    `matrix` is that of whitening, `y` white vectors ``[rows, slots, p]``.
    """
    towards = (matrix * y[..., None]).sum(axis=-2)  # S**-1 (x - m), for S**-1 = W' W
    terms: Floats = towards**2 / (matrix * matrix).sum(axis=-2)
    return terms

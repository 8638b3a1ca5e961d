"""Mean, standard deviation and autocorrelation that lose no digits: exact sums, and deviations before squares. Pure.

The textbook's sum of squares minus n times the mean's square loses twice the digits that the mean has in common with
the values. Here the mean comes of an exact sum, is mended once by what the deviations from it still add up to, and
only deviations are squared. Held to the certified values of NIST's Statistical Reference Datasets (tests/unit/spc).

>>> x = [1000000.2] + [1000000.1, 1000000.3] * 500       # NumAcc3: mean 1000000.2, deviation 0.1
>>> mean(x), round(deviation(x), 9), round(lag1(x), 9)
(1000000.2, 0.1, -0.999)
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray


def mean(x: ArrayLike) -> float:
    """The mean. Raises ValueError where there is none."""
    values = np.asarray(x, dtype=np.float64).ravel()
    if not values.size:
        raise ValueError("there are no samples")
    return _mean(values)


def _mean(values: NDArray[np.float64]) -> float:
    try:
        first = math.fsum(values.tolist()) / values.size
    except (OverflowError, ValueError):  # sums beyond the largest number, infinities of both signs
        return float(np.mean(values / 2) * 2)
    if not math.isfinite(first):
        return first
    return first + math.fsum((values - first).tolist()) / values.size


def deviations(x: ArrayLike) -> NDArray[np.float64]:
    """Each value less the mean."""
    values = np.asarray(x, dtype=np.float64).ravel()
    return values - mean(values)


def variance(x: ArrayLike) -> float:
    """The sample variance, with n - 1. Raises ValueError below two values."""
    off = deviations(x)
    if off.size < 2:
        raise ValueError("one sample has no spread")
    with np.errstate(over="ignore"):
        squares = off * off
    left = math.fsum(off.tolist())  # what the mean was rounded by
    return (_total(squares) - left * left / off.size) / (off.size - 1)


def deviation(x: ArrayLike) -> float:
    """The sample standard deviation, with n - 1. Raises ValueError below two values."""
    return math.sqrt(variance(x))


def lag1(x: ArrayLike) -> float:
    """Autocorrelation of neighbours: the products of their deviations over the sum of squares."""
    off = deviations(x)
    squares = _total(off * off)
    return _total(off[1:] * off[:-1]) / squares if squares else math.nan


def _total(values: NDArray[np.float64]) -> float:
    try:
        return math.fsum(values.tolist())
    except OverflowError:
        return math.inf

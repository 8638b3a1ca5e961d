"""A straight line through noisy weights that some of them are not on, and how sure slope and level are. Pure.

The slope is the median of the slopes of all pairs (H. Theil, Indagationes Mathematicae 12, 1950; P. K. Sen, JASA 63,
1968): up to 29 % of the points may be anything, and on Gaussian noise it has 3/pi of the precision of least squares.
The level is the median of what is left. Noise is the median absolute deviation; neighbours that go together count as
fewer points, by their first autocorrelation.

>>> fitted = line([0.0, 1.0, 2.0, 3.0, 4.0, 5.0], [10.0, 9.5, 9.0, 30.0, 8.0, 7.5], 0.01)
>>> fitted.slope, fitted.at(5.0), fitted.sigma_kg
(-0.5, 7.5, 0.01)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_MAD = 1.482602218505602  # of a Gaussian: sigma over its median absolute deviation
_SLOPE = math.pi / 3  # variance over that of least squares
_MEDIAN = math.pi / 2  # variance of a median over that of a mean
_MOST_AUTO = 0.9
_CLIP = 3.0  # sigma: what lies further off says nothing of how neighbours go together


class Line(NamedTuple):
    """Kilograms over seconds."""

    slope: float
    mid_s: float  # where level and slope are independent of each other
    level: float  # there
    slope_var: float
    level_var: float
    sigma_kg: float  # of one weight

    def at(self, time_s: float) -> float:
        return self.level + self.slope * (time_s - self.mid_s)

    def var(self, time_s: float) -> float:
        """Variance of `at`."""
        return self.level_var + self.slope_var * (time_s - self.mid_s) ** 2


@lru_cache(maxsize=64)
def _pairs(points: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    first, second = np.triu_indices(points, 1)
    return first, second


def line(times_s: Sequence[float], kg: Sequence[float], least_sigma_kg: float) -> Line:
    """Through three points or more, at different times; no weight is surer than `least_sigma_kg`."""
    t, w = np.asarray(times_s, dtype=np.float64), np.asarray(kg, dtype=np.float64)
    points, mid = len(t), float(np.mean(t))
    t = t - mid
    i, j = _pairs(points)
    slope = float(np.median((w[j] - w[i]) / (t[j] - t[i])))
    rest = w - slope * t
    level = float(np.median(rest))
    rest -= level
    sigma = _MAD * float(np.median(np.abs(rest))) * math.sqrt(points / (points - 2))
    sigma = max(sigma, least_sigma_kg)
    var = sigma * sigma * _fewer(rest, sigma)
    return Line(slope, mid, level, _SLOPE * var / float(t @ t), _MEDIAN * var / points, sigma)


def _fewer(rest: NDArray[np.float64], sigma: float) -> float:
    """How many points are worth one, by the first autocorrelation (as of an AR(1) series)."""
    clipped = np.clip(rest, -_CLIP * sigma, _CLIP * sigma)
    power = float(clipped @ clipped)
    if len(rest) < 8 or power <= 0.0:
        return 1.0
    auto = min(max(float(clipped[1:] @ clipped[:-1]) / power, 0.0), _MOST_AUTO)
    return (1.0 + auto) / (1.0 - auto)

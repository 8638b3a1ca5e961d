"""A CUSUM of residuals: what it costs in delay, and its limit when phi, center and sigma come from m samples.

One-step residuals of an AR(1) process are independent, so in control a residual CUSUM has the limits of any other. But
of a lasting step of the process only the first residual sees all; the others see (1 - phi) of it, in residual sigma
``sqrt((1 - phi) / (1 + phi))`` steps of the process: that is the price (Lu & Reynolds 2001).

An estimated phi leaves a little autocorrelation either way. In the mean that lengthens runs, for a run grows more than
it shrinks. `residual_limit` is the limit whose mean ARL0 over all that may be estimated is the one asked for: over
center and sigma by the laws of `estimated.py`, over phi as a normal with its variance to second order (White 1961); the
two are multiplied, as if they did not interact. Simulated with everything estimated it comes within 10 % for phi up to
0.9 (benchmark `autocorrelation`).

>>> round(residual(0.4, 0.5, 4.774, 0.0).mean), round(residual(0.4, 0.5, 4.774, 1.0).mean, 1)
(370, 20.2)
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from gateway.design.autocorrelated import Correlated, Runs
from gateway.design.cusum import CusumScheme

Floats = NDArray[np.float64]

STATIONARY = 0.99
"""The largest phi that phase I takes: beyond it a process wanders, and a chart of levels means nothing."""

_SHORTEST = 50
_ROUNDS = 3  # secants; the logarithm of an ARL is nearly straight in h


def residual(phi: float, k: float, h: float, shift: float, sides: int = 2) -> Runs:
    """Run length of the residual CUSUM with known phi, after a step of `shift` standard deviations of the process."""
    full = shift / math.sqrt(1.0 - phi**2)
    return Correlated(phi, 1.0, 0.0, full * (1.0 - phi), full).cusum(k, h, sides=sides)


def residual_limit(phi: float, m: int, k: float, arl0: float) -> float:
    """The h whose ARL0 is `arl0` in the mean over estimates from m samples. Raises ValueError for fewer than 50."""
    if m < _SHORTEST:
        raise ValueError(
            f"a baseline of {m} is too short to estimate an autocorrelation; take {_SHORTEST} or more"
        )
    scheme = CusumScheme(k)
    h = scheme.solve(arl0)

    def excess(at: float) -> float:
        return math.log(_mean_of_phi(phi, m, k, at) * _mean_of_level(scheme, m, at) / arl0)

    slope = math.log(float(scheme.mean(h * 1.01)) / arl0) / (0.01 * h)
    off = excess(h)
    for _ in range(_ROUNDS):
        new = max(h - off / slope, 0.5 * h)
        after = excess(new)
        if abs(after) < 0.002:
            return new
        slope = (after - off) / (new - h)
        h, off = new, after
    return h - off / slope


def _mean_of_level(scheme: CusumScheme, m: int, h: float) -> float:
    """Mean ARL0 over center and sigma."""
    score, weight = _normal(9)
    r = 1.0 + score[None, :] / math.sqrt(2.0 * m)
    means = scheme.mean(h, -score[:, None] / math.sqrt(m) / r, 1.0 / r)
    return float(weight @ means @ weight)


def _mean_of_phi(phi: float, m: int, k: float, h: float) -> float:
    """Mean ARL0 over phi, in units of that of the true one."""
    score, weight = _normal(7)
    spread = math.sqrt((1.0 - phi**2) / m + max(14.0 * phi**2 - 1.0, 0.0) / m**2) * m / (m - 3.0)
    left = np.maximum(score * spread, phi - STATIONARY)
    means = np.array([Correlated(phi, 1.0, float(each)).cusum(k, h).mean for each in left])
    return float(weight @ means / means[score.size // 2])


def _normal(points: int) -> tuple[Floats, Floats]:
    score, weight = np.polynomial.hermite_e.hermegauss(points)
    return score, weight / weight.sum()

"""Guaranteed limits of charts of single values: P(true ARL0 >= arl0) = confidence, though m samples were all there was.

A chart standardises with the center and sigma that it was given. Where these are off by U and r (`estimated.py`), its
z are normal with mean -U / r and standard deviation 1 / r, and its true ARL0 follows from the engine: no simulation.
The larger r is, the wider the true limits; so for each U there is one r* that just keeps arl0, and

    P(true ARL0 >= arl0) = E_U[ P(r >= r*(U)) ]

Where a limit is a multiple of sigma (Shewhart, EWMA), one curve W(U) of true limits serves all limits: r* = W / limit.
A CUSUM's allowance k does not scale, so its curve is computed anew for each limit that is tried. Guarantees in this
sense: Albers & Kallenberg 2004 (Shewhart); Gandy & Kvaloy 2013; for EWMA and CUSUM Saleh et al. 2015 and 2016.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gateway.design.cusum import CusumScheme
from gateway.design.estimated import Estimator, above, freedom, likely, offsets
from gateway.design.ewma import EwmaScheme
from gateway.design.scheme import Scheme
from gateway.design.shewhart import ShewhartScheme
from gateway.stats.roots import root
from gateway.stats.special import normal_ppf, normal_sf

Floats = NDArray[np.float64]

_MOST = 4.0  # times the known limit: no wider limit is looked for
_TALLEST = 35.0  # of a CUSUM, in sigma
_ROUNDS = 30
_TOO_FEW = (
    "no limit promises this from {} samples; take more samples, a larger k or lambda, or a lower confidence"
)
_ACCURACY = 1e-4  # of the confidence in standard normal units, and of r* relatively


class Promise(NamedTuple):
    """What is to be kept, how surely, and by what estimator of sigma."""

    arl0: float
    confidence: float = 0.9
    estimator: Estimator = "s"


def guaranteed_limit(scheme: Scheme, m: int, promise: Promise, known: float | None = None) -> float:
    """The limit for parameters from m samples; `known`: that for known parameters, where it is at hand.

    Raises ValueError where m is too small: the chart would need limits more than four times as wide,
    or h above 35.
    """
    check(promise)
    freedom(promise.estimator, m)  # refuses what is too short, or unknown
    known = scheme.solve(promise.arl0) if known is None else known
    most = _MOST * known
    if isinstance(scheme, CusumScheme):
        most = min(most, max(_TALLEST, 1.5 * known))
        if _hopeless(scheme, most, m, promise):
            raise ValueError(_TOO_FEW.format(m))
    kept = _keeping(scheme, m, promise, known)
    goal = float(normal_ppf(promise.confidence))

    def lacks(limit: float) -> float:
        return float(normal_ppf(min(max(kept(limit), 1e-15), 1.0 - 1e-15))) - goal

    found = _crossing(lacks, known, known * (1.0 + 1.0 / np.sqrt(m)), most)
    if found is None:
        raise ValueError(_TOO_FEW.format(m))
    return found


def _hopeless(scheme: CusumScheme, most: float, m: int, promise: Promise) -> bool:
    """A center off by more than k makes a sum climb by itself, and no limit worth trying is far enough away."""
    reach = math.sqrt(m) * (scheme.k + most / promise.arl0)
    beyond = float(normal_sf(reach)) * (1.0 if scheme.sided == "one" else 2.0)
    return 1.0 - beyond < promise.confidence


def assurance(scheme: Scheme, limit: float, m: int, promise: Promise) -> float:
    """P(true ARL0 >= promise.arl0) of a chart with this limit and parameters from m samples."""
    check(promise)
    return _keeping(scheme, m, promise, limit)(limit)


def check(promise: Promise) -> None:
    """Raises ValueError for a promise that makes no sense."""
    if not promise.arl0 > 1:
        raise ValueError("arl0 must be a number above 1")
    if not 0.0 < promise.confidence < 1.0:
        raise ValueError("a confidence is more than 0 and less than 1")


def _keeping(scheme: Scheme, m: int, promise: Promise, known: float) -> Callable[[float], float]:
    """P(true ARL0 >= arl0) as a function of the limit."""
    nu = freedom(promise.estimator, m)
    u, weight = offsets(m, both=getattr(scheme, "sided", "two") == "one")
    low, high = likely(nu)
    if isinstance(scheme, ShewhartScheme | EwmaScheme):
        curve = known * _ratios(scheme, known, u, promise.arl0, (0.5 * low, 1.5 * high))
        return lambda limit: float((weight * above(curve / limit, nu)).sum())
    return lambda limit: float(
        (weight * above(_ratios(scheme, limit, u, promise.arl0, (low, high)), nu)).sum()
    )


def _ratios(scheme: Scheme, limit: float, u: Floats, arl0: float, ends: tuple[float, float]) -> Floats:
    """r*(U) between these ends; the lower end where it is below, infinite where it is above."""
    low, high = ends

    def excess(r: Floats) -> Floats:
        mean = scheme.mean(limit, -u[lie] / r, 1.0 / r)
        return np.log(np.minimum(mean, 1e12) / arl0)

    lie = np.ones(u.size, dtype=bool)
    can = excess(np.full(u.size, high)) > 0
    must = excess(np.full(u.size, low)) < 0
    lie = can & must
    out = np.where(can, low, np.inf)
    if lie.any():
        out[lie] = root(excess, np.full(lie.sum(), low), np.full(lie.sum(), high), accuracy=_ACCURACY)
    return out


def _crossing(lacks: Callable[[float], float], a: float, b: float, most: float) -> float | None:
    """Where `lacks`, which grows and is nearly straight, is 0: secants on the logarithm, kept in what is known."""
    low, high = 0.0, np.inf
    fa, fb = lacks(a), lacks(b)
    for _ in range(_ROUNDS):
        for x, f in ((a, fa), (b, fb)):
            low, high = (max(low, x), high) if f < 0 else (low, min(high, x))
        if abs(fb) < _ACCURACY or high - low < 1e-9 * high:
            return b
        rise = (fb - fa) / np.log(b / a)
        step = -fb / rise if rise > 0 else (0.2 if fb < 0 else -0.2)
        new = float(b * np.exp(np.clip(step, -0.4, 0.4)))
        if not low < new < high:
            new = 0.5 * (low + high) if np.isfinite(high) else 1.4 * low
        if new > most:
            return None
        a, fa, b, fb = b, fb, new, lacks(new)
    return b

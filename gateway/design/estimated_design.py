"""A design whose parameters come from a baseline: the limit for a promise, or what a limit can promise.

>>> from gateway.design.shewhart import ShewhartScheme
>>> round(limit_from(ShewhartScheme(), 50, 370.0, 0.9), 3), round(promised(ShewhartScheme(), 3.0, 50, 0.9))
(3.478, 103)
"""

from __future__ import annotations

import math

from gateway.design.cusum import CusumScheme
from gateway.design.estimated_limit import Promise, assurance, guaranteed_limit
from gateway.design.estimated_t2 import assurance as t2_assurance
from gateway.design.estimated_t2 import guaranteed_ucl
from gateway.design.ewma import EwmaScheme
from gateway.design.scheme import Scheme
from gateway.design.shewhart import ShewhartScheme
from gateway.design.t2 import T2Scheme
from gateway.stats.special import normal_ppf

_LEAST, _ROUNDS = 10.0, 24
_POINTS = 1024  # of a T2 whose promise is looked for


def limit_from(scheme: Scheme, m: int, arl0: float, confidence: float) -> float:
    """The limit with P(true ARL0 >= arl0) = confidence. Raises ValueError for a chart that this is not known of."""
    if isinstance(scheme, T2Scheme):
        return guaranteed_ucl(scheme.p, m, arl0, confidence)
    return guaranteed_limit(_single(scheme), m, Promise(arl0, confidence))


def promised(scheme: Scheme, limit: float, m: int, confidence: float) -> float:
    """The ARL0 that this limit keeps with this confidence; nan where it is below 10."""

    def kept(arl0: float) -> float:
        if isinstance(scheme, T2Scheme):
            return t2_assurance(scheme.p, m, arl0, limit, _POINTS)
        return assurance(_single(scheme), limit, m, Promise(arl0, confidence))

    if kept(_LEAST) < confidence:
        return math.nan
    goal = float(normal_ppf(confidence))
    low, high = math.log(_LEAST), math.inf
    at, step = math.log(max(float(scheme.mean(limit)), 2.0 * _LEAST)), -0.5
    last: tuple[float, float] | None = None
    for _ in range(_ROUNDS):
        off = float(normal_ppf(min(max(kept(math.exp(at)), 1e-12), 1.0 - 1e-12))) - goal
        if abs(off) < 1e-3 or high - low < 1e-4:
            break
        low, high = (at, high) if off > 0 else (low, at)
        if (
            last is not None and off != last[1]
        ):  # what is kept falls with arl0, in these scales nearly straight
            step = -off * (at - last[0]) / (off - last[1])
        last = at, off
        at += min(max(step, -2.0), 2.0)
        if not low < at < high:
            at = 0.5 * (low + high) if math.isfinite(high) else low + 0.5
    return math.exp(at)


def _single(scheme: Scheme) -> Scheme:
    if isinstance(scheme, ShewhartScheme | EwmaScheme | CusumScheme):
        return scheme
    raise ValueError("what a baseline does is known of shewhart, ewma, cusum and t2 only")

"""A limit by the number of samples that center and sigma come from, as a short table. Pure.

Computing a guaranteed limit takes a tenth of a second: too long for the fold. So a table is made when a config is read,
and the fold only looks up. The limit's logarithm is a smooth function of 1 / sqrt(m), and at 0 it is that of known
parameters; it is computed at a few m, and a polynomial gives the others: within 0.02 % of the limit for Shewhart, EWMA,
T2 and CUSUMs of k = 0.5, 0.15 % for k = 0.25, the straight lines between the rows included.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from itertools import pairwise

import numpy as np

from gateway.design.estimated_limit import Promise, guaranteed_limit
from gateway.design.estimated_t2 import guaranteed_ucl
from gateway.design.scheme import Scheme
from gateway.stats.special import chi2_isf

Table = tuple[tuple[int, float], ...]

_FEWEST = 20, 25, 30, 40, 50, 70, 100  # the first that a chart can promise anything from begins its table
_SPREAD = (
    0.0,
    0.07,
    0.24,
    0.46,
    0.7,
    0.88,
    1.0,
)  # where it is computed, as a share of the first one's 1 / sqrt(m)
_ROWS = 40


def interpolate(table: Table, m: int) -> float:
    """The limit for m samples: linear in 1 / sqrt(m) between the nodes, the end nodes' beyond them."""
    if m <= table[0][0]:
        return table[0][1]
    for (low, first), (high, second) in pairwise(table):
        if m <= high:
            share = (1 / math.sqrt(low) - 1 / math.sqrt(m)) / (1 / math.sqrt(low) - 1 / math.sqrt(high))
            return first + share * (second - first)
    return table[-1][1]


@cache
def limit_table(scheme: Scheme, promise: Promise) -> Table:
    """Guaranteed limits of a chart of single values. `table[0][0]` is the smallest baseline that can promise this.

    Raises ValueError where even 100 samples are too few.
    """
    known = scheme.solve(promise.arl0)
    return _table(known, lambda m: guaranteed_limit(scheme, m, promise, known))


@cache
def t2_table(p: int, arl0: float, confidence: float = 0.9) -> Table:
    """Guaranteed UCL of T2 of p tags, S with divisor m - 1. A node's m is at least 20 and 2 p + 10."""
    return _table(
        float(chi2_isf(1.0 / arl0, p)), lambda m: guaranteed_ucl(p, m, arl0, confidence), 2 * p + 10
    )


def _table(known: float, limit: Callable[[int], float], fewest: int = 0) -> Table:
    first, widest = _start(limit, fewest)
    at = {round(first / share**2): math.nan for share in _SPREAD[1:-1]}
    where = [0.0, *(1 / math.sqrt(m) for m in at), 1 / math.sqrt(first)]
    logs = np.log([known, *(limit(m) for m in at), widest])
    rows = sorted({round(first / share**2) for share in np.linspace(0.02, 1.0, _ROWS)})
    curve = np.polynomial.Polynomial.fit(where, logs, len(where) - 1)
    return tuple((m, float(np.exp(curve(1 / math.sqrt(m))))) for m in rows)


def _start(limit: Callable[[int], float], fewest: int) -> tuple[int, float]:
    for m in _FEWEST:
        if m < fewest:
            continue
        try:
            return m, limit(m)
        except ValueError:
            if m == _FEWEST[-1]:
                raise
    raise ValueError("so many tags need a baseline that is longer than these tables")

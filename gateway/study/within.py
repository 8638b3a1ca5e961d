"""How well sigma within is known: degrees of freedom of what a chart estimates it from. Pure.

An estimator with mean sigma and variance v sigma**2 knows about as much as a standard deviation with 1 / (2 v) degrees
of freedom (Patnaik 1950). Ranges and standard deviations of subgroups add up by size; a mean moving range of two has
v = 0.826 / m for m ranges, for neighbours share a value (Cryer and Ryan 1990).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from gateway.spc.track import Floats

_MOVING_RANGE = (
    0.826  # Cryer & Ryan (1990), The estimation of sigma for an X chart, Journal of Quality Technology 22
)


def freedom_of(chart: Any, block: Floats) -> float:
    """Of the samples ``[m]`` or ``[m, n]`` that the chart's sigma was learnt from; inf where it needs none."""
    there = ~np.isnan(block)
    if block.ndim == 1:
        ranges = int(there.sum()) - 1
        return max(ranges, 1) / (2 * _MOVING_RANGE)
    expected: Callable[[int], tuple[float, float]] | None = getattr(chart, "expected", None)
    sizes = there.sum(axis=1)
    if expected is None:
        return float(np.maximum(sizes - 1, 0).sum())
    known = 0.0
    for size, times in zip(*np.unique(sizes[sizes > 1], return_counts=True), strict=True):
        average, deviation = expected(int(size))
        known += times * (average / deviation) ** 2
    return known / 2 if known else math.inf

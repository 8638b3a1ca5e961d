"""Whether values look normal: the test of Anderson and Darling (1954), with mean and deviation estimated. Pure.

The p-value is d'Agostino and Stephens' (1986, Goodness-of-Fit Techniques, table 4.9).
"""

from __future__ import annotations

import math

import numpy as np

from gateway.spc.track import Floats
from gateway.stats.special import normal_cdf, normal_sf
from gateway.stats.sums import deviation, mean

_FEWEST = 8
_TAIL = 1e-300
# Of A2 up to so much: p = exp(a + b A2 + c A2**2), or 1 less it in the lower two ranges.
_RANGES = (
    (0.2, -13.436, 101.14, -223.73, True),
    (0.34, -8.318, 42.796, -59.938, True),
    (0.6, 0.9177, -4.279, -1.38, False),
    (13.0, 1.2937, -5.709, 0.0186, False),
)


def anderson_darling(x: Floats) -> tuple[float, float]:
    """(A2 as adjusted for the number of values, p-value); nan below eight values or where they do not vary."""
    n = x.size
    if n < _FEWEST or (spread := deviation(x)) == 0:
        return math.nan, math.nan
    z = np.sort((x - mean(x)) / spread)
    odd = 2 * np.arange(1, n + 1) - 1
    logs = np.log(np.maximum(normal_cdf(z), _TAIL)) + np.log(np.maximum(normal_sf(z[::-1]), _TAIL))
    squared = (-n - float(np.dot(odd, logs)) / n) * (1 + 0.75 / n + 2.25 / n**2)
    for most, a, b, c, turned in _RANGES:
        if squared < most:
            p = math.exp(a + b * squared + c * squared**2)
            return squared, 1 - p if turned else p
    return squared, 0.0

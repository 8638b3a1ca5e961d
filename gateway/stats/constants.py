"""Control chart constants, computed from the normal distribution instead of typed.

d2(n) is the mean range of n standard normal values, c4(n) the mean of their sample standard deviation over sigma.

>>> round(d2(2), 3), round(d2(5), 3), round(c4(5), 4)
(1.128, 2.326, 0.94)
"""

from __future__ import annotations

import math
from functools import cache

_STEP, _STEPS = 1 / 64, 640  # the trapezoidal rule on so smooth a bell is exact to the last digits


@cache
def d2(n: int) -> float:
    """Mean relative range: the integral of ``1 - (1 - F)**n - F**n`` (Tippett 1925). n >= 2."""
    cdf = [0.5 * math.erfc(-at * _STEP / math.sqrt(2.0)) for at in range(-_STEPS, _STEPS + 1)]
    return math.fsum(1.0 - (1.0 - below) ** n - below**n for below in cdf) * _STEP


def c4(n: int) -> float:
    """Mean of the sample standard deviation over sigma: ``sqrt(2/(n-1)) gamma(n/2) / gamma((n-1)/2)``. n >= 2."""
    return math.sqrt(2.0 / (n - 1)) * math.exp(math.lgamma(n / 2) - math.lgamma((n - 1) / 2))


def d3(n: int) -> float:
    """Standard deviation of the relative range for n = 2, where it has a closed form: ``sqrt(2 - 4/pi)``."""
    if n != 2:  # moving ranges of two are all that the charts here use
        raise ValueError("d3 is known here for ranges of two only")
    return math.sqrt(2.0 - 4.0 / math.pi)

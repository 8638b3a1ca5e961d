"""The exponential function in plain arithmetic: a replay on another machine comes to the same bits.

Libraries pick their own code for it by what the processor can do, and the last digit differs.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

_LOG2E = 1.4426950408889634
_LN2_HIGH, _LN2_LOW = 0.693147180369123816490, 1.90821492927058770002e-10  # high part: 21 trailing zero bits
_TERMS = tuple(1.0 / math.factorial(power) for power in range(13, -1, -1))
_LEAST = -700.0  # what is smaller is 0: nothing here weighs so little and matters


def exp(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """e to the power of each, at most 0 each; relative error below 1e-15.

    >>> exp(np.array([0.0, -1.0, -900.0])).tolist()
    [1.0, 0.36787944117144233, 0.0]
    """
    powers = np.rint(x * _LOG2E)
    rest = (x - powers * _LN2_HIGH) - powers * _LN2_LOW  # within ln(2) / 2 of 0
    total = np.full_like(rest, _TERMS[0])
    for term in _TERMS[1:]:
        total *= rest
        total += term
    return np.where(x < _LEAST, 0.0, np.ldexp(total, powers.astype(np.int32)))

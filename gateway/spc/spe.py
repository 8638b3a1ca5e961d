"""The upper limit of SPE, the squared distance from the plane of the kept components (Jackson & Mudholkar 1979).

With t1, t2, t3 the sums of the first three powers of the eigenvalues left out, and h = 1 - 2 t1 t3 / (3 t2**2), the
power h of SPE / t1 is about normal. It is the law of a weighted sum of chi-squares, as good as its three moments say.

>>> import numpy as np
>>> f"{spe_limit(np.array([1.0]), 0.05):.2f}"   # one component left out: chi-square(1), whose quantile is 3.84
'3.75'
"""

from __future__ import annotations

import math

from gateway.spc.track import Floats
from gateway.stats.special import normal_isf


def spe_limit(left_out: Floats, alpha: float) -> float:
    """What SPE exceeds with probability `alpha`; 0 where the components left out do not vary."""
    one, two, three = (math.fsum((left_out**power).tolist()) for power in (1, 2, 3))
    if two == 0.0:
        return 0.0
    h = 1.0 - 2.0 * one * three / (3.0 * two * two)
    reach = float(normal_isf(alpha)) * math.sqrt(2.0 * two * h * h) * math.copysign(1.0, h)
    inner = reach / one + 1.0 + two * h * (h - 1.0) / (one * one)
    return one * math.pow(max(inner, 0.0), 1.0 / h)

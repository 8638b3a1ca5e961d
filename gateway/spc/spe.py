"""Upper limits of SPE, the squared distance from the plane of the kept components: a weighted sum of chi-squares.

The weights are the eigenvalues left out; with t1, t2, t3 the sums of their first three powers,

- `three_moments`: SPE is a shifted multiple of chi-square with t2**3 / t3**2 degrees of freedom, which has its mean,
  variance and skewness (Buckley & Eagleson, Australian Journal of Statistics 30A, 1988). Exact where they are equal.
- `jackson_mudholkar`: the power h = 1 - 2 t1 t3 / (3 t2**2) of SPE is normal (Jackson & Mudholkar 1979), as most
  programs have it. Right at 5 %; in the far tail it alarms too rarely, at 0.0027 by a factor of up to three where one
  component outweighs the others. Hence not the default.

>>> import numpy as np
>>> left_out = np.array([29.33, 16.41])    # Jackson & Mudholkar's missiles, 95 %
>>> f"{jackson_mudholkar(left_out, 0.05):.1f} {three_moments(left_out, 0.05):.1f}"
'140.4 141.1'
"""

from __future__ import annotations

import math

from gateway.spc.track import Floats
from gateway.stats.special import chi2_isf, normal_isf


def three_moments(left_out: Floats, alpha: float) -> float:
    """What SPE exceeds with probability `alpha`; 0 where the components left out do not vary."""
    one, two, three = _powers(left_out)
    if three == 0.0:
        return 0.0
    freedom = two**3 / three**2
    return one + math.sqrt(two / freedom) * (float(chi2_isf(alpha, freedom)) - freedom)


def jackson_mudholkar(left_out: Floats, alpha: float) -> float:
    """The same, by the normal approximation."""
    one, two, three = _powers(left_out)
    if three == 0.0:
        return 0.0
    h = 1.0 - 2.0 * one * three / (3.0 * two * two) or 1e-9
    reach = float(normal_isf(alpha)) * math.sqrt(2.0 * two) * h
    inner = reach / one + 1.0 + two * h * (h - 1.0) / (one * one)
    return one * math.pow(max(inner, 0.0), 1.0 / h)


def inflation(samples: float, kept: int) -> float:
    """How much larger SPE is on average in future samples than in the baseline that mean and components come from.

    The baseline's own residuals are short of the `kept` components' degrees of freedom; the mean is off by 1 / m, and
    the plane is tilted by (kept) / (m - 1), to first order in 1 / m (noise alike in all directions left out).
    """
    return (1 + 1 / samples + kept / (samples - 1)) * (samples - 1) / (samples - 1 - kept)


def _powers(left_out: Floats) -> tuple[float, float, float]:
    one, two, three = (math.fsum((left_out**power).tolist()) for power in (1, 2, 3))
    return one, two, three

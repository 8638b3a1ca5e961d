"""Whether counts vary as their law says: the index of dispersion, and what chart to take where they do not. Pure.

The squares of the standardised samples add up to chi-square with one degree of freedom a sample, less one for the rate
that was estimated (Fisher 1950, The significance of deviations from expectation in a Poisson series, Biometrics 6,
17-24). A few samples beyond three sigma are special causes, which want to be found, and are left out of the sum; where
more than a tenth are, it is the law that does not hold.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gateway.spc.track import Floats
from gateway.stats.special import chi2_cdf, chi2_sf

ALPHA = 0.001
_BEYOND, _FEW = 3.0, 0.1
_LEAST = 1e-99  # p-values below are shown as such


@dataclass(frozen=True, slots=True)
class Dispersion:
    """`index`: variance over what the law says, about 1 where it holds. `advice` is "" where it does."""

    index: float
    p_value: float  # two-sided
    advice: str


def dispersion(z: Floats, estimated: int, instead: str) -> Dispersion | None:
    """Of standardised samples; `estimated`: parameters taken from them; `instead`: the chart for unrest."""
    there = z[~np.isnan(z)]
    usual = np.abs(there) <= _BEYOND
    if there.size and usual.mean() >= 1 - _FEW:
        there = there[usual]
    freedom = there.size - estimated
    if freedom < 1:
        return None
    total = float(np.sum(there * there))
    above, below = float(chi2_sf(total, freedom)), float(chi2_cdf(total, freedom))
    p_value = min(1.0, 2 * min(above, below))
    advice = ""
    if p_value < ALPHA:
        shown = f"= {p_value:.1g}" if p_value > _LEAST else f"< {_LEAST:g}"
        advice = f"{'over' if above < below else 'under'}dispersed: use {instead} (p {shown})"
    return Dispersion(total / freedom, p_value, advice)

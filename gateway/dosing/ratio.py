"""What a cycle's ratio is, and how well its scale can know it. Pure. Percentages are of the batch's mass.

A scale that shows steps of `resolution` errs by up to half a step either way: a rectangular distribution with standard
deviation resolution / sqrt(12) (JCGM 100:2008, GUM, 4.3.7).

>>> sigma_of(resolution_kg=0.001, sigma_kg=0.0)
0.0002886751345948129
"""

from __future__ import annotations

import math
from typing import NamedTuple

from gateway.dosing.values import Cycle

BASES = ("batch", "setpoint")
_LEAST_PCT = 1e-9


class Share(NamedTuple):
    """One component of one cycle."""

    component: str
    kg: float
    actual_pct: float
    sigma_pct: float  # standard uncertainty of the weighing
    setpoint_pct: float | None  # None: nobody knows what was wanted
    error: float | None  # actual less setpoint: in points of the batch, or in % of the setpoint


def sigma_of(resolution_kg: float, sigma_kg: float) -> float:
    """Standard uncertainty of one weighing."""
    return math.hypot(sigma_kg, resolution_kg / math.sqrt(12.0))


def shares(cycle: Cycle, basis: str = "batch") -> tuple[Share, ...]:
    """Every component; none of a cycle that weighed nothing."""
    total = cycle.kg
    if total <= 0.0:
        return ()
    var = sum(each.sigma_kg**2 for each in cycle.components)
    made = []
    for each in cycle.components:
        actual = 100.0 * each.kg / total
        sigma = 100.0 * sigma_of_share(each.kg, each.sigma_kg**2, total, var)
        wanted = None if each.setpoint is None else 100.0 * each.setpoint
        made.append(Share(each.component, each.kg, actual, sigma, wanted, error_of(actual, wanted, basis)))
    return tuple(made)


def error_of(actual_pct: float, setpoint_pct: float | None, basis: str) -> float | None:
    """How far from the setpoint; None where there is none to be far from."""
    if setpoint_pct is None:
        return None
    if basis == "batch":
        return actual_pct - setpoint_pct
    return 100.0 * (actual_pct - setpoint_pct) / setpoint_pct if setpoint_pct > _LEAST_PCT else None


def sigma_of_share(kg: float, var: float, total: float, total_var: float) -> float:
    """Of kg / total, 0 to 1, where `kg` is one of the independent weighings that `total` is the sum of."""
    share = kg / total
    rest = max(total_var - var, 0.0)
    return math.sqrt((1.0 - share) ** 2 * var + share**2 * rest) / total

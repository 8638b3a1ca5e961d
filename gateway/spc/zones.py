"""Run rules on charts whose limits are not the same for every sample: subgroups and counts of varying size. Pure.

The rules look at z, the distance from the centre in standard deviations of that sample. Their three sigma are the drawn
limits, whatever these are: where z and the picture disagree, by a rounding, by exact limits or by an L that is not 3,
the picture wins. So a flag of rule 0 is always a point outside the lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from gateway.spc.rules import RunRules, RunState
from gateway.spc.track import Floats

LIMITS_ONLY = ("WE1",)
"""The rule of charts that have limits and, unless asked, no runs."""

_AT = 3.0
_BEYOND = float(np.nextafter(_AT, np.inf))


@dataclass(frozen=True, slots=True)
class ZoneState:
    """The run rules' history."""

    runs: RunState


def rules_of(names: tuple[str, ...], edge: str = "within", same_side: float | Floats = 8) -> RunRules:
    """The rules. Raises ValueError where a name or setting makes no sense."""
    if isinstance(same_side, np.ndarray):
        return RunRules(rules=names, edge=edge, same_side=same_side)  # type: ignore[arg-type] # checked by RunRules
    return _rules(names, edge, same_side)


@cache
def _rules(names: tuple[str, ...], edge: str, same_side: float) -> RunRules:
    return RunRules(rules=names, edge=edge, same_side=same_side)  # type: ignore[arg-type] # the same


def judged(
    rules: RunRules, state: RunState, z: Floats, value: Floats, lines: tuple[Floats, Floats]
) -> tuple[RunState, NDArray[np.uint32]]:
    """Flags of samples ``[rows, slots]``: as z, and as `value` and the (lcl, ucl) that are drawn."""
    lcl, ucl = lines
    inside = np.minimum(np.maximum(z, -_AT), _AT)
    seen = np.where(value > ucl, _BEYOND, np.where(value < lcl, -_BEYOND, inside))
    if rules.edge == "beyond":
        seen = np.where(value == ucl, _AT, np.where(value == lcl, -_AT, seen))
    return rules.run(state, seen)

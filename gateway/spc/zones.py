"""Run rules on charts whose limits are not the same for every sample: subgroups and counts of varying size. Pure.

The rules look at z, the distance from the centre in standard deviations of that sample, scaled so that the limits are
at three and zones are thirds of them. Where z and the picture disagree, by a rounding or because limits are exact
quantiles, the picture wins: a flag of rule 0 is always a point outside the lines, and only that.
"""

from __future__ import annotations

from dataclasses import dataclass

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


def judged(
    rules: RunRules, state: RunState, z: Floats, value: Floats, lines: tuple[Floats, Floats]
) -> tuple[RunState, NDArray[np.uint32]]:
    """Flags of samples ``[rows, slots]``: as z, where limits are at 3; as `value` and the (lcl, ucl) that are drawn."""
    lcl, ucl = lines
    seen = np.minimum(np.maximum(z, -_AT), _AT)
    seen = np.where(value > ucl, np.maximum(z, _BEYOND), seen)
    seen = np.where(value < lcl, np.minimum(z, -_BEYOND), seen)
    if rules.edge == "beyond":
        seen = np.where(value == ucl, _AT, np.where(value == lcl, -_AT, seen))
    return rules.run(state, seen)

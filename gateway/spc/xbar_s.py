"""Means and standard deviations of subgroups (Shewhart 1931): sees what xbar-r sees, and is better above ten members.

Limits of the means are ``center +- L sigma / sqrt(n)``, of the standard deviations ``(c4 +- L sqrt(1 - c4**2)) sigma``;
`sigma` is that of single values, in phase I the mean standard deviation over c4 (Montgomery, Introduction to
Statistical Quality Control, 6th ed., 6.3). A subgroup that lacks members has limits of its own.

>>> import numpy as np
>>> chart = XbarS(center=74.001, sigma=0.0100)       # piston rings
>>> state, track = chart.run(chart.start(), np.array([[74.030, 74.002, 74.019, 73.992, 74.008]]))
>>> f"{track.value[0]:.4f} {track.second.value[0]:.4f} of at most {track.second.ucl[0]:.4f}"
'74.0102 0.0148 of at most 0.0196'
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from gateway.spc.rules import WESTERN_ELECTRIC
from gateway.spc.ruletable import Completing, Edge, Mixture, Ties
from gateway.spc.subgroups import Subgroups, Xbar, deviations
from gateway.spc.track import Floats
from gateway.stats.constants import c4


@dataclass(frozen=True, eq=False)  # no slots: what is made of it is kept beside it
class XbarS(Xbar):
    """The chart; `rules` are those of the means, the standard deviations have their limits (rule "S")."""

    center: float | Floats
    sigma: float | Floats
    rules: tuple[str, ...] = WESTERN_ELECTRIC
    L: float | Floats = 3.0
    edge: Edge = "within"
    same_side: float | Floats = 0.0
    trend: float | Floats = 6.0
    completing: Completing = "beyond"
    ties: Ties = "break"
    mixture: Mixture = "either"

    PANEL: ClassVar[str] = "s"

    @staticmethod
    def measured(x: Floats) -> Subgroups:
        return deviations(x)

    @staticmethod
    def expected(n: int) -> tuple[float, float]:
        return c4(n), float(np.sqrt(1.0 - c4(n) ** 2))


CHART = XbarS

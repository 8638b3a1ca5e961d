"""Means and ranges of subgroups (Shewhart 1931): sees large, sudden shifts of the mean and changes of the spread.

Limits of the means are ``center +- L sigma / sqrt(n)``, of the ranges ``(d2 +- L d3) sigma``; `sigma` is that of single
values, in phase I the mean range over d2 (Montgomery, Introduction to Statistical Quality Control, 6th ed., 6.2). A
subgroup that lacks members has limits of its own. With more than ten members xbar-s makes better use of them.

>>> import numpy as np
>>> chart = XbarR(center=74.001, sigma=0.0100)       # piston rings
>>> state, track = chart.run(chart.start(), np.array([[74.030, 74.002, 74.019, 73.992, 74.008]]))
>>> f"{track.lcl[0]:.3f} {track.value[0]:.4f} {track.ucl[0]:.3f}"
'73.988 74.0102 74.014'
>>> f"{track.second.value[0]:.3f} of at most {track.second.ucl[0]:.3f}"
'0.038 of at most 0.049'
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from gateway.spc.rules import WESTERN_ELECTRIC
from gateway.spc.ruletable import Completing, Edge, Mixture, Ties
from gateway.spc.subgroups import Subgroups, Xbar, ranges
from gateway.spc.track import Floats
from gateway.stats.constants import d2, d3


@dataclass(frozen=True, eq=False)  # no slots: what is made of it is kept beside it
class XbarR(Xbar):
    """The chart; `rules` are those of the means, the ranges have their limits (rule "R")."""

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

    PANEL: ClassVar[str] = "r"

    @staticmethod
    def measured(x: Floats) -> Subgroups:
        return ranges(x)

    @staticmethod
    def expected(n: int) -> tuple[float, float]:
        return d2(n), d3(n)


CHART = XbarR

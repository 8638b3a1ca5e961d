"""Short-run chart (Bothe 1988): sees large, sudden shifts in runs too short for limits of their own.

What is charted is the deviation from the `nominal` of the part that is being made ("deviation", all parts with one
spread), or that deviation in units of the part's own `sigma` ("standardised", Z and W of the literature: limits 3 and
-3). Then one pair of lines serves all parts; it is the chart "imr" of those numbers, with its run rules and its moving
range (Montgomery, Introduction to Statistical Quality Control, 6th ed., 10.1). A moving range is that of two samples of
the same part.

>>> import numpy as np
>>> sigma = 2.7 / 1.693 / 3**0.5     # Montgomery, table 10.1: means of three of part A, then of part B
>>> chart = ShortRun(nominal=np.array([50.0, 25.0]), sigma=sigma, center=1 / 6)
>>> nan = np.nan
>>> state, track = chart.run(chart.start(), np.array([[51.0, nan], [50.0, nan], [nan, 77 / 3], [nan, 76 / 3]]))
>>> f"{track.ucl[0, 0]:.2f} {track.lcl[0, 1]:.2f}", track.value.round(2).tolist()
('2.93 -2.60', [[1.0, nan], [0.0, nan], [nan, 0.67], [nan, 0.33]])
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal

import numpy as np

from gateway.spc.chart import Individuals, Takes
from gateway.spc.imr import Imr, ImrState
from gateway.spc.rules import WESTERN_ELECTRIC
from gateway.spc.track import Floats, Track, as_rows, column, slots_of


@dataclass(frozen=True)  # no slots: the chart of the deviations is made once and kept in __dict__
class ShortRun:
    """The chart. `nominal` is the part's aim, `center` the mean deviation from it, `sigma` the part's spread.

    The others are those of the chart "imr".
    """

    nominal: float | Floats
    sigma: float | Floats
    center: float | Floats = 0.0
    scale: Literal["deviation", "standardised"] = "deviation"
    rules: tuple[str, ...] = WESTERN_ELECTRIC
    L: float | Floats = 3.0
    edge: Literal["within", "beyond"] = "within"
    same_side: float | Floats = 0.0

    RULES: ClassVar[tuple[str, ...]] = Imr.RULES
    TAKES: ClassVar[Takes] = "value"

    def __post_init__(self) -> None:
        if self.scale not in {"deviation", "standardised"}:
            raise ValueError(f"scale {self.scale} is not one of deviation, standardised")
        _ = self._imr

    @cached_property
    def _imr(self) -> Imr:
        slots = slots_of(self.nominal, self.sigma, self.center)
        middle, unit = column(self.center, slots), column(self.sigma, slots)
        if self.scale == "standardised":
            middle, unit = np.zeros(slots), np.ones(slots)
        return Imr(middle, unit, self.rules, self.L, edge=self.edge, same_side=self.same_side)

    def start(self) -> ImrState:
        """No sample seen."""
        return self._imr.start()

    def run(self, state: ImrState, block: Floats) -> tuple[ImrState, Track]:
        """Chart a block; nan is no sample. The track is the deviations, its `second` their moving range."""
        x = as_rows(block)
        slots = x.shape[1]
        off = x - column(self.nominal, slots)
        if self.scale == "standardised":
            off = (off - column(self.center, slots)) / column(self.sigma, slots)
        after, track = self._imr.run(state, off)
        return after, track.shaped(np.shape(block))

    def standardise(self, state: ImrState, block: Floats) -> tuple[Floats, Floats]:
        """z = (x - nominal - center) / sigma."""
        del state
        x = as_rows(block)
        slots = x.shape[1]
        sigma = column(self.sigma, slots)
        z = (x - column(self.nominal, slots) - column(self.center, slots)) / sigma
        return z, np.broadcast_to(sigma, x.shape)

    @classmethod
    def learnt(cls, width: int) -> Mapping[str, tuple[int, ...]]:
        """Nominal, mean deviation from it, and spread."""
        del width
        return {"nominal": (), "center": (), "sigma": ()}

    @classmethod
    def learn(cls, baseline: Floats, known: Mapping[str, Floats]) -> dict[str, Floats]:
        """As for individuals; a nominal that is not known is the mean. Raises ValueError where there is no spread."""
        given = {name: value for name, value in known.items() if name == "sigma"}
        found = Individuals.learn(baseline, given)
        nominal = known.get("nominal", found["center"] - known.get("center", np.asarray(0.0)))
        center = known.get("center", found["center"] - nominal)
        return {"nominal": nominal, "center": center, "sigma": found["sigma"]}


CHART = ShortRun

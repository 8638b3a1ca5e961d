"""EWMA chart for individuals (Roberts 1959): sees small, lasting shifts; slow on large sudden ones.

The statistic is ``z = lambda x + (1 - lambda) z``, started at the centre line. Its exact limits widen from the first
sample on, ``L sigma sqrt(lambda / (2 - lambda) (1 - (1 - lambda)**2i))`` (Montgomery, Introduction to Statistical
Quality Control, 6th ed., 9.25 and 9.26); asymptotic ones are their end value.

>>> import numpy as np
>>> chart = Ewma(center=10.0, sigma=1.0)             # scalars or one value per slot
>>> state = chart.start()
>>> state, track = chart.run(state, np.array([10.2, 9.9, 12.0, 12.1, 11.8, 12.2]))   # a block, live or offline
>>> f"{track.lcl[-1]:.2f} {track.value[-1]:.2f} {track.ucl[-1]:.2f}"
'9.05 11.21 10.95'
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from gateway.spc.track import Floats, Track, as_rows, column, slots_of


@dataclass(frozen=True, slots=True)
class EwmaState:
    """Per slot: the statistic, and how many samples it has seen."""

    z: Floats
    count: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Ewma:
    """The chart. `weight` is lambda in (0, 1]; `limits` is "exact" or "asymptotic"."""

    center: float | Floats
    sigma: float | Floats
    weight: float | Floats = 0.2
    L: float | Floats = 2.962  # with lambda 0.2: ARL0 500 (Lucas & Saccucci 1990, table 3)
    limits: str = "exact"

    RULES: ClassVar[tuple[str, ...]] = ("EWMA",)

    def start(self) -> EwmaState:
        """No sample seen: the statistic stands on the centre line."""
        slots = slots_of(self.center, self.sigma)
        return EwmaState(column(self.center, slots).copy(), np.zeros(slots, dtype=np.int64))

    def run(self, state: EwmaState, block: Floats) -> tuple[EwmaState, Track]:
        """Chart a block; nan is no sample."""
        x = as_rows(block)
        rows, slots = x.shape
        center, sigma = column(self.center, slots), column(self.sigma, slots)
        weight, reach = column(self.weight, slots), column(self.L, slots)
        z, count = state.z, state.count
        value, width = np.empty_like(x), np.empty_like(x)
        keep, full = 1.0 - weight, weight / (2.0 - weight)
        for row in range(rows):
            seen = ~np.isnan(x[row])
            z = np.where(seen, weight * x[row] + keep * z, z)
            count = count + seen
            value[row] = np.where(seen, z, np.nan)
            width[row] = full if self.limits == "asymptotic" else full * (1.0 - keep ** (2 * count))
        half = reach * sigma * np.sqrt(width)
        lcl, ucl = center - half, center + half
        rules = ((value > ucl) | (value < lcl)).astype(np.uint32)
        track = Track("ewma", value, np.broadcast_to(center, x.shape), lcl, ucl, rules, self.RULES)
        return EwmaState(z, count), track.shaped(np.shape(block))


CHART = Ewma

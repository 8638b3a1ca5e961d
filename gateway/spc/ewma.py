"""EWMA chart for individuals (Roberts 1959): sees small, lasting shifts; slow on large sudden ones.

The statistic is ``z = lambda x + (1 - lambda) z``, started at the centre line. Its exact limits widen from the first
sample on, ``L sigma sqrt(lambda / (2 - lambda) (1 - (1 - lambda)**2i))`` (Montgomery, Introduction to Statistical
Quality Control, 6th ed., 9.25 and 9.26); asymptotic ones are their end value. The power is kept as a product in the
state: plain arithmetic, so that a replay on another machine comes to the same bits.

>>> import numpy as np
>>> chart = Ewma(center=10.0, sigma=1.0)             # scalars or one value per slot
>>> state = chart.start()
>>> state, track = chart.run(state, np.array([10.2, 9.9, 12.0, 12.1, 11.8, 12.2]))   # a block, live or offline
>>> f"{track.lcl[-1]:.2f} {track.value[-1]:.2f} {track.ucl[-1]:.2f}"
'9.05 11.21 10.95'
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from gateway.spc.chart import Individuals
from gateway.spc.track import Floats, Track, as_rows, column, lines, slots_of


@dataclass(frozen=True, slots=True)
class EwmaState:
    """Per slot: the statistic, and ``(1 - lambda)**2i`` after i samples."""

    z: Floats
    fade: Floats


@dataclass(frozen=True, slots=True)
class Ewma(Individuals):
    """The chart. `weight` is lambda in (0, 1]; `limits` is "exact" or "asymptotic"."""

    center: float | Floats
    sigma: float | Floats
    weight: float | Floats = 0.2
    L: float | Floats = 2.962  # with lambda 0.2: ARL0 500 (Lucas & Saccucci 1990, table 3)
    limits: Literal["exact", "asymptotic"] = "exact"

    RULES: ClassVar[tuple[str, ...]] = ("EWMA",)

    def __post_init__(self) -> None:
        if self.limits not in {"exact", "asymptotic"}:
            raise ValueError(f"limits {self.limits} is not one of exact, asymptotic")

    def start(self) -> EwmaState:
        """No sample seen: the statistic stands on the centre line."""
        slots = slots_of(self.center, self.sigma)
        return EwmaState(column(self.center, slots).copy(), np.ones(slots))

    def run(self, state: EwmaState, block: Floats) -> tuple[EwmaState, Track]:
        """Chart a block; nan is no sample."""
        x = as_rows(block)
        rows, slots = x.shape
        center, sigma = column(self.center, slots), column(self.sigma, slots)
        weight, reach = column(self.weight, slots), column(self.L, slots)
        keep = 1.0 - weight
        square = keep * keep
        z, fade = state.z, state.fade
        value, fades = weight * x, np.empty_like(x)
        seen = x == x  # noqa: PLR0124 # false for nan only
        for row in range(rows):
            moved = np.add(value[row], keep * z, out=value[row])
            z = np.where(seen[row], moved, z)
            fade = np.where(seen[row], fade * square, fade)
            fades[row] = fade
        width = weight / (2.0 - weight)
        half = reach * sigma * np.sqrt(width if self.limits == "asymptotic" else width * (1.0 - fades))
        lcl, ucl = center - half, center + half
        if half.ndim == 1:
            lcl, ucl = lines(lcl, rows), lines(ucl, rows)
        rules = ((value > ucl) | (value < lcl)).astype(np.uint32)
        track = Track("ewma", value, lines(center, rows), lcl, ucl, rules, self.RULES)
        return EwmaState(z, fade), track.shaped(np.shape(block))


CHART = Ewma

"""Individuals and moving range chart (Shewhart 1931) with run rules: sees large sudden shifts, and odd strings.

The individuals' limits are ``center +- 3 sigma``, the moving range's ``d2 sigma`` and ``(d2 + 3 d3) sigma`` with the
constants for ranges of two (NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.2). A range needs two samples
in a row of the same slot.

>>> import numpy as np
>>> chart = Imr(center=50.81, sigma=1.88 / 1.128)     # e-Handbook 6.3.2.2: flowrate
>>> state, track = chart.run(chart.start(), np.array([49.6, 47.6, 49.9, 51.3]))
>>> f"{track.ucl[0]:.2f} {track.lcl[0]:.2f}"
'55.81 45.81'
>>> [round(float(range_), 1) for range_ in track.second.value]
[nan, 2.0, 2.3, 1.4]
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from gateway.spc.constants import d2, d3
from gateway.spc.rules import NAMES, RunRules, RunState
from gateway.spc.track import Floats, Track, as_rows, column, slots_of


@dataclass(frozen=True, slots=True)
class ImrState:
    """Per slot: the last sample (nan before the first) and the run rules' history."""

    last: Floats
    runs: RunState


@dataclass(frozen=True, slots=True)
class Imr:
    """The chart; `rules` are those for the individuals, the moving range has its upper limit (rule "MR")."""

    center: float | Floats
    sigma: float | Floats
    rules: tuple[str, ...] = NAMES

    RULES: ClassVar[tuple[str, ...]] = NAMES

    def start(self) -> ImrState:
        """No sample seen."""
        slots = slots_of(self.center, self.sigma)
        return ImrState(np.full(slots, np.nan), RunRules(self.rules).start(slots))

    def run(self, state: ImrState, block: Floats) -> tuple[ImrState, Track]:
        """Chart a block; nan is no sample. The track is the individuals, its `second` the moving range."""
        x = as_rows(block)
        center, sigma = (column(part, x.shape[1]) for part in (self.center, self.sigma))
        runs, flags = RunRules(self.rules).run(state.runs, (x - center) / sigma)
        last, ranges = state.last, np.empty_like(x)
        for row, sample in enumerate(x):
            ranges[row] = np.abs(sample - last)
            last = np.where(np.isnan(sample), last, sample)
        middle, top = (np.broadcast_to(factor * sigma, x.shape) for factor in (d2(2), d2(2) + 3 * d3(2)))
        over = (ranges > top).astype(np.uint32)
        second = Track("mr", ranges, middle, np.zeros(x.shape), top, over, ("MR",))
        line, low, high = (np.broadcast_to(center + reach * sigma, x.shape) for reach in (0.0, -3.0, 3.0))
        track = Track("i", x, line, low, high, flags, self.RULES, second)
        return ImrState(last, runs), track.shaped(np.shape(block))


CHART = Imr

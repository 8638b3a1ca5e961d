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
from functools import cache
from typing import ClassVar, Literal

import numpy as np

from gateway.spc.chart import Individuals
from gateway.spc.rules import NAMES, RunRules, RunState
from gateway.spc.track import Floats, Track, as_rows, column, lines, slots_of
from gateway.stats.constants import d2, d3

_MR_CENTER, _MR_TOP = d2(2), d2(2) + 3 * d3(2)  # of a sigma: 1.128 and 3.686


@dataclass(frozen=True, slots=True)
class ImrState:
    """Per slot: the last sample (nan before the first) and the run rules' history."""

    last: Floats
    runs: RunState


@dataclass(frozen=True, slots=True)
class Imr(Individuals):
    """The chart; `rules` are those for the individuals, the moving range has its upper limit (rule "MR")."""

    center: float | Floats
    sigma: float | Floats
    rules: tuple[str, ...] = NAMES
    edge: Literal["within", "beyond"] = "within"  # of a sample on a limit of the individuals
    same_side: float | Floats = 8  # samples in a row that WE4 takes

    RULES: ClassVar[tuple[str, ...]] = NAMES

    def __post_init__(self) -> None:
        self._runs()

    def _runs(self) -> RunRules:
        if isinstance(self.same_side, np.ndarray):
            return RunRules(self.rules, self.edge, self.same_side)
        return _rules(self.rules, self.edge, self.same_side)

    def start(self) -> ImrState:
        """No sample seen."""
        slots = slots_of(self.center, self.sigma)
        return ImrState(np.full(slots, np.nan), self._runs().start(slots))

    def run(self, state: ImrState, block: Floats) -> tuple[ImrState, Track]:
        """Chart a block; nan is no sample. The track is the individuals, its `second` the moving range."""
        x = as_rows(block)
        rows, slots = x.shape
        center, sigma = column(self.center, slots), column(self.sigma, slots)
        runs, flags = self._runs().run(state.runs, x, center, sigma)
        last, ranges = state.last, np.empty_like(x)
        for row in range(rows):
            np.subtract(x[row], last, out=ranges[row])
            last = np.where(np.isnan(x[row]), last, x[row])
        np.abs(ranges, out=ranges)
        top = _MR_TOP * sigma
        over = (ranges > top).astype(np.uint32)
        middle, bottom = lines(_MR_CENTER * sigma, rows), np.zeros(x.shape)
        second = Track("mr", ranges, middle, bottom, lines(top, rows), over, ("MR",))
        low, high = lines(center - 3 * sigma, rows), lines(center + 3 * sigma, rows)
        track = Track("i", x, lines(center, rows), low, high, flags, self.RULES, second)
        return ImrState(last, runs), track.shaped(np.shape(block))


_rules = cache(RunRules)  # a row of a few slots is too short to pay for checking the settings again


CHART = Imr

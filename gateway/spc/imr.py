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
from typing import ClassVar, Literal

import numpy as np

from gateway.spc.chart import Individuals
from gateway.spc.rules import NAMES, WESTERN_ELECTRIC, Lines, RunRules, RunState
from gateway.spc.track import Floats, Track, as_rows, column, lines, slots_of
from gateway.stats.constants import d2, d3


@dataclass(frozen=True, slots=True)
class ImrState:
    """Per slot the run rules' memory, the last sample in it."""

    runs: RunState


@dataclass(frozen=True, slots=True)
class _Made:
    """Lines as one element per slot."""

    center: Floats
    lcl: Floats
    ucl: Floats
    middle: Floats  # of the moving range
    top: Floats
    zero: Floats
    at: Lines


@dataclass(frozen=True, eq=False)  # no slots: what is made of it is kept beside it
class Imr(Individuals):
    """The chart; `rules` are those for the individuals, the moving range has its upper limit (rule "MR").

    `L` is how far the limits of both panels are, in standard deviations of what they limit; zones are thirds of it.
    `RunRules` has the other settings.
    """

    center: float | Floats
    sigma: float | Floats
    rules: tuple[str, ...] = WESTERN_ELECTRIC
    L: float | Floats = 3.0
    edge: Literal["within", "beyond"] = "within"
    same_side: float | Floats = 0.0
    trend: float | Floats = 6.0
    completing: Literal["beyond", "any"] = "beyond"
    ties: Literal["break", "keep"] = "break"
    mixture: Literal["either", "both"] = "either"

    RULES: ClassVar[tuple[str, ...]] = NAMES

    def __post_init__(self) -> None:
        runs = self.rules, self.edge, self.same_side, self.trend, self.completing, self.ties, self.mixture
        vars(self)["_runs"] = RunRules(*runs)

    def start(self) -> ImrState:
        """No sample seen."""
        return ImrState(self._rules.start(slots_of(self.center, self.sigma)))

    @property
    def _rules(self) -> RunRules:
        runs: RunRules = vars(self)["_runs"]
        return runs

    def _made(self, slots: int) -> _Made:
        made: _Made | None = vars(self).get("_kept")
        if made is None or made.center.size != slots:
            center, sigma, far = (column(each, slots) for each in (self.center, self.sigma, self.L))
            away, middle, top = far * sigma, d2(2) * sigma, (d2(2) + far * d3(2)) * sigma
            at = self._rules.lines(slots, center, sigma, far)
            made = _Made(center, center - away, center + away, middle, top, np.zeros(slots), at)
            vars(self)["_kept"] = made
        return made

    def run(self, state: ImrState, block: Floats) -> tuple[ImrState, Track]:
        """Chart a block; nan is no sample. The track is the individuals, its `second` the moving range."""
        x = as_rows(block)
        rows, slots = x.shape
        made = self._made(slots)
        runs, flags = self._rules.judge(state.runs, x, made.at)
        ranges = _ranges(x, state.runs.last)
        over = (ranges > made.top).astype(np.uint32)
        zero, top = lines(made.zero, rows), lines(made.top, rows)
        second = Track("mr", ranges, lines(made.middle, rows), zero, top, over, ("MR",))
        low, high = lines(made.lcl, rows), lines(made.ucl, rows)
        track = Track("i", x, lines(made.center, rows), low, high, flags, self.RULES, second)
        return ImrState(runs), track.shaped(block.shape)


def _ranges(x: Floats, last: Floats) -> Floats:
    """Moving ranges; nan where there is no sample, or none before it."""
    ranges = np.empty(x.shape)
    if len(x) > 1 and np.isnan(x).any():
        for row, at in zip(ranges, x, strict=True):
            np.subtract(at, last, out=row)
            last = np.where(np.isnan(at), last, at)
    elif len(x):
        np.subtract(x[0], last, out=ranges[0])
        np.subtract(x[1:], x[:-1], out=ranges[1:])
    return np.abs(ranges, out=ranges)


CHART = Imr

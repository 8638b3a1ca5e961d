"""Subgroups: how many members each has, their mean, range and standard deviation, and what phase I makes of them. Pure.

A member that is missing is nan; a subgroup of which all are missing is none. Sums run over the members one after the
other in the order they came, so that a block and its rows give the same bits, and deviations are taken from the mean
before they are squared: large values with small spread lose nothing.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from gateway.spc.chart import Takes
from gateway.spc.rules import NAMES, RunRules
from gateway.spc.track import Floats, Track, as_wide, column, slots_of
from gateway.spc.zones import ZoneState, judged
from gateway.stats.sums import mean as safe_mean

_SETTINGS = ("rules", "edge", "same_side", "trend", "completing", "ties", "mixture")  # of run rules


@dataclass(frozen=True, slots=True)
class Subgroups:
    """What subgroups ``[rows, slots, n]`` come to; each array ``[rows, slots]``."""

    size: NDArray[np.intp]
    mean: Floats
    spread: Floats  # range or standard deviation; nan below two members


def ranges(x: Floats) -> Subgroups:
    """Means and ranges."""
    size, mean = _means(x)
    top, bottom = x[..., 0].copy(), x[..., 0].copy()
    for member in range(1, x.shape[-1]):
        np.fmax(top, x[..., member], out=top)
        np.fmin(bottom, x[..., member], out=bottom)
    return Subgroups(size, mean, np.where(size > 1, np.abs(top - bottom), np.nan))


def deviations(x: Floats) -> Subgroups:
    """Means and sample standard deviations, with n - 1."""
    size, mean = _means(x)
    squares = np.zeros(mean.shape)
    for member in range(x.shape[-1]):
        off = x[..., member] - mean
        squares += np.where(np.isnan(off), 0.0, off * off)
    return Subgroups(size, mean, np.where(size > 1, np.sqrt(squares / np.maximum(size - 1, 1)), np.nan))


def _means(x: Floats) -> tuple[NDArray[np.intp], Floats]:
    size, total = np.zeros(x.shape[:-1], dtype=np.intp), np.zeros(x.shape[:-1])
    for member in range(x.shape[-1]):
        one = x[..., member]
        there = one == one  # noqa: PLR0124 # false for nan only
        size += there
        total += np.where(there, one, 0.0)
    return size, np.where(size > 0, total / np.maximum(size, 1), np.nan)


class Xbar(ABC):
    """A chart of subgroup means with a chart of their spread below it: what xbar-r and xbar-s share.

    A chart says by what it measures spread, and that measure's mean and standard deviation for sigma 1.
    """

    TAKES: ClassVar[Takes] = "subgroup"
    RULES: ClassVar[tuple[str, ...]] = NAMES
    PANEL: ClassVar[str]

    @staticmethod
    @abstractmethod
    def measured(x: Floats) -> Subgroups:
        """Means and spreads of subgroups."""

    @staticmethod
    @abstractmethod
    def expected(n: int) -> tuple[float, float]:
        """Mean and standard deviation of the spread of n standard normal values."""

    def __post_init__(self) -> None:
        chart: Any = self
        settings = {name: getattr(chart, name) for name in _SETTINGS}
        vars(self)["_runs"] = RunRules(**settings)

    @property
    def _rules(self) -> RunRules:
        runs: RunRules = vars(self)["_runs"]
        return runs

    def start(self) -> ZoneState:
        """No subgroup seen."""
        chart: Any = self
        return ZoneState(self._rules.start(slots_of(chart.center, chart.sigma)))

    def run(self, state: ZoneState, block: Floats) -> tuple[ZoneState, Track]:
        """Chart a block of subgroups. The track is the means, its `second` the spreads."""
        x = as_wide(block)
        chart: Any = self
        slots, width = x.shape[1], x.shape[2]
        center, sigma, reach = (column(each, slots) for each in (chart.center, chart.sigma, chart.L))
        found = self.measured(x)
        size = np.where(found.size > 0, found.size, width)
        middle = np.broadcast_to(center, size.shape)
        spread = sigma / np.sqrt(size)
        lcl, ucl = middle - reach * spread, middle + reach * spread
        z = (found.mean - middle) / spread * (3.0 / reach)
        runs, flags = judged(self._rules, state.runs, z, found.mean, (lcl, ucl))
        average, deviation = (part[size] * sigma for part in _expected(self.expected, width))
        top, bottom = average + reach * deviation, np.maximum(average - reach * deviation, 0.0)
        over = ((found.spread > top) | (found.spread < bottom)).astype(np.uint32)
        second = Track(self.PANEL, found.spread, average, bottom, top, over, (self.PANEL.upper(),))
        track = Track("xbar", found.mean, middle, lcl, ucl, flags, self.RULES, second)
        return ZoneState(runs), track.shaped(np.shape(block)[:-1])

    def standardise(self, state: Any, block: Floats) -> tuple[Floats, Floats]:
        """z = (mean - center) sqrt(n) / sigma."""
        del state
        x = as_wide(block)
        chart: Any = self
        size, mean = _means(x)
        unit = column(chart.sigma, x.shape[1]) / np.sqrt(np.maximum(size, 1))
        return (mean - column(chart.center, x.shape[1])) / unit, unit

    @classmethod
    def learnt(cls, width: int) -> Mapping[str, tuple[int, ...]]:
        """Center, and sigma of single values."""
        del width
        return {"center": (), "sigma": ()}

    @classmethod
    def learn(cls, baseline: Floats, known: Mapping[str, Floats]) -> dict[str, Floats]:
        """Center: the mean of all members. Sigma: the spreads over their expected ones, each weighted by how well a
        subgroup of its size knows (Burr 1969); for equal sizes that is their mean over d2 or c4.

        Raises ValueError where there is no spread.
        """
        x = np.asarray(baseline, dtype=np.float64)
        members = x[~np.isnan(x)]
        if not members.size:
            raise ValueError("there are no samples")
        found: dict[str, Floats] = {"center": known.get("center", np.asarray(safe_mean(members)))}
        return {**found, "sigma": known["sigma"] if "sigma" in known else cls._spread(x)}

    @classmethod
    def _spread(cls, x: Floats) -> Floats:
        found = cls.measured(x[:, None, :])
        there = found.size[:, 0] > 1
        if not there.any():
            raise ValueError("subgroups of one have no spread: give subgroups of two or more, or sigma")
        size, spread = found.size[there, 0], found.spread[there, 0]
        average, deviation = (part[size] for part in _expected(cls.expected, x.shape[1]))
        weight = (average / deviation) ** 2
        with np.errstate(over="ignore"):
            sigma = safe_mean(weight * spread / average) / safe_mean(weight)
        if not np.isfinite(sigma):
            raise ValueError("the samples are too far apart for this arithmetic")
        if sigma == 0:
            raise ValueError("the samples do not vary, so there are no limits: give sigma")
        return np.asarray(sigma)


@cache
def _expected(expected: Callable[[int], tuple[float, float]], most: int) -> tuple[Floats, Floats]:
    """Mean and standard deviation of the spread by size of subgroup; nan below two."""
    by_size = [(np.nan, np.nan)] * 2 + [expected(n) for n in range(2, most + 1)]
    average, deviation = np.array(by_size).T.copy()
    return average, deviation

"""Charts of counts: what p, np, c, u, g and Laney's have in common. Pure.

Each says of its samples what is drawn, with centre, standard deviation and the range that a value can have; the lines
are ``center +- L`` standard deviations, held within that range. Where ``limits`` is "exact" they are quantiles of the
distribution instead: above the upper one, and below the lower one, lies at most the share of a normal beyond L.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np

from gateway.spc.rules import NAMES, RunRules
from gateway.spc.track import Floats, Track, as_rows, as_wide, column, slots_of
from gateway.spc.zones import ZoneState, judged
from gateway.stats.special import binomial_isf, binomial_ppf, normal_sf, poisson_isf, poisson_ppf

LIMITS = ("normal", "exact")


@dataclass(frozen=True, slots=True)
class Drawn:
    """What is drawn of samples, each array ``[rows, slots]``; value nan where there is none."""

    value: Floats
    center: Floats
    spread: Floats  # standard deviation of the value
    size: Floats  # of what was counted in
    top: Floats | float = np.inf  # the largest value there can be; the least is 0


class Counts(ABC):
    """A chart of counts. Its file says how it draws (`drawn`), and its exact limits."""

    RULES: ClassVar[tuple[str, ...]] = NAMES
    PANEL: ClassVar[str]
    UNREST: ClassVar[str] = ""  # the chart to take where samples vary more than their law says
    TAKES: ClassVar[Any]

    @abstractmethod
    def drawn(self, block: Floats) -> Drawn:
        """The samples of a block as they are drawn."""

    def exact(self, drawn: Drawn, tail: Floats) -> tuple[Floats, Floats]:
        """(lcl, ucl) with at most `tail` beyond each, an element per slot. ValueError where a chart has no such law."""
        del drawn, tail
        raise ValueError(f"{self.PANEL} has no exact limits: its counts follow no law of their own")

    def __post_init__(self) -> None:
        chart: Any = self
        vars(self)["_runs"] = RunRules(chart.rules)
        limits = getattr(self, "limits", "normal")
        if limits not in LIMITS:
            raise ValueError(f"limits {limits} is not one of {', '.join(LIMITS)}")

    @property
    def _rules(self) -> RunRules:
        runs: RunRules = vars(self)["_runs"]
        return runs

    def start(self) -> ZoneState:
        """No sample seen."""
        chart: Any = self
        return ZoneState(self._rules.start(slots_of(chart.center)))

    def run(self, state: ZoneState, block: Floats) -> tuple[ZoneState, Track]:
        """Chart a block; nan is no sample."""
        chart: Any = self
        drawn = self.drawn(block)
        reach = column(chart.L, drawn.value.shape[1])
        if getattr(self, "limits", "normal") == "exact":
            lcl, ucl = self.exact(drawn, normal_sf(reach))
        else:
            half = reach * drawn.spread
            lcl = np.maximum(drawn.center - half, 0.0)
            ucl = np.minimum(drawn.center + half, drawn.top)
        z = (drawn.value - drawn.center) / drawn.spread * (3.0 / reach)
        runs, flags = judged(self._rules, state.runs, z, drawn.value, (lcl, ucl))
        track = Track(self.PANEL, drawn.value, drawn.center, lcl, ucl, flags, self.RULES)
        shape = np.shape(block)
        return ZoneState(runs), track.shaped(shape[:-1] if self.TAKES == "count_size" else shape)

    def standardise(self, state: Any, block: Floats) -> tuple[Floats, Floats]:
        """z = (value - center) / its standard deviation."""
        del state
        drawn = self.drawn(block)
        return (drawn.value - drawn.center) / drawn.spread, drawn.spread

    @classmethod
    def learnt(cls, width: int) -> Mapping[str, tuple[int, ...]]:
        """Center."""
        del width
        return {"center": ()}


def split(block: Floats) -> tuple[Floats, Floats]:
    """Counts and the sizes they were counted in, ``[rows, slots]``, both nan where there is no sample."""
    x = as_wide(block)
    count, size = x[..., 0], x[..., 1]
    there = (size > 0) & ~np.isnan(count)
    return np.where(there, count, np.nan), np.where(there, size, np.nan)


def plain(block: Floats) -> Floats:
    """Counts without a size, ``[rows, slots]``."""
    return as_rows(block)


def rate(baseline: Floats, known: Mapping[str, Floats], *, share: bool) -> Floats:
    """Phase I of counts and sizes ``[m, 2]``: all counts over all sizes.

    Raises ValueError below two samples, or where that is 0, or 1 of a `share`: there would be no limits.
    """
    count, size = (part[:, 0] for part in split(baseline))
    _check(count, size, share=share)
    if "center" in known:
        if share and not np.all((known["center"] > 0) & (known["center"] < 1)):
            raise ValueError("mean is a share here: above 0 and below 1")
        if not np.all(known["center"] > 0):
            raise ValueError("mean is a rate here: above 0")
        return known["center"]
    there = ~np.isnan(count)
    if not there.any():
        raise ValueError("there are no samples")
    if there.sum() < 2:
        raise ValueError("one sample does not show the usual rate: give more, or mean")
    center = float(count[there].sum() / size[there].sum())
    if center <= 0:
        raise ValueError("nothing was counted in any sample, so there are no limits: give mean")
    if share and center >= 1:
        raise ValueError("every item was counted in every sample, so there are no limits: give mean")
    return np.asarray(center)


def _check(count: Floats, size: Floats, *, share: bool) -> None:
    """Whether these can be counts, at most as many as items where it is a share."""
    wrong = (count < 0) | (count != np.floor(count)) & ~np.isnan(count)
    if wrong.any():
        raise ValueError(f"{count[wrong][0]:g} is not a count: that is a whole number, 0 or more")
    more = count > size
    if share and more.any():
        raise ValueError(f"{count[more][0]:g} were counted in a sample of {size[more][0]:g}")


def binomial_lines(size: Floats, share: Floats, tail: Floats) -> tuple[Floats, Floats]:
    """Least and most counts of `size` items that are not beyond."""
    return _lines(_binomial, size, share, tail)


def poisson_lines(mean: Floats, tail: Floats) -> tuple[Floats, Floats]:
    """Least and most counts that are not beyond."""
    return _lines(_poisson, mean, mean, tail)


def _lines(limits: Any, one: Floats, other: Floats, tail: Floats) -> tuple[Floats, Floats]:
    """Sample by sample, remembered: sizes and rates come again."""
    parts = np.broadcast_arrays(one, other, tail)
    flat = [limits(*each) for each in zip(*(part.ravel().tolist() for part in parts), strict=True)]
    both = np.array(flat, dtype=np.float64).reshape(*parts[0].shape, 2)
    return both[..., 0].copy(), both[..., 1].copy()


@lru_cache(maxsize=65536)
def _binomial(size: float, share: float, tail: float) -> tuple[float, float]:
    if size != size:  # noqa: PLR0124 # nan: no sample
        return size, size
    return float(binomial_ppf(tail, size, share)), float(binomial_isf(tail, size, share))


@lru_cache(maxsize=65536)
def _poisson(mean: float, _: float, tail: float) -> tuple[float, float]:
    if mean != mean:  # noqa: PLR0124 # nan: no sample
        return mean, mean
    return float(poisson_ppf(tail, mean)), float(poisson_isf(tail, mean))

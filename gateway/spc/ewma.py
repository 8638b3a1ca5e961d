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
from gateway.spc.pieces import Tall, pieces
from gateway.spc.track import Floats, Track, as_rows, column, lines, slots_of


@dataclass(frozen=True, slots=True)
class EwmaState:
    """Per slot: the statistic, and ``(1 - lambda)**2i`` after i samples, 0 where that no longer moves a limit."""

    z: Floats
    fade: Floats


@dataclass(frozen=True, slots=True)
class _Made:
    """Parameters as one element per slot, and what follows from them."""

    center: Floats
    weight: Tall
    keep: Floats  # 1 - weight
    square: Floats
    width: Floats  # variance of the statistic in the end, in sigma squared
    far: Floats  # L sigma
    lcl: Tall  # in the end
    ucl: Tall


_FADED = 2.0**-60  # 1 - fade is 1 long before; and a power that went on would come to numbers that are slow


@dataclass(frozen=True, eq=False)  # no slots: what is made of it is kept beside it
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
        fade = np.ones(slots) if self.limits == "exact" else np.zeros(slots)
        return EwmaState(column(self.center, slots).copy(), fade)

    def _made(self, slots: int) -> _Made:
        made: _Made | None = vars(self).get("_kept")
        if made is None or made.center.size != slots:
            center, sigma = column(self.center, slots), column(self.sigma, slots)
            weight, far = column(self.weight, slots), column(self.L, slots) * sigma
            keep, width = 1.0 - weight, weight / (2.0 - weight)
            half = far * np.sqrt(width)
            made = _Made(
                center, Tall(weight), keep, keep * keep, width, far, Tall(center - half), Tall(center + half)
            )
            vars(self)["_kept"] = made
        return made

    def run(self, state: EwmaState, block: Floats) -> tuple[EwmaState, Track]:
        """Chart a block; nan is no sample."""
        x = as_rows(block)
        rows, slots = x.shape
        made = self._made(slots)
        z, fade = state.z, state.fade
        lcl, ucl = lines(made.lcl.one, rows), lines(made.ucl.one, rows)
        value, rules = np.empty((rows, slots)), np.zeros((rows, slots), dtype=np.uint32)
        young = self.limits == "exact" and bool(np.count_nonzero(fade))
        if rows == 1 and not young:
            return _row(made, state, x, block.shape)
        if young:
            fade, lcl, ucl = self._widening(made, x, fade)
        for some in pieces(rows, slots):
            part = value[some]
            made.weight(np.multiply, x[some], part)
            after = _smoothed(part, z, made.keep)
            if np.count_nonzero(np.isnan(after)):  # nan goes on to the end: one was missing
                made.weight(np.multiply, x[some], part)
                after = _smoothed_with_gaps(part, z, made.keep)
            z = after
            over, under = np.empty((2, *part.shape), dtype=np.bool_)
            if young:
                np.greater(part, ucl[some], out=over)
                np.less(part, lcl[some], out=under)
            else:
                made.ucl(np.greater, part, over)
                made.lcl(np.less, part, under)
            over |= under
            np.copyto(rules[some], over)
        if rows:
            z = z.copy()  # not a view of the track
        track = Track("ewma", value, lines(made.center, rows), lcl, ucl, rules, self.RULES)
        return EwmaState(z, fade), track.shaped(block.shape)

    def _widening(self, made: _Made, x: Floats, fade: Floats) -> tuple[Floats, Floats, Floats]:
        """Exact limits of young slots."""
        fades = np.empty(x.shape)
        for row, seen in zip(fades, ~np.isnan(x), strict=True):
            faded = fade * made.square
            faded[faded < _FADED] = 0.0
            fade = np.where(seen, faded, fade)
            row[:] = fade
        half = made.far * np.sqrt(made.width * (1.0 - fades))
        return fade, made.center - half, made.center + half


def _row(made: _Made, state: EwmaState, x: Floats, shape: tuple[int, ...]) -> tuple[EwmaState, Track]:
    """One sample of each settled slot: the same, without the care that a long block needs."""
    value = made.weight.one * x
    value += made.keep * state.z
    lcl, ucl = made.lcl.one[None], made.ucl.one[None]
    rules = ((value > ucl) | (value < lcl)).astype(np.uint32)
    z, gone = value[0], np.isnan(x[0])
    if np.count_nonzero(gone):
        z = np.where(gone, state.z, z)
    track = Track("ewma", value, made.center[None], lcl, ucl, rules, Ewma.RULES)
    return EwmaState(z, state.fade), track.shaped(shape)


def _smoothed(value: Floats, z: Floats, keep: Floats) -> Floats:
    """The statistic, row by row, in place of lambda x in `value`; gives the last."""
    held = np.empty(z.shape)
    for row in value:
        np.multiply(keep, z, out=held)
        z = np.add(row, held, out=row)
    return z


def _smoothed_with_gaps(value: Floats, z: Floats, keep: Floats) -> Floats:
    for row in value:
        moved = np.add(row, keep * z, out=row)
        z = np.where(np.isnan(row), z, moved)
    return z


CHART = Ewma

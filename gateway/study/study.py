"""Phase I and II of a finished series: limits out of its first samples or as given, then every sample charted. Pure.

>>> import numpy as np
>>> done = study("imr", np.array([10.0, 12.0, 11.0, 9.0, 30.0]), phase1=4)
>>> round(done.mean, 2), round(done.sigma, 3), done.violations
(10.5, 1.477, 2)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gateway.spc import load_chart
from gateway.spc.track import Floats, Track, violated
from gateway.stats.constants import d2

_POSITIVE = ("sigma", "L", "h", "weight")
_NOT_NEGATIVE = ("k", "headstart")
_SPELLED = {"weight": "lambda", "center": "mean"}


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel of a chart. A limit that does not vary is one number, else it has one element a point."""

    name: str
    center: float | Floats
    ucl: float | Floats
    lcl: float | Floats
    at: NDArray[np.int64]  # of each point: which sample
    values: Floats
    rules: tuple[tuple[str, ...], ...]

    @property
    def violations(self) -> int:
        return sum(1 for names in self.rules if names)


@dataclass(frozen=True, slots=True)
class Study:
    """A charted series."""

    chart: str
    n: int
    mean: float
    sigma: float
    panels: tuple[Panel, ...]

    @property
    def violations(self) -> int:
        return sum(panel.violations for panel in self.panels)


def estimate(values: Floats) -> tuple[float, float]:
    """Mean, and sigma as the mean moving range of two over d2(2). Raises ValueError where there is no spread."""
    if values.size < 2:
        raise ValueError("one sample has no spread: give more, or mean and sigma")
    with np.errstate(over="ignore"):
        sigma = float(np.abs(np.diff(values)).mean()) / d2(2)
    if not np.isfinite(sigma):
        raise ValueError("the samples are too far apart for this arithmetic")
    if sigma == 0:
        raise ValueError("the samples do not vary, so there are no limits: give sigma")
    return float(values.mean()), sigma


def study(
    kind: str,
    values: Floats,
    *,
    mean: float | None = None,
    sigma: float | None = None,
    phase1: int | None = None,
    **params: Any,
) -> Study:
    """Chart `values`. `phase1`: so many samples give what of mean and sigma is not given; all, if not told.

    `params` are those of the chart. Raises ValueError saying what does not fit.
    """
    if not values.size:
        raise ValueError("there are no samples")
    if not np.isfinite(values).all():
        raise ValueError(f"sample {int(np.argmin(np.isfinite(values)))} is not a number")
    if phase1 is not None and not 2 <= phase1 <= values.size:
        raise ValueError(f"phase I takes 2 to {values.size} of {values.size} samples, not {phase1}")
    given = {"center": mean, "sigma": sigma, **params}
    for name, value in given.items():
        _check(_SPELLED.get(name, name), name, value)
    if mean is None or sigma is None:
        middle, spread = float(values[:phase1].mean()), sigma
        if sigma is None:
            middle, spread = estimate(values[:phase1])
        given |= {"center": middle if mean is None else mean, "sigma": spread}
    chart = load_chart(kind)(**given)
    with np.errstate(over="ignore", invalid="ignore"):  # samples of 1e308 are numbers too
        _, track = chart.run(chart.start(), values)
    panels = tuple(_panel(each) for each in track.panels())
    return Study(kind, values.size, float(chart.center), float(chart.sigma), panels)


def _check(spelled: str, name: str, value: Any) -> None:
    if not isinstance(value, (int, float)):
        return
    if not np.isfinite(value):
        raise ValueError(f"{spelled} must be a number")
    if (name in _POSITIVE and value <= 0) or (name in _NOT_NEGATIVE and value < 0):
        raise ValueError(f"{spelled} must be {'above 0' if name in _POSITIVE else '0 or more'}")
    if name == "weight" and value > 1:
        raise ValueError("lambda must not be above 1")


def _panel(track: Track) -> Panel:
    there = np.flatnonzero(~np.isnan(track.value))
    names = tuple(violated(int(bits), track.names) for bits in track.rules[there])
    center, ucl, lcl = (_line(line[there]) for line in (track.center, track.ucl, track.lcl))
    return Panel(track.name, center, ucl, lcl, there, track.value[there], names)


def _line(line: Floats) -> float | Floats:
    return float(line[0]) if line.size and (line == line[0]).all() else line

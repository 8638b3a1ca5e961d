"""Phase I and II of a finished series: limits out of its first samples or as given, then every sample charted. Pure.

>>> import numpy as np
>>> done = study("imr", np.array([10.0, 12.0, 11.0, 9.0, 30.0]), phase1=4)
>>> round(done.mean, 2), round(done.sigma, 3), done.violations
(10.5, 1.477, 2)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from gateway.spc import load_chart
from gateway.spc.chart import Individuals
from gateway.spc.track import Floats
from gateway.stats.constants import c4
from gateway.stats.sums import deviation
from gateway.study.dispersion import Dispersion, dispersion
from gateway.study.exclusions import Exclusion, rows_left_out
from gateway.study.panels import Panel, joined
from gateway.study.samples import Samples, values
from gateway.study.settings import check, given

_PIECE = 65_536  # samples charted at once

Estimator = Literal["moving-range", "s"]
"""Of a single value's sigma: the mean moving range of two over d2(2), or the standard deviation over c4(n)."""

Pace = Callable[[Iterable[int], int], Iterable[int]]
"""Hands on the steps of long work, of which there are so many; a caller may show them."""


@dataclass(frozen=True, slots=True)
class Study:
    """A charted series. `mean` and `sigma` are nan where the chart has no such number."""

    chart: str
    n: int  # samples
    mean: float | Floats
    sigma: float
    panels: tuple[Panel, ...]
    learnt: Mapping[str, Floats]  # what phase I estimated or was told
    baseline: Floats  # the samples of phase I
    made: Any  # the chart with its limits
    left_out: NDArray[np.bool_]  # [rows]
    sigma_known: bool = False  # somebody said it
    estimator: Estimator = "moving-range"
    dispersion: Dispersion | None = None

    @property
    def violations(self) -> int:
        return sum(panel.violations for panel in self.panels)

    @property
    def in_control(self) -> bool:
        """No sample that was charted violates a rule."""
        return not self.violations


def estimate(samples: Floats) -> tuple[float, float]:
    """Mean, and sigma as the mean moving range of two over d2(2). Raises ValueError where there is no spread."""
    found = Individuals.learn(samples, {})
    return float(found["center"]), float(found["sigma"])


def study(
    kind: str,
    samples: Samples | Floats,
    *,
    mean: float | None = None,
    sigma: float | None = None,
    phase1: int | None = None,
    exclusions: Sequence[Exclusion] = (),
    estimator: Estimator = "moving-range",
    pace: Pace | None = None,
    **params: Any,
) -> Study:
    """Chart a series. `phase1`: so many rows give what is not given; all, if not told.

    Rows that are excluded have no part in anything: their samples are neither learnt from nor charted. `params` are
    those of the chart. Raises ValueError saying what does not fit.
    """
    made = samples if isinstance(samples, Samples) else values(samples)
    _check(made)
    rows = made.of.size
    if phase1 is not None and not 2 <= phase1 <= rows:
        raise ValueError(f"phase I takes 2 to {rows} of {rows} samples, not {phase1}")
    out = rows_left_out(exclusions, rows)
    kept = ~_touched(made, out)
    early = kept & ~_touched(made, np.arange(rows) >= phase1) if phase1 is not None else kept
    cls = load_chart(kind)
    told: dict[str, Any] = {"center": mean, "sigma": sigma}
    if mean is not None and hasattr(cls, "of_mean"):
        told |= cls.of_mean(mean, sigma, **{name: params[name] for name in ("shape",) if name in params})
    if phase1 is None and hasattr(cls, "phase"):
        told["phase"] = "I"  # it judges the very samples that it learnt from
    if made.members is not None:
        told["size"] = made.members.shape[1]
    known, settings = given(cls, _width(made), told | params)
    baseline = (made.block if made.members is None else made.members)[early]
    if not kept.any():
        raise ValueError("every sample is left out")
    if not early.any() and set(cls.learnt(_width(made))) - set(known):
        raise ValueError("no samples are left to learn limits from")
    if estimator == "s":
        known = {"sigma": _deviation(cls, baseline, known), **known}
    with np.errstate(over="ignore", invalid="ignore"):  # samples of 1e308 are numbers too
        if made.members is not None:
            learnt = _of_members(cls, baseline, known)
        else:
            learnt = cls.learn(baseline, known) if early.any() else known
            cls.learn(made.block[kept], learnt)  # refuses what it could not chart either
        check(learnt)
        chart = cls(**{name: _one(part) for name, part in learnt.items()}, **settings)
        panels = _charted(chart, _without(made.block, ~kept), pace)
        if not cls.learnt(_width(made)):
            _check_judged(made.block[kept])
        unrest = _dispersion(chart, baseline, len(set(cls.learnt(_width(made))) - set(known)))
    middle, spread = (getattr(chart, name, np.nan) for name in ("center", "sigma"))
    plain = float(np.squeeze(spread)) if np.size(spread) == 1 else float("nan")
    return Study(
        kind,
        len(made),
        _number(middle),
        plain,
        panels,
        learnt,
        baseline,
        chart,
        out,
        sigma is not None,
        estimator,
        unrest,
    )


def _check(made: Samples) -> None:
    if not len(made):
        raise ValueError("there are no samples")
    single = made.singles if made.singles is not None else made.block
    good = np.isfinite(single) if single.ndim == 1 else np.isfinite(single).all(axis=1)
    if not good.all():
        raise ValueError(f"sample {int(np.argmin(good))} is not a number")


def _check_judged(block: Floats) -> None:
    """Of a chart that learns from sample to sample: were there any that it could compare with others?"""
    if len(block) < 3:
        raise ValueError("three samples or more are needed: this chart judges from the third on")
    if (block[:-1] == block[0]).all():
        raise ValueError("the samples do not vary, so there is nothing to judge them by")
    if not np.isfinite(np.ptp(block) ** 2):
        raise ValueError("the samples are too far apart for this arithmetic")


def _deviation(cls: Any, baseline: Floats, known: Mapping[str, Floats]) -> Floats:
    """Sigma of single values as their standard deviation. Raises ValueError where a chart has another, or none."""
    if not issubclass(cls, Individuals):
        raise ValueError("only charts of single values have a choice of estimators")  # noqa: TRY004 # a setting
    if "sigma" in known:
        raise ValueError("sigma is given: there is nothing to estimate")
    if baseline.size < 2:
        raise ValueError("one sample has no spread: give more, or mean and sigma")
    found = deviation(baseline) / c4(baseline.size)
    if found == 0:
        raise ValueError("the samples do not vary, so there are no limits: give sigma")
    return np.asarray(found)


def _of_members(cls: Any, baseline: Floats, known: Mapping[str, Floats]) -> dict[str, Floats]:
    """Phase I out of subgroups of vectors; their size is no estimate."""
    if not hasattr(cls, "learn_subgroups"):
        raise ValueError("this chart does not take subgroups of vectors")
    found: dict[str, Floats] = cls.learn_subgroups(baseline)
    return {name: value for name, value in {**found, **known}.items() if name != "size"}


def _touched(made: Samples, rows: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which samples have one of these rows in them."""
    touched = np.zeros(len(made), dtype=np.bool_)
    touched[made.of[rows]] = True
    return touched


def _width(made: Samples) -> int:
    return 1 if made.block.ndim == 1 else made.block.shape[1]


def _without(block: Floats, out: NDArray[np.bool_]) -> Floats:
    if not out.any():
        return block
    block = block.copy()
    block[out] = np.nan
    return block


def _one(part: Floats) -> float | Floats:
    """A parameter of one slot: a number, or an array with the slot as its first axis."""
    return float(part) if np.ndim(part) == 0 else np.asarray(part)[None]


def _number(middle: Any) -> float | Floats:
    flat = np.squeeze(np.asarray(middle, dtype=np.float64))
    return float(flat) if flat.ndim == 0 else flat


def _charted(chart: Any, block: Floats, pace: Pace | None) -> tuple[Panel, ...]:
    starts = range(0, len(block), _PIECE)
    steps = starts if pace is None else pace(starts, len(starts))
    state, tracks = chart.start(), []
    for start in steps:
        state, track = chart.run(state, block[start : start + _PIECE])
        tracks.append(track.panels())
    return tuple(joined(parts) for parts in zip(*tracks, strict=True))


def _dispersion(chart: Any, baseline: Floats, estimated: int) -> Dispersion | None:
    instead = getattr(chart, "UNREST", "")
    if not instead or not len(baseline):
        return None
    z, _ = chart.standardise(chart.start(), baseline)
    return dispersion(z[:, 0], estimated, instead)

"""Time between events (Nelson 1994): sees changes of a rate so low that counts per day are mostly zero.

Times between events that come at a steady rate are exponentially distributed, and ``y = x ** (1 / 3.6)`` of these is
near normal: an individuals chart of y, drawn back in units of time (Nelson, A Control Chart for Parts-Per-Million
Nonconforming Items, Journal of Quality Technology 26 (1994) 239-240). `center` and `sigma` are those of y. Where times
follow Weibull's law with another `shape`, such as 2 of what wears out, y is ``x ** (shape / 3.6)``. With
``limits="exact"`` the lines are quantiles of that law instead, which need `center` only.

>>> import numpy as np
>>> chart = T(center=5.386, sigma=2.0915)            # Montgomery, example 7.6: hours between failures of a valve
>>> state, track = chart.run(chart.start(), np.array([286.0, 948.0]))
>>> f"{286 ** (1 / 3.6):.2f} {track.value[0]:.0f} {track.lcl[0]:.0f} {track.ucl[0]:.0f}"
'4.81 286 0 6921'
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from gateway.spc.counts import LIMITS
from gateway.spc.rules import NAMES, RunRules
from gateway.spc.track import Floats, Track, as_rows, column, slots_of
from gateway.spc.zones import LIMITS_ONLY, ZoneState, judged
from gateway.stats.constants import d2
from gateway.stats.special import normal_sf
from gateway.stats.sums import mean

_POWER = 3.6  # Nelson's; the shape of the Weibull law that y then follows
_MEAN = math.gamma(1.0 + 1.0 / _POWER)  # of that law with scale 1


@dataclass(frozen=True, eq=False)  # no slots: its rules are kept beside it
class T:
    """The chart; `center` and `sigma` are of the transformed times."""

    center: float | Floats
    sigma: float | Floats
    shape: float | Floats = 1.0
    L: float | Floats = 3.0
    limits: Literal["normal", "exact"] = "normal"
    rules: tuple[str, ...] = LIMITS_ONLY

    RULES: ClassVar[tuple[str, ...]] = NAMES
    TAKES: ClassVar[Literal["value"]] = "value"

    def __post_init__(self) -> None:
        vars(self)["_runs"] = RunRules(self.rules)
        if self.limits not in LIMITS:
            raise ValueError(f"limits {self.limits} is not one of {', '.join(LIMITS)}")

    @property
    def _rules(self) -> RunRules:
        runs: RunRules = vars(self)["_runs"]
        return runs

    def start(self) -> ZoneState:
        """No time seen."""
        return ZoneState(self._rules.start(slots_of(self.center, self.sigma, self.shape)))

    def run(self, state: ZoneState, block: Floats) -> tuple[ZoneState, Track]:
        """Chart a block of times, which are 0 or more; nan is no sample."""
        x = as_rows(block)
        slots = x.shape[1]
        center, sigma, reach = (column(each, slots) for each in (self.center, self.sigma, self.L))
        power = _POWER / column(self.shape, slots)
        if self.limits == "exact":
            tail, scale = normal_sf(reach), center / _MEAN
            low, high = (scale * (-np.log(each)) ** (1 / _POWER) for each in (1.0 - tail, tail))
        else:
            low, high = np.maximum(center - reach * sigma, 0.0), center + reach * sigma
        lcl, ucl = (np.broadcast_to(each**power, x.shape) for each in (low, high))
        z = (x ** (1.0 / power) - center) / sigma * (3.0 / reach)
        runs, flags = judged(self._rules, state.runs, z, x, (lcl, ucl))
        track = Track("t", x, np.broadcast_to(center**power, x.shape), lcl, ucl, flags, self.RULES)
        return ZoneState(runs), track.shaped(np.shape(block))

    def standardise(self, state: ZoneState, block: Floats) -> tuple[Floats, Floats]:
        """z = (y - center) / sigma."""
        del state
        x = as_rows(block)
        center, sigma, shape = (column(each, x.shape[1]) for each in (self.center, self.sigma, self.shape))
        return (x ** (shape / _POWER) - center) / sigma, np.full(x.shape, np.nan)

    @classmethod
    def of_mean(cls, mean: float, sigma: float | None = None, shape: float = 1.0) -> dict[str, float]:
        """`center` and `sigma` of the transformed times, where the mean time is known. Raises ValueError.

        A sigma that is told is that of the transformed times: theirs follows from the mean.
        """
        if not (0 < mean < math.inf and 0 < shape < math.inf):
            raise ValueError("the mean time and its shape must be numbers above 0")
        scale = (mean / math.gamma(1.0 + 1.0 / shape)) ** (shape / _POWER)
        spread = math.sqrt(math.gamma(1.0 + 2.0 / _POWER) - _MEAN**2)
        return {"center": scale * _MEAN, "sigma": scale * spread if sigma is None else sigma}

    @classmethod
    def learnt(cls, width: int) -> Mapping[str, tuple[int, ...]]:
        """Center and sigma of the transformed times; and the shape, which is 1 unless it is known."""
        del width
        return {"center": (), "sigma": (), "shape": ()}

    @classmethod
    def learn(cls, baseline: Floats, known: Mapping[str, Floats]) -> dict[str, Floats]:
        """Mean, and mean moving range over d2(2). Raises ValueError where a time is below 0, or they do not vary."""
        times = np.asarray(baseline, dtype=np.float64)
        if (times < 0).any():
            raise ValueError("a time between events is below 0")
        shape = known.get("shape", np.asarray(1.0))
        y = times ** (shape / _POWER)
        center = known.get("center", np.asarray(mean(y)))
        if "sigma" in known:
            return {"center": center, "sigma": known["sigma"], "shape": shape}
        if y.size < 2:
            raise ValueError("one sample has no spread: give more, or mean and sigma")
        sigma = mean(np.abs(np.diff(y))) / d2(2)
        if sigma == 0:
            raise ValueError("the samples do not vary, so there are no limits: give sigma")
        return {"center": center, "sigma": np.asarray(sigma), "shape": shape}


CHART = T

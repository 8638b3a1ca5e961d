"""Capability: how a process lies in its specification, each index with its interval. Pure.

Cp and Cpk take sigma within subgroups or between neighbours, what the chart's limits are made of; Pp and Ppk take the
standard deviation of all values together, Cpm the mean square distance from the target. Intervals, two-sided: Cp and Pp
chi-square (Kane 1986, with the degrees of freedom of the estimator of sigma), Cpk and Ppk Bissell (1990), Cpm Boyles
(1991). A side without a limit has no part in Cpk and Ppk, and leaves Cp, Pp and Cpm undefined (nan).

>>> spec = Spec(lsl=8.0, usl=20.0)                   # e-Handbook of Statistical Methods, NIST/SEMATECH, 6.1.6
>>> found = indices(Process(mean=16.0, within=2.0, overall=2.0, n=100, freedom=99.0), spec)
>>> [round(getattr(found, name).value, 4) for name in ("cp", "cpk", "cpm")]
[1.0, 0.6667, 0.7071]
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gateway.spc.track import Floats
from gateway.stats.special import chi2_ppf, normal_cdf, normal_ppf, normal_sf
from gateway.stats.sums import deviation, mean
from gateway.study.quantiles import Quantiles, quantiles

CONFIDENCE = 0.95
_DRAWS = 2000


@dataclass(frozen=True, slots=True)
class Spec:
    """Specification limits and target; nan where there is none. Raises ValueError where they contradict each other."""

    lsl: float = math.nan
    usl: float = math.nan
    target: float = math.nan

    def __post_init__(self) -> None:
        if self.lsl >= self.usl:
            raise ValueError("lsl must be below usl")

    @property
    def aim(self) -> float:
        """The target; the middle where none is named."""
        return (self.lsl + self.usl) / 2 if math.isnan(self.target) else self.target


@dataclass(frozen=True, slots=True)
class Process:
    """What is known of a process: sigma within and overall, and how well the one within is known."""

    mean: float
    within: float
    overall: float
    n: int
    freedom: float  # degrees of freedom of `within`; inf: it is known


@dataclass(frozen=True, slots=True)
class Index:
    """An index with its interval; nan where it is not defined."""

    value: float = math.nan
    low: float = math.nan
    high: float = math.nan


@dataclass(frozen=True, slots=True)
class Capability:
    """All indices, and how many in a million are expected outside the specification."""

    cp: Index
    cpk: Index
    pp: Index
    ppk: Index
    cpm: Index
    ppm_within: float  # by mean and sigma within; nan for a distribution that is not normal
    ppm_overall: float
    ppm_observed: float = math.nan
    distribution: str = "normal"


def capability(
    x: Floats,
    spec: Spec,
    within: tuple[float, float],
    *,
    distribution: str = "normal",
    chance: np.random.Generator | None = None,
    confidence: float = CONFIDENCE,
) -> Capability:
    """Of single values. `within`: sigma within, and its degrees of freedom. Raises ValueError.

    For another distribution than "normal", Pp and Ppk are made of its quantiles (ISO 22514-2), Cpm too (Pearn and Kotz
    1994), and there are no Cp and Cpk, for there is no sigma within; `chance` draws the intervals.
    """
    if x.size < 2:
        raise ValueError("one value has no capability: give more")
    outside = (x > spec.usl) | (x < spec.lsl)
    observed = 1e6 * float(np.mean(outside))
    if distribution != "normal":
        if chance is None:
            raise ValueError("intervals of a distribution that is not normal are drawn: give chance")
        with np.errstate(all="ignore"):  # of few values even absurd laws are among the draws
            found = quantiles(x, distribution, chance, _DRAWS, (spec.lsl, spec.usl))
            return _by_quantiles(found, spec, confidence, observed, distribution)
    overall = deviation(x)
    if overall == 0:
        raise ValueError("the values do not vary, so there is no capability")
    whole = indices(Process(mean(x), within[0], overall, x.size, within[1]), spec, confidence)
    return Capability(
        whole.cp, whole.cpk, whole.pp, whole.ppk, whole.cpm, whole.ppm_within, whole.ppm_overall, observed
    )


def indices(process: Process, spec: Spec, confidence: float = CONFIDENCE) -> Capability:
    """The indices of a normal process, from its mean and both sigmas."""
    n, rest = process.n, process.n - 1.0
    cp, cpk = _pair(process.mean, process.within, spec, n, process.freedom, confidence)
    pp, ppk = _pair(process.mean, process.overall, spec, n, rest, confidence)
    off = process.mean - spec.aim
    cpm = (spec.usl - spec.lsl) / (6 * math.hypot(process.overall, off))
    a = (off / process.overall) ** 2
    boyles = n * (1 + a) ** 2 / (1 + 2 * a) if rest > 0 else math.nan
    return Capability(
        cp,
        cpk,
        pp,
        ppk,
        _chi2_interval(cpm, boyles, confidence),
        _outside(process.mean, process.within, spec),
        _outside(process.mean, process.overall, spec),
    )


def _pair(
    middle: float, sigma: float, spec: Spec, n: int, freedom: float, confidence: float
) -> tuple[Index, Index]:
    """Width against 6 sigma, and the nearer limit against 3."""
    width = (spec.usl - spec.lsl) / (6 * sigma)
    near = np.nanmin([spec.usl - middle, middle - spec.lsl]) / (3 * sigma)
    z = float(normal_ppf((1 + confidence) / 2))
    reach = z * math.sqrt(1 / (9 * n) + (0.0 if math.isinf(freedom) else near**2 / (2 * freedom)))
    return _chi2_interval(width, freedom, confidence), Index(
        float(near), float(near - reach), float(near + reach)
    )


def _chi2_interval(value: float, freedom: float, confidence: float) -> Index:
    if math.isinf(freedom):
        return Index(value, value, value)
    low, high = (float(chi2_ppf(p, freedom)) for p in ((1 - confidence) / 2, (1 + confidence) / 2))
    return Index(value, value * math.sqrt(low / freedom), value * math.sqrt(high / freedom))


def _outside(middle: float, sigma: float, spec: Spec) -> float:
    """Expected parts per million."""
    above, below = normal_sf((spec.usl - middle) / sigma), normal_cdf((spec.lsl - middle) / sigma)
    return 1e6 * float(np.nansum([above, below]))


def _by_quantiles(
    found: Quantiles, spec: Spec, confidence: float, observed: float, distribution: str
) -> Capability:
    def index(made: Callable[[Floats], Floats]) -> Index:
        value = float(made(found.at))
        if math.isnan(value):
            return Index()
        low, high = np.quantile(made(found.draws), [(1 - confidence) / 2, (1 + confidence) / 2])
        return Index(value, float(low), float(high))

    def pp(q: Floats) -> Floats:
        return (spec.usl - spec.lsl) / (q[..., 2] - q[..., 0])

    def ppk(q: Floats) -> Floats:
        upper = (spec.usl - q[..., 1]) / (q[..., 2] - q[..., 1])
        lower = (q[..., 1] - spec.lsl) / (q[..., 1] - q[..., 0])
        return np.fmin(upper, lower)

    def cpm(q: Floats) -> Floats:
        return (spec.usl - spec.lsl) / (6 * np.hypot((q[..., 2] - q[..., 0]) / 6, q[..., 1] - spec.aim))

    expected = 1e6 * float(np.nansum([found.above, found.below]))
    return Capability(
        Index(), Index(), index(pp), index(ppk), index(cpm), math.nan, expected, observed, distribution
    )

"""The three quantiles that capability is measured by, of a process that need not be normal. Pure.

ISO 22514-2 takes the range from 0.135 % to 99.865 % as the process's spread, whatever its distribution, and the
median as its location; for a normal these are mean -+ 3 sigma and the mean. The quantiles come of a fitted lognormal
or Weibull distribution, or of the values themselves, where there are enough of them to know 0.135 %. (Clements 1989
reads the same quantiles off fitted Pearson curves.) Each comes with draws of what it might be as well, for intervals.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from gateway.spc.track import Floats
from gateway.stats.special import normal_cdf, normal_sf
from gateway.stats.sums import deviation, mean

LOW, MIDDLE, HIGH = 0.00134989803163, 0.5, 0.99865010196837  # of a normal at -3, 0 and 3 sigma
_PROBABILITIES = np.array([LOW, MIDDLE, HIGH])
ENOUGH = 1000  # values that know 0.135 % themselves: the 741st part would be the very least of them
DISTRIBUTIONS = ("normal", "lognormal", "weibull", "empirical")


@dataclass(frozen=True, slots=True, eq=False)
class Quantiles:
    """At 0.135, 50 and 99.865 %."""

    at: Floats  # [3]
    draws: Floats  # [draws, 3]
    above: float  # share expected above the upper specification limit; nan without one
    below: float


def quantiles(
    x: Floats, distribution: str, chance: np.random.Generator, draws: int, limits: tuple[float, float]
) -> Quantiles:
    """Of single values. `limits` are (lsl, usl), nan where there is none. Raises ValueError where no law fits."""
    if distribution == "empirical":
        return _empirical(x, chance, draws, limits)
    if (x <= 0).any():
        raise ValueError(f"a {distribution} distribution has values above 0 only")
    logs = np.log(x)
    return (_lognormal if distribution == "lognormal" else _weibull)(logs, chance, draws, limits)


def _empirical(x: Floats, chance: np.random.Generator, draws: int, limits: tuple[float, float]) -> Quantiles:
    if x.size < ENOUGH:
        raise ValueError(
            f"{x.size} values do not know their 0.135 % quantile: {ENOUGH} do; or name a distribution"
        )
    ordered = np.sort(x)
    lsl, usl = limits
    gaps = np.diff(np.array([0.0, *_PROBABILITIES, 1.0])) * (x.size + 1)
    places = np.cumsum(chance.dirichlet(gaps, draws)[:, :3], axis=1)  # where the true quantiles may lie
    positions = np.arange(1, x.size + 1) / (x.size + 1)
    at, drawn = np.interp(_PROBABILITIES, positions, ordered), np.interp(places, positions, ordered)
    above = math.nan if math.isnan(usl) else float(np.mean(x > usl))
    return Quantiles(at, drawn, above, math.nan if math.isnan(lsl) else float(np.mean(x < lsl)))


def _lognormal(
    logs: Floats, chance: np.random.Generator, draws: int, limits: tuple[float, float]
) -> Quantiles:
    middle, spread, n = mean(logs), deviation(logs), logs.size
    z = np.array([-3.0, 0.0, 3.0])
    spreads = spread * np.sqrt((n - 1) / chance.chisquare(n - 1, draws))
    middles = middle + spreads * chance.standard_normal(draws) / math.sqrt(n)
    drawn = np.exp(middles[:, None] + spreads[:, None] * z)
    lsl, usl = ((math.log(each) if each > 0 else -math.inf if each <= 0 else each) for each in limits)
    return Quantiles(
        np.exp(middle + spread * z),
        drawn,
        float(normal_sf((usl - middle) / spread)),
        float(normal_cdf((lsl - middle) / spread)),
    )


def _weibull(logs: Floats, chance: np.random.Generator, draws: int, limits: tuple[float, float]) -> Quantiles:
    """By maximum likelihood; the draws by its large-sample covariance (Lawless 1982, 4.1)."""
    shape, scale = weibull_fit(logs)
    n = logs.size
    root = np.linalg.cholesky(
        np.array([[1.108665 / shape**2, 0.257022], [0.257022, 0.607927 * shape**2]]) / n
    )
    log_scales, shapes = (np.array([math.log(scale), shape]) + chance.standard_normal((draws, 2)) @ root.T).T
    far = np.log(-np.log1p(-_PROBABILITIES))
    drawn = np.exp(log_scales[:, None] + far / np.maximum(shapes, shape / 100)[:, None])
    lsl, usl = ((each / scale if each > 0 else 0.0 if each <= 0 else each) for each in limits)
    above, below = math.exp(-(usl**shape)), -math.expm1(-(lsl**shape))
    return Quantiles(np.exp(math.log(scale) + far / shape), drawn, above, below)


def weibull_fit(logs: Floats) -> tuple[float, float]:
    """Shape and scale of greatest likelihood, of the logarithms of the values. Raises ValueError if all are equal."""
    middle = mean(logs)
    off = logs - middle
    if not off.any():
        raise ValueError("the samples do not vary")
    low, high = 1e-3 / deviation(logs), 1e3 / deviation(logs)
    for _ in range(200):  # halving: the equation rises with the shape
        shape = math.sqrt(low * high)
        weights = np.exp(shape * (off - off.max()))
        if float(np.dot(weights, off) / weights.sum()) - 1.0 / shape > 0:
            high = shape
        else:
            low = shape
        if high / low < 1 + 1e-14:
            break
    shape = math.sqrt(low * high)
    peak = off.max()
    scale = math.exp(middle + peak + math.log(float(np.mean(np.exp(shape * (off - peak))))) / shape)
    return shape, scale

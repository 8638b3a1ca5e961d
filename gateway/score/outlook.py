"""When a store will be empty, and when a characteristic that trends will reach its limit, each with its interval.

Both are a level and a slope. The slope is an ordinary least squares fit to hourly means; the interval of the time is
Fieller's for the ratio of two estimates (E. C. Fieller, J. R. Statist. Soc. B 16, 1954, 175-185), here of the way that
is left by the slope, which come from one fit. It is open above where the slope may as well be 0. Hourly means are
closer to independent than readings; what is left of their correlation would make the interval too narrow. So variances
are multiplied by (1 + r) / (1 - r) of the residuals' lag-one correlation r, as that of a mean of such a series is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from gateway.journal import JournalReader
from gateway.score.flows import Flows
from gateway.score.stock import Stock, stock_at
from gateway.score.stores import Stream, stores_of, streams_of
from gateway.site import Characteristic, Site
from gateway.stats.special import t_ppf

Floats = NDArray[np.float64]
HOUR_NS = 3_600_000_000_000
CONFIDENCE = 0.9
SIGNIFICANT = 3.0  # of slope by its standard error: with less nothing trends
FEWEST = 8  # hours with readings


@dataclass(frozen=True, slots=True)
class Fit:
    """A straight line through hourly means; `level` is where it is now."""

    level: float
    slope: float  # an hour
    level_se: float
    slope_se: float
    both: float  # covariance of the two
    hours: int

    @property
    def trends(self) -> bool:
        return self.slope_se == 0.0 or abs(self.slope) > SIGNIFICANT * self.slope_se


@dataclass(frozen=True, slots=True)
class Arrival:
    """Hours until a line reaches a value."""

    hours: float
    low: float
    high: float  # infinite: it may never


def fit(hours: Sequence[float], values: Sequence[float]) -> Fit | None:
    """Least squares, with standard errors widened for correlation; None of fewer than eight points.

    `hours` are from now: negative.
    """
    x, y = np.asarray(hours, dtype=np.float64), np.asarray(values, dtype=np.float64)
    n = len(x)
    if n < FEWEST or float(np.ptp(x)) == 0.0:
        return None
    mean = float(x.mean())
    sxx = float(((x - mean) ** 2).sum())
    slope = float(((x - mean) * (y - y.mean())).sum()) / sxx
    level = float(y.mean()) - slope * mean
    rest = y - level - slope * x
    var = float((rest**2).sum()) / (n - 2)
    if var <= 1e-18 * max(1.0, float(np.abs(y).max()) ** 2):
        var = 0.0
    lag = float((rest[1:] * rest[:-1]).sum() / (rest**2).sum()) if var else 0.0
    lag = min(max(lag, 0.0), 0.9)
    var *= (1.0 + lag) / (1.0 - lag)
    return Fit(
        level, slope, math.sqrt(var * (1.0 / n + mean**2 / sxx)), math.sqrt(var / sxx), -var * mean / sxx, n
    )


def arrival(line: Fit, value: float) -> Arrival | None:
    """When the line is at a value, with its 90 % interval by Fieller; None where it does not trend towards it."""
    way = value - line.level
    if not line.trends or line.slope == 0.0 or way / line.slope < 0.0:
        return None
    hours = way / line.slope
    t = _t(line.hours - 2)
    g = (t * line.slope_se / line.slope) ** 2
    if g >= 1.0:
        return Arrival(hours, 0.0, math.inf)
    # of (value - level) / slope; the covariance of numerator and denominator is -both
    v11, v22, v12 = line.level_se**2, line.slope_se**2, -line.both
    inner = v11 - 2.0 * hours * v12 + hours**2 * v22 - g * (v11 - v12**2 / v22) if v22 else v11
    middle = hours - (g * v12 / v22 if v22 else 0.0)
    half = t / abs(line.slope) * math.sqrt(max(inner, 0.0))
    return Arrival(hours, max(0.0, (middle - half) / (1.0 - g)), (middle + half) / (1.0 - g))


@cache
def _t(df: int) -> float:
    """Student's t of the interval."""
    return float(t_ppf((1.0 + CONFIDENCE) / 2.0, df))


@dataclass(frozen=True, slots=True)
class Trend:
    """A characteristic on its way to a specification limit."""

    site: str
    characteristic: str
    tag: str
    limit: str  # "USL", "LSL"
    value: float
    line: Fit
    arrival: Arrival


def hourly(reader: JournalReader, tag: str, t0: int, t1: int) -> tuple[list[float], list[float]]:
    """Hours from t1 (the middle of each, negative) and means of good readings; hours without any are left out."""
    count = max(1, (t1 - t0) // HOUR_NS)
    found = reader.readings(tag, t1 - count * HOUR_NS, t1, int(count))
    there = np.flatnonzero(found.count > 0)
    return (there + 0.5 - count).tolist(), found.mean[there].tolist()


def trends(reader: JournalReader, site: Site, t0: int, t1: int) -> list[Trend]:
    """Characteristics with a specification limit that they move towards, the soonest first."""
    made = []
    for row in site.characteristics:
        line = fit(*hourly(reader, row.tag, t0, t1)) if row.usl is not None or row.lsl is not None else None
        if line is None:
            continue
        for name, limit in _limits(row):
            if limit is not None and (found := arrival(line, limit)):
                made.append(Trend(site.site, row.id, row.tag, name, limit, line, found))
    return sorted(made, key=lambda each: each.arrival.hours)


def _limits(row: Characteristic) -> tuple[tuple[str, float | None], ...]:
    return ("USL", row.usl), ("LSL", row.lsl)


@dataclass(frozen=True, slots=True)
class Emptying:
    """A store, and when it is empty if it goes on as in the last days."""

    site: str
    store: str
    material: str
    line: str
    stock: Stock
    kg_per_hour: float
    empty: Arrival | None  # None: nothing is taken


def emptying(flows: Flows, t0: int, t1: int) -> list[Emptying]:
    """Every store whose stock is known at t1, by what was taken out of it in [t0, t1); the soonest first."""
    site, span = flows.site, flows.reader.span()
    stores = stores_of(site)
    streams = streams_of(site, stores)
    made = []
    for store in stores:
        stock, _ = stock_at(flows, store, streams, t1, span[0] if span else t1)
        if stock is None:
            continue
        taken = [each for each in streams if each.store == store.name and each.sign < 0]
        rates = _hourly_out(flows, taken, t0, t1)
        mean = float(rates.mean()) if len(rates) else 0.0
        se = float(rates.std(ddof=1)) / math.sqrt(len(rates)) if len(rates) > 1 else math.inf
        made.append(
            Emptying(
                site.site,
                store.name,
                store.material,
                store.line,
                stock,
                mean,
                _empty(stock, mean, se, len(rates)),
            )
        )
    return sorted(made, key=lambda each: each.empty.hours if each.empty else math.inf)


def _hourly_out(flows: Flows, taken: Sequence[Stream], t0: int, t1: int) -> Floats:
    """Kilograms taken in each whole hour before t1, hours in which nothing ran included."""
    hours = max(1, (t1 - t0) // HOUR_NS)
    begin = t1 - hours * HOUR_NS
    sums = np.zeros(hours)
    for stream in taken:
        for time_ns, amounts in flows.meter(stream.meter, t0, t1).moves:
            if begin <= time_ns < t1:
                sums[(time_ns - begin) // HOUR_NS] += amounts[stream.part] * stream.share
    return sums


def _empty(stock: Stock, rate: float, se: float, hours: int) -> Arrival | None:
    """Fieller again, stock and rate independent."""
    if rate <= 0.0 or hours < 2:
        return None
    way = stock.kg / rate
    t = _t(hours - 1)
    g = (t * se / rate) ** 2
    if g >= 1.0:
        return Arrival(way, 0.0, math.inf)
    half = t / rate * math.sqrt(max(stock.sigma_kg**2 * (1.0 - g) + way**2 * se**2, 0.0))
    return Arrival(way, max(0.0, (way - half) / (1.0 - g)), (way + half) / (1.0 - g))

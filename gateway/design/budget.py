"""One number of false alarms a day for a whole site, split over its charts. Pure.

An expected number of alarms is a sum, and a sum does not ask whether its terms are independent: charts of tags that
move together alarm together, on fewer days and several at once, and their number a day is the same. So each chart gets
its part of the budget, and keeps it alone by an ARL0.

A false alarm is counted as `gateway.bank` raises one: a rule that speaks while no alarm of that chart is up. It returns
after `STAY` samples without a rule, and the chart begins anew (docs/explanation/budget.md says why), so that alarms of
one chart are a renewal process. From one to the next it takes the mean run length to the signal and the stay of the
alarm: ``samples_per_day / (arl0 + STAY)`` a day. That an alarm stays a few samples more where the statistic lingers
beyond its limit makes fewer alarms, by a share of the order of 1 / arl0.

>>> [round(arl0) for arl0 in split(1.0, [Stream(1440.0), Stream(86400.0), Stream(24.0, charts=2)])]
[4312, 259192, 136]
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

STAY = 8.0
"""Samples for which an alarm is up at least: as many in a row without a rule end it (`gateway.bank.bank`)."""


@dataclass(frozen=True, slots=True)
class Stream:
    """A characteristic as the budget sees it."""

    samples_per_day: float
    weight: float = 1.0  # its part of the budget, relative to the others'
    charts: int = 1  # that watch it, each with alarms of its own; they share its part alike
    name: str = ""  # for messages


def split(budget_per_day: float, streams: Sequence[Stream], stay: float = STAY) -> list[float]:
    """ARL0 in samples for each chart of each stream, such that all charts together give `budget_per_day` false alarms.

    Streams get parts by weight, however often they are sampled: a tag read every second is not worth sixty times the
    attention of one read every minute, it gets a limit further away. Raises ValueError for a budget or stream that
    makes no sense, and where a stream has too few samples to use up its part (then its ARL0 would be below 1).
    """
    if not (math.isfinite(budget_per_day) and budget_per_day > 0.0):
        raise ValueError("a budget must be a number of false alarms a day above 0")
    for place, stream in enumerate(streams):
        _check(place, stream)
    total = math.fsum(stream.weight for stream in streams)
    limits = []
    for place, stream in enumerate(streams):
        part = budget_per_day * stream.weight / total / stream.charts
        arl0 = stream.samples_per_day / part - stay
        if arl0 <= 1.0:
            most = stream.samples_per_day / (1.0 + stay) * stream.charts * total / stream.weight
            raise ValueError(
                f"{stream.name or f'stream {place}'} has {stream.samples_per_day:g} samples a day and cannot give its "
                f"part of {budget_per_day:g} false alarms: with it, a budget must be below {most:g}"
            )
        limits.append(arl0)
    return limits


def expected(streams: Sequence[Stream], arl0: Sequence[float], stay: float = STAY) -> float:
    """False alarms a day of charts with these ARL0s: the way back from `split`, for charts that keep their own limits.

    Raises ValueError where there is not one ARL0, of at least 1, for each stream.
    """
    if len(streams) != len(arl0):
        raise ValueError(f"{len(streams)} streams and {len(arl0)} ARL0s")
    if any(not each >= 1.0 for each in arl0):
        raise ValueError("an ARL0 is at least 1")
    return math.fsum(
        each.samples_per_day * each.charts / (run + stay) for each, run in zip(streams, arl0, strict=True)
    )


def _check(place: int, stream: Stream) -> None:
    if not (math.isfinite(stream.samples_per_day) and stream.samples_per_day > 0.0):
        raise ValueError(f"stream {place}: samples_per_day must be a number above 0")
    if not (math.isfinite(stream.weight) and stream.weight > 0.0):
        raise ValueError(f"stream {place}: weight must be a number above 0")
    if stream.charts < 1:
        raise ValueError(f"stream {place}: charts must be at least 1")

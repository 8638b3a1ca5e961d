"""Range, step and rate of a write. Pure.

Rates go by boottime alone, so that nobody gets another write by setting the clock. Of a write before the last boot it
is known only that it is older than this boot: it counts as made when the machine started.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from lotwatch_writer.allowed import Setpoint

HOUR_NS = 3_600_000_000_000
_SLACK = 1e-9  # of the step: 0.1 + 0.2 is no reason


class At(NamedTuple):
    """An instant that no clock setting moves."""

    boot: str
    boottime_ns: int

    def age_ns(self, now: At) -> int:
        """How long ago at least."""
        return now.boottime_ns - self.boottime_ns if self.boot == now.boot else now.boottime_ns


def beyond(setpoint: Setpoint, value: float) -> str:
    """Why a value is out of range; "" if it is not."""
    if not setpoint.low <= value <= setpoint.high:
        return f"{value:g} {setpoint.uom} is not from {setpoint.low:g} to {setpoint.high:g}"
    return ""


def too_far(setpoint: Setpoint, held: float, value: float) -> str:
    """Why the step from what the device holds is too great; "" if it is not. Nan: it holds no number."""
    change = abs(value - held)
    if change <= setpoint.step * (1 + _SLACK):
        return ""
    if change != change:  # noqa: PLR0124 # nan
        return "the device holds no number there: the step to a value cannot be judged"
    return (
        f"the device holds {held:g} {setpoint.uom}, and {value:g} is {change:g} from it: "
        f"{setpoint.step:g} at once at most"
    )


def too_soon(setpoint: Setpoint, writes: Iterable[At], now: At) -> str:
    """Why another write of this setpoint would be one too many; "" if it would not."""
    ages = sorted(each.age_ns(now) for each in writes)
    if ages and ages[0] < setpoint.interval_ns:
        return f"the last write was {_s(ages[0])} s ago: {_s(setpoint.interval_ns)} s lie between two"
    recent = [age for age in ages if age < HOUR_NS]
    if len(recent) >= setpoint.per_hour:
        wait = HOUR_NS - recent[setpoint.per_hour - 1]
        return f"{len(recent)} writes in the last hour, {setpoint.per_hour} at most: again in {_s(wait)} s"
    return ""


def _s(ns: int) -> str:
    return f"{ns / 1e9:.0f}"

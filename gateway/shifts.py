"""Which shift, plant day, ISO week and month an instant belongs to. Pure: the zone's offsets come in the rows.

A plant day begins with its first shift and is named by the local date on which that one begins: a night shift from
22:00 to 06:00 belongs to the day on which it began. Weeks are those of ISO 8601 (Monday first; week 1 has the year's
first Thursday). A shift is as long as the clocks make it: 7 or 9 hours of 8 when they change. A time of day that occurs
twice is the first one; one that is skipped is reckoned by the offset before the change (PEP 495).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from gateway.site import Shifts

_SECOND_NS = 1_000_000_000
_MINUTE_NS = 60 * _SECOND_NS
_DAY_NS = 1440 * _MINUTE_NS
_EPOCH = date(1970, 1, 1).toordinal()
_YEARS = range(
    1700, 2200
)  # nanoseconds in 64 bits reach from 1678 to 2261, and who asks looks back some weeks
_WEEK = re.compile(r"(\d{4})-W(\d{2})")
_MONTH = re.compile(r"(\d{4})-(\d{2})")


class Shift(NamedTuple):
    """One shift of one plant day: [from_ns, to_ns)."""

    name: str
    team: str  # "": the site names none, or nobody's turn
    day: str  # plant day, ISO date
    from_ns: int
    to_ns: int


class Span(NamedTuple):
    """Whole plant days: [from_ns, to_ns)."""

    from_ns: int
    to_ns: int


def offset_ns(shifts: Shifts, time_ns: int) -> int:
    """Local time less UTC at an instant."""
    at = bisect_right(shifts.offsets, (time_ns, 1 << 62)) - 1
    return shifts.offsets[max(0, at)][1] * _SECOND_NS


def shift_at(shifts: Shifts, time_ns: int) -> Shift:
    """The shift that an instant lies in."""
    day = (
        _local_day(shifts, time_ns) - 1
    )  # a shift may have begun the day before, and clocks may have changed
    while time_ns >= _start(shifts, day + 1, 0):
        day += 1
    index = 0
    while index + 1 < len(shifts.starts) and time_ns >= _start(shifts, day, index + 1):
        index += 1
    return _shift(shifts, day, index)


def shifts_of(shifts: Shifts, from_ns: int, to_ns: int) -> Iterator[Shift]:
    """Every shift that begins in [from_ns, to_ns), in order."""
    day = _local_day(shifts, from_ns) - 1
    while _start(shifts, day, 0) < to_ns:
        for index in range(len(shifts.starts)):
            made = _shift(shifts, day, index)
            if from_ns <= made.from_ns < to_ns:
                yield made
        day += 1


def plant_day(shifts: Shifts, time_ns: int) -> str:
    """ISO date of the plant day of an instant."""
    return shift_at(shifts, time_ns).day


def week_at(shifts: Shifts, time_ns: int) -> str:
    """ISO week of the plant day, such as "2026-W46"."""
    year, week, _ = date.fromisoformat(plant_day(shifts, time_ns)).isocalendar()
    return f"{year:04d}-W{week:02d}"


def month_at(shifts: Shifts, time_ns: int) -> str:
    """Month of the plant day, such as "2026-10"."""
    return plant_day(shifts, time_ns)[:7]


def day_span(shifts: Shifts, day: str) -> Span:
    """A plant day. Raises ValueError for what is no date, or too far away."""
    return _days(shifts, date.fromisoformat(day), date.fromisoformat(day).toordinal() + 1)


def week_span(shifts: Shifts, week: str) -> Span:
    """An ISO week, such as "2026-W46". Raises ValueError for what is none, or too far away."""
    found = _WEEK.fullmatch(week)
    try:
        monday = date.fromisocalendar(int(found[1]), int(found[2]), 1) if found else None
    except ValueError:
        monday = None
    if monday is None:
        raise ValueError(f'"{week}" is not an ISO week such as 2026-W46')
    return _days(shifts, monday, monday.toordinal() + 7)


def month_span(shifts: Shifts, month: str) -> Span:
    """A calendar month, such as "2026-10". Raises ValueError for what is none, or too far away."""
    found = _MONTH.fullmatch(month)
    if not found or not 1 <= int(found[2]) <= 12 or not 1 <= int(found[1]) < 9999:
        raise ValueError(f'"{month}" is not a month such as 2026-10')
    year, number = int(found[1]), int(found[2])
    after = date(year + number // 12, number % 12 + 1, 1)
    return _days(shifts, date(year, number, 1), after.toordinal())


def weeks_before(week: str, count: int) -> str:
    """The week so many before (a negative count: after). Raises ValueError for what is no week."""
    found = _WEEK.fullmatch(week)
    if not found:
        raise ValueError(f'"{week}" is not an ISO week such as 2026-W46')
    monday = date.fromisocalendar(int(found[1]), int(found[2]), 1).toordinal()
    year, number, _ = date.fromordinal(monday - 7 * count).isocalendar()
    return f"{year:04d}-W{number:02d}"


def months_before(month: str, count: int) -> str:
    """The month so many before (a negative count: after)."""
    whole = int(month[:4]) * 12 + int(month[5:]) - 1 - count
    return f"{whole // 12:04d}-{whole % 12 + 1:02d}"


def _days(shifts: Shifts, first: date, after: int) -> Span:
    if first.year not in _YEARS:
        raise ValueError(f'"{first}" is not in a year from {_YEARS[0]} to {_YEARS[-1]}')
    return Span(_start(shifts, first.toordinal() - _EPOCH, 0), _start(shifts, after - _EPOCH, 0))


def _local_day(shifts: Shifts, time_ns: int) -> int:
    return (time_ns + offset_ns(shifts, time_ns)) // _DAY_NS


def _shift(shifts: Shifts, day: int, index: int) -> Shift:
    last = index + 1 == len(shifts.starts)
    end = _start(shifts, day + 1, 0) if last else _start(shifts, day, index + 1)
    name = shifts.starts[index].name
    named = date.fromordinal(day + _EPOCH).isoformat()
    return Shift(name, _team(shifts, day, index), named, _start(shifts, day, index), end)


def _start(shifts: Shifts, day: int, index: int) -> int:
    """When a shift of a plant day begins; one before the first's time of day begins on the morrow."""
    minute = shifts.starts[index].start_min
    local = (day + (minute < shifts.starts[0].start_min)) * _DAY_NS + minute * _MINUTE_NS
    before = offset_ns(shifts, local - _DAY_NS)
    first = local - before
    # the offset a day earlier still holds unless the clocks have changed by then
    after = offset_ns(shifts, first)
    if after == before:
        return first
    second = local - after
    return second if offset_ns(shifts, second) == after else first


def _team(shifts: Shifts, day: int, index: int) -> str:
    teams = shifts.teams
    if teams is None:
        return ""
    return teams.rows[(day - teams.first_day) // teams.days % len(teams.rows)][index]

"""The site's day: zone, shifts and teams of the file to the row that the fold works by.

Offsets are looked up here, once: the fold and a replay on another machine never ask that machine's time zone files.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from gateway.config.draft import Draft
from gateway.site import Shifts, ShiftStart, Teams

_FROM = datetime(2020, 1, 1, tzinfo=UTC)
_UNTIL = datetime(2061, 1, 1, tzinfo=UTC)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_STEP = timedelta(days=9)  # shorter than any stretch between two changes of a zone's clocks
_MINUTE_NS = 60_000_000_000


def build_shifts(draft: Draft) -> Shifts:
    """One shift from midnight to midnight where the file names none."""
    model = draft.model
    rows = sorted(model.shifts, key=lambda row: row.start)
    first = model.day_starts
    if first is not None:
        known = [row.start for row in rows] or [first]
        if first not in known:
            draft.say(("day_starts",), "no shift begins then: a plant day begins with a shift")
        rows = [row for row in rows if row.start >= first] + [row for row in rows if row.start < first]
    starts = tuple(ShiftStart(row.name, row.start // _MINUTE_NS) for row in rows)
    starts = starts or (ShiftStart("day", (first or 0) // _MINUTE_NS),)
    return Shifts(model.time_zone, offsets(model.time_zone), starts, _teams(draft, len(starts)))


@cache
def offsets(zone: str) -> tuple[tuple[int, int], ...]:
    """When a zone's clocks change, from 2020 to 2060: (instant in ns, seconds east of UTC from then on).

    `zone` is an IANA name or ``+08:00``, as the config took it.
    """
    if zone[0] in "+-":
        hours, minutes = zone[1:].split(":")
        seconds = int(hours) * 3600 + int(minutes) * 60
        return ((0, -seconds if zone[0] == "-" else seconds),)
    clock = ZoneInfo(zone)
    found = [(0, _east(clock, _FROM))]
    at = _FROM
    while at < _UNTIL:
        if _east(clock, at + _STEP) != found[-1][1]:
            change = _change(clock, at, at + _STEP)
            found.append(((change - _EPOCH) // timedelta(seconds=1) * 1_000_000_000, _east(clock, change)))
        at += _STEP
    return tuple(found)


def _east(clock: ZoneInfo, at: datetime) -> int:
    return int((at.astimezone(clock).utcoffset() or timedelta()).total_seconds())


def _change(clock: ZoneInfo, low: datetime, high: datetime) -> datetime:
    """The first second of the offset that is in force at `high`; at `low` it is not."""
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) // timedelta(seconds=2) * timedelta(seconds=1)
        low, high = (low, middle) if _east(clock, middle) == _east(clock, high) else (middle, high)
    return high


def _teams(draft: Draft, shifts: int) -> Teams | None:
    row = draft.model.teams
    if row is None:
        return None
    for at, teams in enumerate(row.rows):
        if len(teams) != shifts:
            draft.say(("teams", "rows", at), f"has {len(teams)} teams, and a day has {shifts} shifts")
    return Teams(row.first_day, row.days, tuple(tuple(teams) for teams in row.rows))


def zone_ns(zone: str) -> int:
    """The last offset of a zone, in nanoseconds: for what knows one only."""
    return offsets(zone)[-1][1] * 1_000_000_000

"""What a site file says of its time zone and of whose turn it is."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import Field

from gateway.plan.closed import Closed
from gateway.plan.words import Kind, nearest, shown, whole, wrong

_OFFSET = re.compile(r"[+-](0[0-9]|1[0-4]):[0-5][0-9]")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TEAM = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


def _zone(value: Any) -> Any:
    if isinstance(value, str) and _OFFSET.fullmatch(value):
        return value
    try:
        return ZoneInfo(value).key if isinstance(value, str) and value else _no_zone(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return _no_zone(value)


def _no_zone(value: Any) -> Any:
    hint = nearest(value, sorted(available_timezones()))
    raise wrong(
        f'{shown(value)} is not a time zone such as Asia/Shanghai, nor an offset such as "+08:00"{hint}'
    )


def _day(value: Any) -> Any:
    try:
        found = _DAY.fullmatch(value) if isinstance(value, str) else None
        return (date.fromisoformat(found[0]) - date(1970, 1, 1)).days if found else _no_day(value)
    except ValueError:
        return _no_day(value)


def _no_day(value: Any) -> Any:
    raise wrong(f"{shown(value)} is not a date such as 2026-01-05")


def _team(value: Any) -> Any:
    if value is None or (isinstance(value, str) and _TEAM.fullmatch(value)):
        return value or ""
    raise wrong(f"{shown(value)} is not a team: lower-case letters, digits, _ and -, or ~ for nobody")


ZoneWord = Annotated[str, Kind(_zone, {"type": "string"})]
Day = Annotated[int, Kind(_day, {"type": "string", "format": "date"})]
"""Written ``2026-01-05``, held as days since 1970-01-01."""
Team = Annotated[str, Kind(_team, {"type": ["string", "null"], "pattern": f"^{_TEAM.pattern}$"})]


class TeamsRow(Closed):
    """Whose turn it is: rows that follow each other for ever."""

    first_day: Day = Field(
        description="plant day on which the first row comes into force, such as 2026-01-05"
    )
    days: Annotated[int, whole(1, 366)] = Field(
        1,
        description="days that a row is in force: 7 for a weekly rotation; 1 with seven rows is a week by days",
    )
    rows: list[list[Team]] = Field(
        min_length=1,
        max_length=366,
        description="the teams of a day, one a shift in the order of the plant day; `~` for nobody",
    )

"""When a material expires: the day that its code, or a fact of its lot, says. Pure.

The day is over at midnight UTC. GS1 General Specifications, 3.4.4 and 3.4.6: AI 15 is best before, AI 17 expires; day
00 is the last day of the month; the century is the one that makes the year nearest to now (7.12).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from gateway.codes.dates import full_year
from gateway.codes.identify import Understood, understand
from gateway.model import Plain

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:T.*)?")


def of_code(code: str, symbology: str, now_ns: int) -> int | None:
    """The instant from which the lot of a code is past its day; None where the code says no day."""
    said = understand(code, symbology)
    day = said.value("17", "15") if isinstance(said, Understood) else ""
    return None if not day else _end(_year(int(day[:2]), now_ns), int(day[2:4]), int(day[4:6]))


def of_facts(facts: Mapping[str, Plain], now_ns: int) -> int | None:
    """The same of a lot's fact "expiry": 2028-12-31, or YYMMDD as in a code."""
    said = facts.get("expiry")
    if not isinstance(said, str):
        return None
    if found := _ISO.fullmatch(said):
        year, month, day = (int(part) for part in found.groups())
    elif re.fullmatch(r"[0-9]{6}", said):
        year, month, day = _year(int(said[:2]), now_ns), int(said[2:4]), int(said[4:6])
    else:
        return None
    return _end(year, month, day)


def _year(two: int, now_ns: int) -> int:
    return full_year(two, (_EPOCH + timedelta(seconds=now_ns // 1_000_000_000)).year)


def _end(year: int, month: int, day: int) -> int | None:
    try:
        if day == 0:
            last = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
        else:
            last = datetime(year, month, day, tzinfo=UTC) + timedelta(days=1)
    except (ValueError, OverflowError):  # no such day: whoever read the code has said so
        return None
    return int((last - _EPOCH).total_seconds()) * 1_000_000_000

"""Times in EPCIS: ISO 8601 with an offset, in UTC where we write them. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_STAMP = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)  # RFC 3339, 5.6
_STAMPED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)


@lru_cache(maxsize=1024)  # an event's time is its record time, as a rule
def stamp(time_ns: int) -> str:
    """UTC with milliseconds, rounded half up.

    >>> stamp(1_800_000_000_000_500_000)
    '2027-01-15T08:00:00.001Z'
    """
    seconds, ms = divmod((time_ns + 500_000) // 1_000_000, 1000)
    return f"{_EPOCH + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%S}.{ms:03d}Z"


def nanoseconds(text: str) -> int:
    """Nanoseconds of a time with an offset. Raises ValueError.

    >>> nanoseconds("2027-01-15T09:00:00.000000001+01:00")
    1800000000000000001
    """
    found = _STAMP.fullmatch(text)
    if not found:
        raise ValueError("not a time such as 2026-11-21T08:00:00.000Z, with its offset")
    day, clock, fraction, offset = found.groups()
    moment = datetime.fromisoformat(f"{day}T{clock}{offset.upper().replace('Z', '+00:00')}")
    whole = (moment - _EPOCH) // timedelta(seconds=1)
    return whole * 1_000_000_000 + int((fraction or "0")[:9].ljust(9, "0"))


def milliseconds(text: str) -> str:
    """A time as the pre-hash string has it; what is none as it is (CBV 2.0, 8.9.2, rules 8 and 9)."""
    if _STAMPED.fullmatch(text):
        return text
    try:
        return stamp(nanoseconds(text.strip()))
    except ValueError:
        return text.strip()

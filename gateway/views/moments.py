"""Times as people and other programs read and write them: ISO 8601 in UTC. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FRACTION = re.compile(r"([.,])(\d+)")


def iso(time_ns: int) -> str:
    """ISO 8601 in UTC with nanoseconds.

    >>> iso(1_800_000_000_000_000_001)
    '2027-01-15T08:00:00.000000001Z'
    """
    seconds, rest = divmod(time_ns, 1_000_000_000)
    moment = _EPOCH + timedelta(seconds=seconds)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"


def instant(text: str) -> int:
    """Nanoseconds of an ISO 8601 time (UTC where it has no zone), all nine digits of it, or of a bare number.

    Raises ValueError, which says how to write one.

    >>> instant("2027-01-15T09:00:00.000000001+01:00") == instant("1800000000000000001")
    True
    >>> iso(instant("2027-01-15"))
    '2027-01-15T00:00:00.000000000Z'
    """
    if re.fullmatch(r"-?[0-9]{9,}", text):
        return int(text)
    found = _FRACTION.search(text)
    fraction = found.group(2)[:9].ljust(9, "0") if found else "0"
    try:
        moment = datetime.fromisoformat(_FRACTION.sub("", text))
    except ValueError as error:
        raise ValueError(f"{text}: write a time as 2026-11-21T08:00:00Z, or as nanoseconds") from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // timedelta(seconds=1) * 1_000_000_000 + int(fraction)

"""Times of day at a site: shifts, quiet hours, planned stops. Pure; local time is looked up in the site's own table."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

from gateway.site import PlannedStop, Shifts

DAY_NS = 86_400_000_000_000
_S = 1_000_000_000
_MINUTE_NS = 60 * _S
_THURSDAY = 3  # 1970-01-01


def zone_ns(shifts: Shifts, time_ns: int) -> int:
    """Local time less UTC, at an instant.

    >>> zone_ns(Shifts(offsets=((0, 3600), (1_000 * 10**9, 7200))), 999 * 10**9) // 10**9
    3600
    """
    at = bisect_right(shifts.offsets, (time_ns, 86_400 * 2)) - 1
    return shifts.offsets[max(at, 0)][1] * _S


def shift_at(shifts: Shifts, time_ns: int) -> tuple[str, int]:
    """The shift of an instant and when it began. Where clocks change, a shift begins by the clock that it ends with."""
    zone = zone_ns(shifts, time_ns)
    local = time_ns + zone
    midnight = local - local % DAY_NS
    starts = sorted((each.start_min * _MINUTE_NS, each.name) for each in shifts.starts)
    begun = [each for each in starts if midnight + each[0] <= local]
    start, name = begun[-1] if begun else starts[-1]
    return name, midnight + start - zone - (0 if begun else DAY_NS)


def within(shifts: Shifts, hours: Iterable[tuple[int, int]], time_ns: int) -> bool:
    """Whether an instant is in any of some hours of the day, [from, to) since midnight, over midnight too."""
    of_day = (time_ns + zone_ns(shifts, time_ns)) % DAY_NS
    return any(
        (start <= of_day < end) if start < end else (of_day >= start or of_day < end) for start, end in hours
    )


def stop_span(shifts: Shifts, stop: PlannedStop, time_ns: int) -> tuple[int, int] | None:
    """The stop that is on at an instant, or the next one: its beginning and end. None: there is none any more."""
    if not stop.days:
        return (stop.from_ns, stop.to_ns) if time_ns < stop.to_ns else None
    zone = zone_ns(shifts, time_ns)
    today = (time_ns + zone) // DAY_NS
    start, end = stop.hours
    for day in range(today - 1, today + 8):
        if (day + _THURSDAY) % 7 in stop.days:
            begins = day * DAY_NS + start - zone
            ends = day * DAY_NS + end - zone + (DAY_NS if end <= start else 0)
            if time_ns < ends:
                return begins, ends
    return None


def stopped(shifts: Shifts, stops: Iterable[PlannedStop], cell: str, time_ns: int) -> bool:
    """Whether a planned stop of a cell is on; of "" only one of the whole site."""
    for stop in stops:
        if stop.cells and cell not in stop.cells:
            continue
        span = stop_span(shifts, stop, time_ns)
        if span is not None and span[0] <= time_ns:
            return True
    return False

"""Quiet hours and planned stops: times of day at a site. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.shifts import offset_ns
from gateway.site import PlannedStop, Shifts

DAY_NS = 86_400_000_000_000
_THURSDAY = 3  # 1970-01-01


def within(shifts: Shifts, hours: Iterable[tuple[int, int]], time_ns: int) -> bool:
    """Whether an instant is in any of some hours of the day, [from, to) since midnight, over midnight too."""
    of_day = (time_ns + offset_ns(shifts, time_ns)) % DAY_NS
    return any(
        (start <= of_day < end) if start < end else (of_day >= start or of_day < end) for start, end in hours
    )


def stop_span(shifts: Shifts, stop: PlannedStop, time_ns: int) -> tuple[int, int] | None:
    """The stop that is on at an instant, or the next one: its beginning and end. None: there is none any more."""
    if not stop.days:
        return (stop.from_ns, stop.to_ns) if time_ns < stop.to_ns else None
    zone = offset_ns(shifts, time_ns)
    today = (time_ns + zone) // DAY_NS
    start, end = stop.hours
    for day in range(today - 1, today + 8):
        if (day + _THURSDAY) % 7 in stop.days:
            begins = day * DAY_NS + start - zone
            ends = day * DAY_NS + end - zone + (DAY_NS if end <= start else 0)
            if time_ns < ends:
                return begins, ends
    return None


def stops_on(shifts: Shifts, stops: Iterable[PlannedStop], time_ns: int) -> tuple[PlannedStop, ...]:
    """The stops that are on at an instant."""
    spans = ((stop, stop_span(shifts, stop, time_ns)) for stop in stops)
    return tuple(stop for stop, span in spans if span is not None and span[0] <= time_ns)


def stood_still_ns(shifts: Shifts, stops: Iterable[PlannedStop], cell: str, span: tuple[int, int]) -> int:
    """Nanoseconds of [t0, t1) in which a cell had a planned stop; stops that overlap count once."""
    t0, t1 = span
    parts: list[tuple[int, int]] = []
    for stop in stops:
        if not stopped((stop,), cell):
            continue
        at = t0
        while at < t1 and (found := stop_span(shifts, stop, at)) is not None and found[0] < t1:
            parts.append((max(found[0], t0), min(found[1], t1)))
            at = found[1]
    still, end = 0, t0
    for start, stop_ns in sorted(parts):
        still += max(stop_ns - max(start, end), 0)
        end = max(end, stop_ns)
    return still


def stopped(on: Iterable[PlannedStop], cell: str) -> bool:
    """Whether one of these stops is of a cell; of "" only one of the whole site."""
    return any(not stop.cells or cell in stop.cells for stop in on)

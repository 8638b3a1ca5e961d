"""A late scan shows that other lots were in an alarm than it named. Pure.

What was told stays: the alarm gets a new version with the lots as they are known now, and an event names the version
that is amended. Alarms that closed of late are amended too, and stay closed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from gateway.alarms.machine import joined
from gateway.alarms.values import Alarm, Alarms, Told
from gateway.model import Noted, Plain, Severity

Exchanged = Callable[[str, int, int], tuple[tuple[str, ...], tuple[str, ...]]]
"""Of a cell and a span of wire time, ends included: lots that are in it now and were not, and the other way round."""


def amended(alarms: Alarms, exchanged: Exchanged, time_ns: int, by: str) -> tuple[Alarms, tuple[Told, ...]]:
    """`by`: the code that was scanned late."""
    events: list[Told] = []
    for alarm in list(alarms.values()):
        if (new := _amended(alarm, exchanged, time_ns, by, events)) is not alarm:
            alarms = alarms.put(new)
    past = tuple(_amended(alarm, exchanged, time_ns, by, events) for alarm in alarms.past)
    return replace(alarms, past=past) if events else alarms, tuple(events)


def _amended(alarm: Alarm, exchanged: Exchanged, time_ns: int, by: str, events: list[Told]) -> Alarm:
    added, removed = exchanged(alarm.cause.cell, alarm.first_ns, alarm.last_ns)
    added = tuple(lot for lot in added if lot not in alarm.lots)
    removed = tuple(lot for lot in removed if lot in alarm.lots)
    if not alarm.cause.tag or not (added or removed):  # without a tag it names no lots at all
        return alarm
    facts: dict[str, Plain] = {"lots_added": list(added), "lots_removed": list(removed), "code": by}
    lots = joined(tuple(lot for lot in alarm.lots if lot not in removed), added)
    new = replace(
        alarm, version=alarm.version + 1, lots=lots, facts={**alarm.facts, "amends": alarm.version, **facts}
    )
    about: dict[str, Plain] = {"version": alarm.version, **facts}
    events += (new.told(time_ns), Noted(time_ns, "alarm_amended", alarm.id, Severity.WARNING, about))
    return new

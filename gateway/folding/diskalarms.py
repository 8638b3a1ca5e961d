"""The alarms that the disk of the box fills; the shell measures, as a Setting "disk", and the fold decides. Pure.

Each level is an alarm of its own, as HH is beside H, and the lower one weighs more. It returns when there is `BACK`
more than its level, so that a disk at the level does not call again and again.
"""

from __future__ import annotations

from gateway.alarms import Alarms, Cause, raised, returned
from gateway.model import Event, Plain, Setting, Severity
from gateway.sentences import DiskLow, sentences

DISK = "disk"  # kind of Setting: ``{"bytes": of the disk, "free": bytes}``
LEVELS = ((20, Severity.INFO), (10, Severity.WARNING), (5, Severity.ALARM))
"""Percent of the disk that is free, below which each is raised."""

BACK = 2  # percent more, at which it returns


def causes(gateway: str) -> tuple[tuple[int, Cause], ...]:
    """What the alarms of a gateway are about, by level."""
    return tuple((level, Cause(f"disk_{level}", gateway, severity)) for level, severity in LEVELS)


def names(gateway: str) -> set[str]:
    """Of those causes."""
    return {cause.name for _, cause in causes(gateway)}


def measured(alarms: Alarms, gateway: str, given: Setting) -> tuple[Alarms, tuple[Event, ...]]:
    """Raised, or returned, or as they were between the two."""
    whole, free = given.body.get("bytes"), given.body.get("free")
    if not (isinstance(whole, int) and isinstance(free, int) and whole > 0):
        return alarms, ()
    events: list[Event] = []
    told: tuple[Event, ...]
    for level, cause in causes(gateway):
        there = alarms.there(cause.name)
        if 100 * free < level * whole and not there:
            facts: dict[str, Plain] = {"free": free, "bytes": whole}
            facts |= sentences(DiskLow(given.at.time_ns, gateway, level, free, whole))
            alarms, told = raised(alarms, cause, given.at, (), facts)
        elif 100 * free >= (level + BACK) * whole and there:
            alarms, told = returned(alarms, cause.name, given.at)
        else:
            continue
        events += told
    return alarms, tuple(events)

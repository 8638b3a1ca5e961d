"""What the holds room finds, as alarms with their sentences. Pure.

One alarm stands for a rule at a cell, one for a held lot, however many boxes they concern: their lots grow. A rule's
alarm returns when the next lot of the cell keeps it; that of a held lot when it is released, that of material in use
when it is taken off; what has left the site when somebody has answered for it.
"""

from __future__ import annotations

from collections.abc import Mapping

from gateway.alarms import Alarm, Alarms, Cause, cleared, raised, returned
from gateway.holds import Cleared, Concerned, Finding, Free, Left, Ruled, Used, worst
from gateway.model import AlarmChanged, Event, Instant, Noted, Plain, Severity
from gateway.sentences import (
    AboutLots,
    HeldShipped,
    MadeOfHeld,
    MaterialUsed,
    RuleBroken,
    ScanLate,
    ShippedSuspect,
    sentences,
)

BROKEN, POSSIBLE = "lot_rule", "lot_rule_possible"
MADE_OF_HELD, SUSPECT, SHIPPED = "lot_made_of_held", "shipped_suspect", "shipped_held"
IN_USE = {"held": "material_held", "expired": "material_expired"}
LATE = "scan_late"
KINDS = frozenset({BROKEN, POSSIBLE, MADE_OF_HELD, SUSPECT, SHIPPED, LATE, *IN_USE.values()})
"""Kinds of alarm of this file."""
ANSWERED = frozenset({SUSPECT, SHIPPED, LATE, IN_USE["expired"]})
"""Those that are over when somebody has answered for them: nothing undoes what they are about."""


def of_lots(name: str) -> bool:
    """Whether an alarm, by the name of its cause, is one of these: no change of a plan ends it."""
    return name.partition(" ")[0] in KINDS


Told = tuple[Alarms, tuple[Event, ...]]


def told(alarms: Alarms, found: Finding, at: Instant) -> Told:
    """What a finding does to the alarms."""
    match found:
        case Ruled():
            return _ruled(alarms, found, at)
        case Cleared():
            return _cleared(alarms, found, at)
        case Concerned():
            return _concerned(alarms, found, at)
        case Used():
            said = MaterialUsed(at.time_ns, found.lot, found.cell, found.why == "expired", found.reason)
            cause = Cause(IN_USE[found.why], found.lot, Severity.ALARM, key=found.cell, at=found.cell)
            return _raise(alarms, cause, at, (found.lot,), said, {**found.facts, "reason": found.reason})
        case Left():
            left = HeldShipped(at.time_ns, found.lot, found.cell, found.reason)
            cause = Cause(SHIPPED, found.lot, Severity.ALARM, at=found.cell)
            return _raise(alarms, cause, at, (found.lot,), left, {"reason": found.reason})
        case Free():
            return _free(alarms, found.lot, at)


def late(alarms: Alarms, point: str, cell: str, lot: str, at: Instant, seconds: float) -> Told:
    """A scan came later than its point allows."""
    said = ScanLate(at.time_ns, point, lot, seconds)
    cause = Cause(LATE, point, Severity.WARNING, at=cell)
    return _raise(alarms, cause, at, (lot,), said, {"late_seconds": seconds})


def taken_off(alarms: Alarms, lot: str, cell: str, at: Instant) -> Told:
    """A lot no longer feeds a cell."""
    events: tuple[Event, ...] = ()
    for kind in IN_USE.values():
        alarms, more = returned(alarms, Cause(kind, lot, Severity.ALARM, key=cell).name, at)
        events = (*events, *more)
    return alarms, events


def answered(alarms: Alarms, alarm: Alarm, at: Instant) -> Told:
    """Somebody has answered for an alarm that nothing else ends."""
    if alarm.cause.kind not in ANSWERED:
        return alarms, ()
    return returned(alarms, alarm.cause.name, at, at_once=True)


def _ruled(alarms: Alarms, found: Ruled, at: Instant) -> Told:
    sure = any(breach.sure for breach in found.breaches)
    events: tuple[Event, ...] = ()
    if found.shipped and sure:
        return _shipped(alarms, found, at)
    for kind, over in ((BROKEN, not sure), (POSSIBLE, not found.breaches or sure)):
        if over and found.version == 1:
            alarms, more = returned(alarms, Cause(kind, found.rule, Severity.ALARM, key=found.cell).name, at)
            events = (*events, *more)
    if not found.breaches:
        return alarms, events
    first = worst(found.breaches)
    said = RuleBroken(
        at.time_ns, found.lot, found.rule, first.what, first.low, first.high, first.limit, first.sure,
        found.held, first.about,
    )  # fmt: skip
    kind, severity = (BROKEN, Severity.ALARM) if sure else (POSSIBLE, Severity.WARNING)
    cause = Cause(kind, found.rule, severity, reaction=found.reaction, key=found.cell, at=found.cell)
    facts: dict[str, Plain] = {"rule": found.rule, **first.plain()}
    alarms, new = _raise(alarms, cause, at, (found.lot,), said, facts, found.reaction_zh)
    return alarms, (*events, *new)


def _shipped(alarms: Alarms, found: Ruled, at: Instant) -> Told:
    cause = Cause(SUSPECT, found.rule, Severity.ALARM, reaction=found.reaction, key=found.cell, at=found.cell)
    facts: dict[str, Plain] = {"rule": found.rule, **worst(found.breaches).plain()}
    said = ShippedSuspect(at.time_ns, found.lot, found.rule)
    alarms, events = _raise(alarms, cause, at, (found.lot,), said, facts, found.reaction_zh)
    note = Noted(
        at.time_ns,
        "lot_suspect",
        found.lot,
        Severity.ALARM,
        {"by": "rule", "about": found.rule, "cell": found.cell, **worst(found.breaches).plain()},
    )
    return alarms, (note, *events)


def _cleared(alarms: Alarms, found: Cleared, at: Instant) -> Told:
    names = [
        Cause(kind, found.rule, Severity.ALARM, key=found.cell).name for kind in (BROKEN, POSSIBLE, SUSPECT)
    ]
    alarms, events = cleared(alarms, names, found.lot, at.time_ns)
    facts: dict[str, Plain] = {"rule": found.rule, "cell": found.cell}
    facts["alarms"] = [event.alarm for event in events if isinstance(event, AlarmChanged)]
    note = Noted(at.time_ns, "lot_cleared", found.lot, Severity.INFO, facts)
    return alarms, (note, *events)


def _concerned(alarms: Alarms, found: Concerned, at: Instant) -> Told:
    events: tuple[Event, ...] = ()
    for kind, lots in ((MADE_OF_HELD, found.held), (SUSPECT, found.shipped)):
        if not lots:
            continue
        said = MadeOfHeld(at.time_ns, found.source, found.reason, lots, kind == SUSPECT)
        facts: dict[str, Plain] = {"source": found.source, "reason": found.reason}
        if len(lots) > 1:
            facts["count"] = len(lots)
        cause = Cause(kind, found.source, Severity.ALARM)
        alarms, more = _raise(alarms, cause, at, lots, said, facts)
        events = (*events, *more)
    return alarms, events


def _free(alarms: Alarms, lot: str, at: Instant) -> Told:
    events: tuple[Event, ...] = ()
    for alarm in list(alarms.values()):
        cause = alarm.cause
        if cause.subject == lot and cause.kind in (MADE_OF_HELD, IN_USE["held"]):
            alarms, more = returned(alarms, cause.name, at, {"returned_by": "release"}, at_once=True)
            events = (*events, *more)
    return alarms, events


def _raise(
    alarms: Alarms,
    cause: Cause,
    at: Instant,
    lots: tuple[str, ...],
    said: AboutLots,
    facts: Mapping[str, Plain],
    reaction_zh: str = "",
) -> Told:
    return raised(alarms, cause, at, lots, {**facts, **sentences(said, cause.reaction, reaction_zh)})

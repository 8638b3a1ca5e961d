"""The alarm's life: raised, damped, returned, closed; each change that is told is a new version. Pure.

    active --acknowledge--> acknowledged --returned--> closed
    active --returned--> returned --acknowledge--> closed
    returned --raised again--> active (the same alarm: nobody has answered for it yet)
    any of them --shelve--> shelved --unshelve, or time is up--> what it is by then

A cause is what an alarm is about: kind, subject and key. One cause has one alarm at a time; after it closed, the next
one is another alarm. An id is made of the cause and of the instant that raised it, so replay gives the same one. A
shelved alarm keeps its shelf until it is taken off, whatever its cause does meanwhile; so it closes only afterwards.

An alarm that stands for weeks names the `LOTS_MOST` lots that were in it last; its earlier versions name those before.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace

from gateway.alarms.nuisance import came, chatters
from gateway.alarms.values import (
    ACKNOWLEDGED,
    ACTIVE,
    CLOSED,
    NO_DAMPING,
    RETURNED,
    Alarm,
    Alarms,
    Cause,
    Pending,
    Told,
)
from gateway.model import Instant, Plain

LOTS_MOST = 100
PAST_MOST = 50  # closed alarms that a late scan may still amend
SHELVE_MOST_NS = 24 * 3_600 * 1_000_000_000  # longer is no shelf but a changed plan
ANSWER = ("acknowledged_by", "acknowledged_ns", "cause", "cause_class", "action")
"""Facts that an acknowledgement gives."""


def raised(
    alarms: Alarms,
    cause: Cause,
    at: Instant,
    lots: tuple[str, ...] = (),
    facts: Mapping[str, Plain] | None = None,
    *,
    span_ns: tuple[int, int] | None = None,
) -> tuple[Alarms, tuple[Told, ...]]:
    """The cause is there. An alarm that stands already is told again only if a lot or a rule is new in it.

    `span_ns`: first and last wire time of what `lots` are of, where it is not the instant `at`.
    """
    facts = facts or {}
    seen = span_ns or (at.time_ns, at.time_ns)
    old = alarms.get(cause.name)
    if old is not None and old.on:
        return _again(alarms, old, at, lots, facts, seen)
    found = Pending(cause, at.boottime_ns, 1, lots, facts, *seen)
    if cause.damping == NO_DAMPING:
        return _raise(alarms, found, at)
    before = alarms.pending.get(cause.name)
    if before is not None:
        found = replace(
            before, samples=before.samples + 1, lots=joined(before.lots, lots), facts=_grown(before.facts, facts),
            last_ns=max(before.last_ns, seen[1]),
        )  # fmt: skip
    alarms = replace(alarms, pending={**alarms.pending, cause.name: found})
    return _raise(alarms, found, at) if found.due(at.boottime_ns) else (alarms, ())


def _again(
    alarms: Alarms,
    old: Alarm,
    at: Instant,
    lots: tuple[str, ...],
    facts: Mapping[str, Plain],
    seen: tuple[int, int],
) -> tuple[Alarms, tuple[Told, ...]]:
    all_lots = old.lots if old.lots == lots or set(lots) <= set(old.lots) else joined(old.lots, lots)
    all_facts = _grown(old.facts, facts)
    span = min(old.first_ns, seen[0]), max(old.last_ns, seen[1])
    same = all_lots is old.lots and all_facts is old.facts
    if same and old.leaves_ns < 0 and span == (old.first_ns, old.last_ns):
        return alarms, ()
    new = replace(old, lots=all_lots, facts=all_facts, leaves_ns=-1, first_ns=span[0], last_ns=span[1])
    return (alarms.put(new), ()) if same else changed(alarms, new, at.time_ns)


def _raise(alarms: Alarms, found: Pending, at: Instant) -> tuple[Alarms, tuple[Told, ...]]:
    cause = found.cause
    old = alarms.get(cause.name)
    new = Alarm(
        _id(cause, at) if old is None else old.id, cause, 0 if old is None else old.version, ACTIVE, found.lots,
        found.facts, found.first_ns, found.last_ns,
    )  # fmt: skip
    if old is not None:
        kept = {name: fact for name, fact in old.facts.items() if name not in ANSWER}
        new = replace(
            new,
            lots=joined(old.lots, found.lots),
            facts={**kept, **found.facts},
            first_ns=old.first_ns,
            shelf=old.shelf,
        )
    alarms, facts, notes = chatters(_without_pending(alarms, cause.name), new, at)
    alarms, first = came(alarms, new, at.boottime_ns)
    new = replace(new, facts={**new.facts, **facts, **({"first_out": first} if first else {})})
    alarms, told = changed(alarms, new, at.time_ns)
    return alarms, (*told, *notes)


def returned(
    alarms: Alarms,
    name: str,
    at: Instant,
    facts: Mapping[str, Plain] | None = None,
    *,
    at_once: bool = False,
) -> tuple[Alarms, tuple[Told, ...]]:
    """The cause is gone. `at_once`: and nobody can find it again, so its off-delay is not waited for."""
    alarms = _without_pending(alarms, name)
    old = alarms.get(name)
    if old is None or not old.on:
        return alarms, ()
    delay_ns = 0 if at_once else old.cause.damping.off_delay_ns
    if delay_ns > 0:
        if old.leaves_ns >= 0:
            return alarms, ()
        return alarms.put(replace(old, leaves_ns=at.boottime_ns + delay_ns)), ()
    return _left(alarms, replace(old, facts={**old.facts, **(facts or {})}), at.time_ns)


def _left(alarms: Alarms, old: Alarm, time_ns: int) -> tuple[Alarms, tuple[Told, ...]]:
    state = CLOSED if old.state == ACKNOWLEDGED else RETURNED
    return changed(alarms, replace(old, state=state, leaves_ns=-1), time_ns)


def ticked(alarms: Alarms, at: Instant) -> tuple[Alarms, tuple[Told, ...]]:
    """Time passed: what is due is raised, returned or taken off its shelf. The same object where nothing is."""
    now, events = at.boottime_ns, list[Told]()
    for found in list(alarms.pending.values()):
        if found.due(now):
            alarms, told = _raise(alarms, found, at)
            events += told
    for name in list(alarms.open):
        alarm = alarms.open[name]
        if 0 <= alarm.leaves_ns <= now:
            alarms, told = _left(alarms, alarm, at.time_ns)
            events += told
        held = alarms.get(name)
        if held is not None and held.shelf is not None and held.shelf.until_boottime_ns <= now:
            alarms, told = taken_off(alarms, held, at.time_ns, "time")
            events += told
    return alarms, tuple(events)


def taken_off(alarms: Alarms, alarm: Alarm, time_ns: int, by: str) -> tuple[Alarms, tuple[Told, ...]]:
    """Off its shelf; one that would have closed meanwhile closes now."""
    return changed(alarms, replace(alarm, shelf=None, facts={**alarm.facts, "unshelved_by": by}), time_ns)


def restarted(alarms: Alarms, at: Instant, *, same_boot: bool) -> Alarms:
    """A run begins: delays count from now; after a boot, shelves go on by wall time, for boottime began anew."""
    now = at.boottime_ns
    pending = {name: replace(found, since_ns=now) for name, found in alarms.pending.items()}
    standing = {}
    for name, alarm in alarms.open.items():
        leaves_ns = now + alarm.cause.damping.off_delay_ns if alarm.leaves_ns >= 0 else -1
        shelf = alarm.shelf
        if shelf is not None and not same_boot:
            left_ns = min(max(shelf.until_ns - at.time_ns, 0), SHELVE_MOST_NS)
            shelf = replace(shelf, until_boottime_ns=now + left_ns)
        standing[name] = replace(alarm, leaves_ns=leaves_ns, shelf=shelf)
    new = replace(alarms, open=standing, pending=pending)
    return new if same_boot else replace(new, raises={}, first={})


def changed(alarms: Alarms, new: Alarm, time_ns: int) -> tuple[Alarms, tuple[Told, ...]]:
    """The next version. What is closed goes to the past, unless a shelf still holds it."""
    new = replace(new, version=new.version + 1)
    told = (new.told(time_ns),)
    if new.state != CLOSED or new.shelf is not None:
        return alarms.put(new), told
    rest = {name: alarm for name, alarm in alarms.open.items() if name != new.cause.name}
    return replace(alarms, open=rest, past=(*alarms.past, new)[-PAST_MOST:]), told


def joined(old: tuple[str, ...], lots: tuple[str, ...]) -> tuple[str, ...]:
    """Lots in the order in which they came; where they are too many, those that are there now and the newest others."""
    every = tuple(dict.fromkeys((*old, *lots)))
    if len(every) <= LOTS_MOST:
        return every
    here = frozenset(lots)
    room = LOTS_MOST - len(here)
    before = tuple(lot for lot in every if lot not in here)
    kept = here.union(before[-room:] if room > 0 else ())
    return tuple(lot for lot in every if lot in kept)


def _grown(old: Mapping[str, Plain], new: Mapping[str, Plain]) -> Mapping[str, Plain]:
    """Facts as they were when it was raised; lists, such as the rules, grow. The same object where none does."""
    grown: dict[str, Plain] = {}
    for name, value in new.items():
        before = old.get(name)
        if isinstance(value, list) and isinstance(before, list):
            more = [item for item in value if item not in before]
            if more:
                grown[name] = [*before, *more]
    return {**old, **grown} if grown else old


def _without_pending(alarms: Alarms, name: str) -> Alarms:
    if name not in alarms.pending:
        return alarms
    return replace(alarms, pending={each: found for each, found in alarms.pending.items() if each != name})


def _id(cause: Cause, at: Instant) -> str:
    """Readable, and safe as one level of an MQTT topic: letters, digits, dot, dash, underscore."""
    about = f"{cause.name} {at.time_ns} {at.boottime_ns} {at.clock_id}"
    slug = re.sub(r"[^A-Za-z0-9_.-]+", "-", cause.subject).strip("-")[-40:]
    return f"{cause.kind}-{slug}-{hashlib.blake2s(about.encode(), digest_size=6).hexdigest()}"

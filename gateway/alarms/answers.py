"""What people do with alarms: acknowledge, shelve, unshelve. Pure.

Operators have numbers; names of people never come here. What cannot be done is told as an event, and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from gateway.alarms.machine import SHELVE_MOST_NS, changed, taken_off
from gateway.alarms.values import ACKNOWLEDGED, ACTIVE, CLOSED, RETURNED, Alarm, Alarms, Shelf, Told
from gateway.model import Entry, Noted, Plain, Severity

CLASSES = ("assignable", "false", "unknown")
"""What a cause turned out to be: something that can be mended, nothing at all, or nobody knows."""
TEXT_MOST = 1000


class _Refused(Exception):
    """The entry cannot be done; says why."""


def answered(alarms: Alarms, entry: Entry) -> tuple[Alarms, tuple[Told, ...]] | None:
    """What an entry about an alarm does; None where it is of another kind."""
    does = _DOES.get(entry.kind)
    return None if does is None else does(alarms, entry)


def acknowledge(alarms: Alarms, entry: Entry) -> tuple[Alarms, tuple[Told, ...]]:
    """A person answers for an alarm: ``{"alarm": id, "cause": ..., "cause_class": ..., "action": ...}``.

    A cause may also come later, or be corrected: each such answer is a version.
    """
    try:
        old, facts = _alarm(alarms, entry), _answer(entry)
        if old.state in (ACKNOWLEDGED, CLOSED):
            if all(old.facts.get(name) == fact for name, fact in facts.items()):
                raise _Refused("acknowledged already")
            return changed(alarms, replace(old, facts={**old.facts, **facts}), entry.at.time_ns)
    except _Refused as refused:
        return alarms, (_noted("acknowledge_refused", entry, refused),)
    facts |= {"acknowledged_by": entry.operator, "acknowledged_ns": entry.at.time_ns}
    state = CLOSED if old.state == RETURNED else ACKNOWLEDGED
    return changed(alarms, replace(old, state=state, facts={**old.facts, **facts}), entry.at.time_ns)


def shelve(alarms: Alarms, entry: Entry) -> tuple[Alarms, tuple[Told, ...]]:
    """Out of sight for a time: ``{"alarm": id, "for_s": seconds, "reason": ...}``. Again: the new time and reason."""
    try:
        old, for_ns = _alarm(alarms, entry), _for_ns(entry)
        reason = _text(entry, "reason")
        if not reason:
            raise _Refused("no reason")
    except _Refused as refused:
        return alarms, (_noted("shelve_refused", entry, refused),)
    at = entry.at
    shelf = Shelf(at.boottime_ns + for_ns, at.time_ns + for_ns, entry.operator, reason)
    facts = {name: fact for name, fact in old.facts.items() if name != "unshelved_by"}
    return changed(alarms, replace(old, shelf=shelf, facts=facts), at.time_ns)


def unshelve(alarms: Alarms, entry: Entry) -> tuple[Alarms, tuple[Told, ...]]:
    """Back into sight: ``{"alarm": id}``."""
    try:
        old = _alarm(alarms, entry)
        if old.shelf is None:
            raise _Refused("not shelved")
    except _Refused as refused:
        return alarms, (_noted("shelve_refused", entry, refused),)
    return taken_off(alarms, old, entry.at.time_ns, entry.operator)


def settled(before: Alarms, after: Alarms) -> tuple[Alarm, bool] | None:
    """The alarm that somebody has just answered for the first time, and whether its cause was still there."""
    now = {alarm.id: alarm for alarm in (*after.past, *after.values())}
    for old in before.values():
        new = now.get(old.id)
        if old.state in (ACTIVE, RETURNED) and new is not None and new.state in (ACKNOWLEDGED, CLOSED):
            return new, old.state == ACTIVE
    return None


def _alarm(alarms: Alarms, entry: Entry) -> Alarm:
    found = alarms.by_id(entry.body.get("alarm"))
    if found is None:
        raise _Refused("no such open alarm")
    return found


def _answer(entry: Entry) -> dict[str, Plain]:
    facts: dict[str, Plain] = {}
    for name in ("cause", "action"):
        if text := _text(entry, name):
            facts[name] = text
    kind = entry.body.get("cause_class")
    if kind is not None:
        if kind not in CLASSES:
            raise _Refused(f"cause_class is one of {', '.join(CLASSES)}")
        facts["cause_class"] = kind
    return facts


def _text(entry: Entry, name: str) -> str:
    text = entry.body.get(name, "")
    if not isinstance(text, str) or len(text) > TEXT_MOST:
        raise _Refused(f"{name} is not a text of at most {TEXT_MOST} characters")
    return text.strip()


def _for_ns(entry: Entry) -> int:
    seconds = entry.body.get("for_s")
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
        raise _Refused("for_s is not a number")
    if not 0 < seconds <= SHELVE_MOST_NS / 1e9:
        raise _Refused(f"for_s is not above 0 and at most {SHELVE_MOST_NS // 1_000_000_000}")
    return round(seconds * 1e9)


def _noted(kind: str, entry: Entry, why: _Refused) -> Noted:
    wanted = entry.body.get("alarm")
    facts: Mapping[str, Plain] = {"alarm": wanted, "operator": entry.operator, "reason": str(why)}
    return Noted(entry.at.time_ns, kind, str(wanted), Severity.INFO, facts)


_DOES: dict[str, Callable[[Alarms, Entry], tuple[Alarms, tuple[Told, ...]]]] = {
    "acknowledge": acknowledge,
    "shelve": shelve,
    "unshelve": unshelve,
}

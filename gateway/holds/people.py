"""What people do with lots: hold, release, enter a result. Pure.

Operators have numbers; names of people never come here. What cannot be done is told as an event, and changes nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace

from gateway.holds.closing import Rules, put
from gateway.holds.findings import Cleared, Finding, Found, Free, noted
from gateway.holds.spread import forgotten
from gateway.holds.values import PERSON, RESULT, Holds, Order, Why
from gateway.model import Entry, Event, Instant, Plain, Severity
from gateway.site import ResultLimit

NO_RELEASE = "the second of two operators has to be another one than the first"
_NOTHING: Mapping[str, Plain] = {}


def hold(holds: Holds, rules: Rules, entry: Entry) -> tuple[Holds, Found]:
    """``{"lot", "reason"}``: nobody may use it, nor what is made of it; what was made of it is looked up."""
    lot, reason = str(entry.body["lot"]), str(entry.body["reason"])
    before = holds.held.get(lot)
    if before is not None and any(why.by == PERSON and why.reason == reason for why in before.why):
        return holds, (_noted("hold_refused", entry, lot, "it is held for that reason already"),)
    why = Why(PERSON, "", reason, entry.operator, rules.second_person)
    holds, found = _held(holds, entry, lot, why, str(entry.body.get("lot_kind", "")))
    return holds, (found,)


def release(holds: Holds, entry: Entry) -> tuple[Holds, Found]:
    """``{"lot", "reason"}``: by one operator, or by two where a reason to hold it says so."""
    lot, reason, now = str(entry.body["lot"]), str(entry.body["reason"]), entry.at.time_ns
    held = holds.held.get(lot)
    if held is None:
        return holds, (_noted("release_refused", entry, lot, "it is not held"),)
    if held.second_person and not held.asked_by:
        asked = holds.hold(replace(held, asked_by=entry.operator))
        return asked, (noted(now, "release_asked", lot, operator=entry.operator, reason=reason),)
    if held.second_person and held.asked_by == entry.operator:
        return holds, (_noted("release_refused", entry, lot, NO_RELEASE),)
    rest = {name: each for name, each in holds.held.items() if name != lot}
    orders = tuple(each for each in holds.orders if each.kind != "exposure" or each.body.get("lot") != lot)
    holds = forgotten(replace(holds, held=rest, orders=orders), lot)
    facts: dict[str, Plain] = {"operator": entry.operator, "reason": reason, "lot_kind": held.kind}
    facts |= {"held_since_ns": held.since_ns, "held_for": [why.reason for why in held.why]}
    if held.asked_by:
        facts["asked_by"] = held.asked_by
    still = [other for other in rest.values() if any(why.about == lot for why in other.why)]
    if still:
        facts["still_held"] = len(still)  # what is made of it: each is released by itself
    return holds, (noted(now, "lot_released", lot, Severity.INFO, cell=held.cell, **facts), Free(lot))


def result(
    holds: Holds, rules: Rules, entry: Entry, own: ResultLimit | None = None, *, doubtful: bool = False
) -> tuple[Holds, Found]:
    """``{"lot", "result", "value", "lot_kind"}``: what a laboratory found. Outside its limits the lot is held.

    `own`: the limit of the control plan's row, instead of the site's; `doubtful`: its gauge is past its date.
    """
    body = entry.body
    lot, name, value = str(body["lot"]), str(body["result"]), float(str(body["value"]))
    kind = str(body.get("lot_kind", ""))
    known = rules.results if own is None else (own,)
    limits = [each for each in known if each.result == name and _for(each, rules, lot, kind)]
    broken = next((each for each in limits if not _inside(each, value)), None)
    facts: dict[str, Plain] = {"result": name, "value": value, "operator": entry.operator}
    facts["verdict"] = "not judged" if not limits else "outside" if broken else "inside"
    if doubtful:
        facts |= {"quality": "uncertain", **({} if broken else {"verdict": "uncertain"})}
    if broken is not None:
        facts |= {"low": broken.low, "high": broken.high}
    severity = Severity.WARNING if broken else Severity.INFO
    found: list[Finding | Event] = [noted(entry.at.time_ns, "lot_result", lot, severity, **facts)]
    asked: dict[str, Plain] = {"change": "result", "lot": lot, "result": name, "value": value}
    holds = ordered(holds, entry.at, entry.operator, "restate", asked)
    held = holds.held.get(lot)
    by_it = held is not None and any(why.by == RESULT and why.about == name for why in held.why)
    if broken is None and limits and by_it and not doubtful:
        found.append(Cleared(lot, held.cell if held else "", name))
    if broken is not None and broken.hold and not by_it:
        second = rules.second_person or broken.second_person
        why = Why(RESULT, name, _reason(broken, value), entry.operator, second)
        holds, told = _held(holds, entry, lot, why, kind, _do(broken))
        found.append(told)
    return holds, tuple(found)


def ordered(holds: Holds, at: Instant, operator: str, kind: str, body: dict[str, Plain]) -> Holds:
    """With an order more. Its id is made of what it asks and when, so replay gives the same one."""
    about = f"{kind} {sorted(body.items(), key=str)} {at.time_ns} {at.boottime_ns} {at.clock_id}"
    name = hashlib.blake2s(about.encode(), digest_size=6).hexdigest()
    if holds.order(name) is not None:
        return holds
    return replace(holds, orders=(*holds.orders, Order(name, kind, at.time_ns, operator, body)))


def _held(
    holds: Holds, entry: Entry, lot: str, why: Why, kind: str, do: Mapping[str, Plain] = _NOTHING
) -> tuple[Holds, Event]:
    holds = put(holds, lot, why, entry.at.time_ns, kind)
    holds = ordered(holds, entry.at, entry.operator, "exposure", {"lot": lot})
    facts: dict[str, Plain] = {"by": why.by, "about": why.about, "reason": why.reason, "lot_kind": kind, **do}
    return holds, noted(entry.at.time_ns, "lot_held", lot, Severity.WARNING, operator=entry.operator, **facts)


def _for(limit: ResultLimit, rules: Rules, lot: str, kind: str) -> bool:
    if limit.kinds and kind and kind not in limit.kinds:
        return False
    return not limit.materials or any(rules.materials.of(name, (lot,)) for name in limit.materials)


def _inside(limit: ResultLimit, value: float) -> bool:
    return (limit.low is None or value >= limit.low) and (limit.high is None or value <= limit.high)


def _do(limit: ResultLimit) -> dict[str, Plain]:
    """What the limit says to do, as facts; a check's own is in its alarm as well."""
    said = {"reaction": limit.reaction, "reaction_zh": limit.reaction_zh}
    return {name: text for name, text in said.items() if text}


def _reason(limit: ResultLimit, value: float) -> str:
    low = "" if limit.low is None else f" from {limit.low:g}"
    high = "" if limit.high is None else f" to {limit.high:g}"
    return f"{limit.result} {value:g} is outside{low}{high}"


def _noted(kind: str, entry: Entry, lot: str, reason: str) -> Event:
    return noted(entry.at.time_ns, kind, lot, operator=entry.operator, reason=reason)

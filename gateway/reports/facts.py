"""Everything that a report says of a lot, as plain data: of journals or replicas, by nothing but what they hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson

from gateway.journal import JournalReader
from gateway.journal.exposure import Exposures
from gateway.journal.lots import windows_of
from gateway.journal.made import HELD_FROM
from gateway.journal.madelots import NEWEST
from gateway.model import AlarmChanged, LotChanged, LotMade, Noted, NumberedEvent, Signal
from gateway.plain import to_plain
from gateway.reports.characteristics import characteristics
from gateway.reports.proof import proof
from gateway.site import Site
from gateway.views.masses import composition_plain, sources_plain
from gateway.views.moments import iso

FORMAT = "lotwatch/report/1"
_OF_LOT = (
    "lot_held", "lot_released", "lot_suspect", "lot_cleared", "lot_result", "lot_disposition", "lot_recounted",
    "counted", "lot_weighed", "weight_differs",
)  # fmt: skip
_KINDS = ("Signal", "AlarmChanged", "LotChanged", "check_done", "check_missed", "ratio_lot", *_OF_LOT)
_ALARM_FACTS = ("cause", "cause_class", "action", "acknowledged_by", "sentence", "sentence_zh")


class NothingKnown(LookupError):
    """The lot has no stay and no mass here: there is nothing to report."""


@dataclass(frozen=True, slots=True)
class Stay:
    """The lot at a cell where it was made."""

    cell: str
    from_ns: int
    to_ns: int | None  # None: it is still there


def facts_of(readers: Sequence[JournalReader], lot: str, upto: int = NEWEST) -> dict[str, Any]:
    """All facts, with their digest as the last one. Raises NothingKnown, JournalError.

    `upto`: no event of the lot's own journal after this one, so that a paper can be made again after more has happened.
    """
    home = _home(readers, lot)
    exposures = Exposures(
        [reader.made for reader in readers], [upto if reader is home else NEWEST for reader in readers]
    )
    versions = [
        each for each in home.made.versions(lot) if isinstance(each.event, LotMade) and each.seq <= upto
    ]
    made = exposures.made(lot)
    record = home.lot(lot)
    times = [
        *(change.time_ns for change in (record.changes if record else ())),
        *(each.event.time_ns for each in versions),
    ]
    events = [
        each
        for each in home.events_between(min(times, default=0), home.last_event_ns() + 1, _KINDS)
        if each.seq <= upto
    ]
    moves = [each for each in events if isinstance(each.event, LotChanged) and each.event.lot == lot]
    changes = [each.event for each in moves if isinstance(each.event, LotChanged)]
    stays = [
        Stay(window.cell, window.since_ns, window.until_ns)
        for window in windows_of(changes)
        if window.role == "product"
    ]
    named = [each for each in events if _names(each, lot, stays)]
    alarms = [
        each
        for each in _newest_alarms(events)
        if isinstance(each.event, AlarmChanged) and lot in each.event.lots
    ]
    last = max((each.seq for each in (*named, *versions, *moves, *alarms)), default=0)
    if not last:
        raise NothingKnown(f"{lot}: no stay and no mass of it is known here up to event {upto}")
    site = home.site(max([each.cause for each in versions], default=0) or None)
    facts: dict[str, Any] = {
        "format": FORMAT,
        "lot": lot,
        "site": home.identity.site,
        "gateway": home.identity.gateway,
        **_made(made, versions, exposures),
        "begun": iso(min(times)),
        "stays": [
            {
                "cell": each.cell,
                "from": iso(each.from_ns),
                "to": None if each.to_ns is None else iso(each.to_ns),
            }
            for each in stays
        ],
        "plans": sorted({change.plan for change in changes if change.plan}),
        "revisions": _revisions(site, changes),
        "finished": bool(versions) and all(each.to_ns is not None for each in stays),
        "characteristics": characteristics(home, site, stays, named) if site else [],
        "signals": [_signal(each) for each in named if isinstance(each.event, Signal)],
        "alarms": [_alarm(each.event) for each in alarms if isinstance(each.event, AlarmChanged)],
        "checks": [_noted(each) for each in named if _kind(each) in {"check_done", "check_missed"}],
        "results": [_noted(each) for each in named if _kind(each) == "lot_result"],
        "counts": [_noted(each) for each in named if _kind(each) == "counted"],
        "ratios": [_noted(each) for each in named if _kind(each) == "ratio_lot"],
        "holds": [_noted(each) for each in named if _kind(each) in _OF_LOT[:4]],
        "disposition": next(
            (_noted(each) for each in reversed(named) if _kind(each) == "lot_disposition"), None
        ),
        "proof": proof(home, last),
    }
    facts["held"] = _is_held(facts["holds"])
    without = {
        name: value for name, value in facts.items() if name != "proof"
    }  # the same before it is signed
    facts["sha256"] = sha256(orjson.dumps(without, option=orjson.OPT_SORT_KEYS)).hexdigest()
    return facts


def _home(readers: Sequence[JournalReader], lot: str) -> JournalReader:
    """The journal where the lot was made; where it only came in, the first that knows it."""
    knowing = [reader for reader in readers if reader.made.knows(lot) or reader.lot(lot)]
    if not knowing:
        raise NothingKnown(f"nothing is known of {lot} here")
    for reader in knowing:
        made = reader.made.made(lot)
        if made is not None and made.inputs:
            return reader
    return knowing[0]


def _made(made: LotMade | None, versions: Sequence[NumberedEvent], exposures: Exposures) -> dict[str, Any]:
    if made is None:
        return {"mass": None, "sources": [], "inputs": [], "versions": []}
    sources = sources_plain(exposures, made, HELD_FROM) if made.inputs else []
    facts = {name: made.facts[name] for name in sorted(made.facts)}
    return {
        "mass": {
            "kind": made.kind, "cell": made.cell, "closed": iso(made.time_ns), "kg": made.kg,
            "sigma_kg": made.sigma_kg, "version": made.version, "facts": facts, **composition_plain(made),
        },
        "sources": sources,
        "rest": exposures.rest(made.lot),
        "inputs": [{"lot": edge.lot, "kg": edge.kg, "sigma_kg": edge.sigma_kg} for edge in made.inputs],
        "versions": [
            {"version": each.event.version, "kg": each.event.kg, "reason": each.event.reason}
            for each in versions
            if isinstance(each.event, LotMade)
        ],
    }  # fmt: skip


def _names(numbered: NumberedEvent, lot: str, stays: Sequence[Stay]) -> bool:
    event = numbered.event
    if isinstance(event, Signal):
        return lot in event.lots or lot in event.lots_since
    if not isinstance(event, Noted):
        return False
    if event.kind in _OF_LOT:
        return event.subject == lot
    of = event.facts.get("lot")
    if of:
        return of == lot
    cell = event.facts.get("cell")  # a check by the clock says something of the lot that was made meanwhile
    return event.kind != "ratio_lot" and any(
        cell == stay.cell and stay.from_ns <= event.time_ns < (stay.to_ns or event.time_ns + 1)
        for stay in stays
    )


def _kind(numbered: NumberedEvent) -> str:
    return numbered.event.kind if isinstance(numbered.event, Noted) else ""


def _noted(numbered: NumberedEvent) -> dict[str, Any]:
    event = numbered.event
    if not isinstance(event, Noted):
        raise TypeError(f"event {numbered.seq} is no note")
    facts = to_plain(event)["facts"]
    return {
        "seq": numbered.seq,
        "time": iso(event.time_ns),
        "kind": event.kind,
        "subject": event.subject,
        **facts,
    }


def _signal(numbered: NumberedEvent) -> dict[str, Any]:
    event = numbered.event
    if not isinstance(event, Signal):
        raise TypeError(f"event {numbered.seq} is no signal")
    return {
        "seq": numbered.seq, "time": iso(event.time_ns), "characteristic": event.characteristic, "tag": event.tag,
        "rules": list(event.rules), "value": event.value, "uom": event.uom, "size_sigma": event.size_sigma,
        "baseline": event.baseline, "plan": event.plan,
    }  # fmt: skip


def _alarm(event: AlarmChanged) -> dict[str, Any]:
    facts = event.facts or {}
    return {
        "alarm": event.alarm, "version": event.version, "time": iso(event.time_ns), "kind": event.kind,
        "severity": int(event.severity), "state": event.state, "subject": event.tag or event.subject,
        "reaction": event.reaction, **{name: facts[name] for name in _ALARM_FACTS if name in facts},
    }  # fmt: skip


def _newest_alarms(events: Iterable[NumberedEvent]) -> list[NumberedEvent]:
    """Of each alarm its newest version, in the order in which they were raised."""
    found: dict[str, NumberedEvent] = {}
    for each in events:
        if isinstance(each.event, AlarmChanged):
            known = found.get(each.event.alarm)
            if known is None or each.seq > known.seq:
                found[each.event.alarm] = each
    return list(found.values())


def _revisions(site: Site | None, changes: Iterable[LotChanged]) -> list[dict[str, Any]]:
    """Of the plans that the lot was judged by: who approved them."""
    judged = {change.plan for change in changes if change.plan}
    return [
        {"plan": row.plan, "revision": row.revision, "approved_by": row.approved_by, "part": row.part}
        for row in (site.revisions if site else ())
        if f"{row.plan} {row.revision}" in judged
    ]


def _is_held(holds: Sequence[dict[str, Any]]) -> bool:
    last = [each["kind"] for each in holds if each["kind"] in {"lot_held", "lot_released"}]
    return bool(last) and last[-1] == "lot_held"

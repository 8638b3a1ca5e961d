"""Checks, duties and results in the fold: alarms, holds, and what becomes of a lot. Pure.

A lot's disposition is one of four words. *accept*: its checks are made and inside, or a person releases it from
quarantine; *hold*: a result is outside; *reject*: outside of a row that says so; *concession*: a person releases a lot
whose result was outside, and says by what right. Each is an event, `lot_disposition`, with the operator's number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from gateway.alarms import Alarm, Alarms, Cause, raised, returned
from gateway.controlplan import Back, Dues, Failed, Found, Missed, Owed, Quarantine, Revisions
from gateway.controlplan.due import World
from gateway.controlplan.found import noted
from gateway.controlplan.judged import disposed, refused, values_of, verdict_of, worst
from gateway.controlplan.stops import announced
from gateway.controlplan.values import VERDICTS_MOST
from gateway.folding.holding import Holding, Kept
from gateway.holds import Why
from gateway.holds.values import CHECK, PERSON, newest
from gateway.lots import product_at
from gateway.model import Entry, Event, Instant, LotChanged, LotMade, Noted, Plain, Severity
from gateway.sentences import CheckFailed, CheckMissed, sentences
from gateway.site import Check, ResultLimit, Site

MISSED, FAILED = "check_missed", "check_failed"
_OUTSIDE = ("outside", "reject")
_AWAITED = "it is not checked yet"
_REJECTED = "it is rejected: only a concession releases it (release --concession)"


@dataclass(frozen=True, slots=True)
class Desk:
    """What this file reads and changes of the fold's state."""

    owed: Owed
    kept: Kept


Done = tuple[Desk, tuple[Event, ...]]


@dataclass(frozen=True, slots=True)
class Entered:
    """A result as it is judged and charted."""

    row: Check
    lot: str
    values: tuple[float, ...]
    doubtful: bool  # its gauge is past its date


class Checking:
    """The checks of one site, compiled."""

    def __init__(self, site: Site, revisions: Revisions, holding: Holding) -> None:
        self._revisions, self._holding = revisions, holding
        self.dues = Dues(site, revisions)
        self._shifts, self._stops = site.shifts, site.alerts.stops
        self.any = bool(site.checks or site.alerts.stops)
        self._measures = {row.id: row.measures for row in site.checks}
        self._names = frozenset(row.id for row in site.checks)

    def doubted(self, owed: Owed) -> frozenset[str]:
        """Tags whose gauge is past the date of its calibration."""
        return frozenset(tag for name in owed.past for tag in self._measures.get(name, ()))

    def knows(self, entry: Entry) -> bool:
        """Whether an entry is a result of a check or duty."""
        return entry.kind == "result" and entry.body.get("result") in self._names

    def of(self, cause: str) -> bool:
        """Whether an alarm's cause, by its name, is a check that is still in some plan."""
        kind, _, rest = cause.partition(" ")
        return kind in (MISSED, FAILED) and rest.partition(" ")[0] in self._names

    # --- time, machine, lots ---

    def begun(self, desk: Desk, world: World, *, same_boot: bool) -> Desk:
        """A run begins."""
        return replace(desk, owed=self.dues.begun(desk.owed, world, same_boot=same_boot))

    def ticked(self, desk: Desk, world: World) -> Done:
        """The same desk where nothing follows."""
        owed, found = self.dues.ticked(desk.owed, world)
        owed, told = announced(owed, self._shifts, self._stops, world.at.time_ns)
        if owed is desk.owed:
            return desk, ()
        return self._told(replace(desk, owed=owed), (*told, *found), world.at)

    def switched(self, desk: Desk, world: World) -> Done:
        """A tag that checks go by has another value."""
        owed, found = self.dues.switched(desk.owed, world)
        return self._told(replace(desk, owed=owed), found, world.at) if owed is not desk.owed else (desk, ())

    def came(self, desk: Desk, world: World, events: tuple[Event, ...]) -> Done:
        """Lots that came or were made; the same desk where none is checked."""
        told: tuple[Event, ...] = ()
        for event in events:
            if isinstance(event, LotChanged | LotMade):
                owed, found = self.dues.came(desk.owed, world, event)
                if found:
                    desk, more = self._told(replace(desk, owed=owed), found, world.at)
                    told = (*told, *more)
        return desk, told

    # --- what people enter ---

    def understood(self, desk: Desk, world: World, entry: Entry) -> Entered | Noted:
        """A result, or why it cannot be taken."""
        body, row = entry.body, self.dues.row(entry.body.get("result"), world.in_force)
        if row is None:
            return refused(entry, "the revision of its plan that is in force has no such check")
        values = values_of(body)
        if len(values) != row.size:
            return refused(entry, f"one check has {row.size} numbers, here are {len(values)}")
        lot = str(body.get("lot") or "")
        if not lot and row.cell:
            lot = product_at(desk.kept.lots, row.cell, entry.at.time_ns)
        if not lot and row.by_lot:
            return refused(entry, "of which lot? Give --lot")
        return Entered(row, lot, values, doubtful=bool(row.gauge) and row.gauge in desk.owed.past)

    def result(self, desk: Desk, entry: Entry, given: Entered) -> Done:
        """What a result does: the check is done, its lot is judged."""
        row, lot, at = given.row, given.lot, entry.at
        value = worst(row, given.values)
        verdict = verdict_of(row, value, doubtful=given.doubtful)
        facts: dict[str, Plain] = {
            "operator": entry.operator, "value": value, "values": list(given.values), "verdict": verdict,
        }  # fmt: skip
        if given.doubtful:
            facts |= {"quality": "uncertain", "gauge": row.gauge}
        owed, found = self.dues.done(desk.owed, row, lot, at, facts)
        desk, events = self._told(replace(desk, owed=owed), found, at)
        if row.kind != "check":
            return desk, events
        if verdict in _OUTSIDE:
            found = (Failed(row, lot, value),)
        elif verdict == "inside":
            found = (Back(FAILED, row.id, lot if row.by_lot else ""),)
        else:
            found = ()
        desk, more = self._told(desk, found, at)
        events = (*events, *more)
        if not lot:
            return desk, events
        desk, judged = self._judged(desk, entry, row, lot, value, verdict, doubtful=given.doubtful)
        return desk, (*events, *judged)

    def _judged(
        self, desk: Desk, entry: Entry, row: Check, lot: str, value: float, verdict: str, *, doubtful: bool
    ) -> Done:
        desk = _judge(desk, lot, row.id, verdict)
        body: dict[str, Plain] = {"lot": lot, "result": row.id, "value": value}
        body["lot_kind"] = entry.body.get("lot_kind") or row.lots or ""
        limit = ResultLimit(
            row.id,
            (),
            (),
            row.lsl,
            row.usl,
            row.reaction,
            row.line.reaction_zh,
            hold=row.outside != "tell",
            second_person=row.second_person,
        )
        said = replace(entry, body=body)
        kept, events = self._holding.resulted(desk.kept, said, limit, doubtful=doubtful)
        desk = replace(desk, kept=kept)
        word = ""
        if verdict in _OUTSIDE and row.outside != "tell":
            word = "reject" if verdict == "reject" else "hold"
        elif self._accepts(desk, row, lot):
            kept, more = desk.kept, tuple[Event, ...]()
            if row.quarantine and row.second_person:  # of a lot too that nobody saw coming
                kind = str(body["lot_kind"])
                kept, more = self._holding.awaited(kept, lot, _why(row), entry.at, kind, row.cell)
            kept, free = self._holding.accepted(kept, lot, entry.operator, entry.at)
            desk, events = replace(desk, kept=kept), (*events, *more, *free)
            word = "" if lot in kept.holds.held else "accept"
        if word:
            events = (*events, disposed(entry, lot, word, row.line.judged_by, desk.owed.verdicts[lot]))
        return desk, events

    def _accepts(self, desk: Desk, row: Check, lot: str) -> bool:
        """Whether this was the last check of a lot, and all are inside."""
        if not row.by_lot or self.dues.pending(desk.owed, lot):
            return False
        return set(desk.owed.verdicts.get(lot, {}).values()) <= {"inside", "not judged"}

    def refuses(self, desk: Desk, entry: Entry) -> Noted | None:
        """Why a result of no check, or a release of a lot that is rejected, cannot be."""
        if entry.kind == "result" and not entry.body.get("lot"):
            return refused(
                entry, "there is no such check, and of another result the lot is needed: give --lot"
            )
        if entry.kind != "release" or entry.body.get("concession"):
            return None
        lot = str(entry.body.get("lot"))
        if lot not in desk.kept.holds.held or "reject" not in desk.owed.verdicts.get(lot, {}).values():
            return None
        facts: dict[str, Plain] = {"operator": entry.operator, "reason": _REJECTED}
        return noted(entry.at.time_ns, "release_refused", lot, **facts)

    def disposed(self, desk: Desk, entry: Entry, events: tuple[Event, ...]) -> Done:
        """What a person's hold or release makes of a lot: rejected, or free after its checks."""
        if entry.kind == "hold" and entry.body.get("reject"):
            return self._rejected(desk, entry, events)
        told = self._released(desk, entry, events)
        lot = str(entry.body.get("lot"))
        for check, verdict in desk.owed.verdicts.get(lot, {}).items() if told else ():
            if verdict in _OUTSIDE:
                desk = _judge(desk, lot, check, "conceded")
        return desk, told

    def _rejected(self, desk: Desk, entry: Entry, events: tuple[Event, ...]) -> Done:
        if all(isinstance(each, Noted) and each.kind == "hold_refused" for each in events):
            return desk, ()
        lot = str(entry.body.get("lot"))
        desk = _judge(desk, lot, PERSON, "reject")
        more: dict[str, Plain] = {"reason": entry.body.get("reason")}
        return desk, (disposed(entry, lot, "reject", "", desk.owed.verdicts[lot], more),)

    def _released(self, desk: Desk, entry: Entry, events: tuple[Event, ...]) -> tuple[Event, ...]:
        lot, body = str(entry.body.get("lot")), entry.body
        free = [each for each in events if isinstance(each, Noted) and each.kind == "lot_released"]
        verdicts = desk.owed.verdicts.get(lot, {})
        if entry.kind != "release" or not free or not (verdicts or _was_awaited(free[0])):
            return ()
        broken = any(verdict in _OUTSIDE for verdict in verdicts.values())
        word = "concession" if broken or body.get("concession") else "accept"
        more: dict[str, Plain] = {"reason": body.get("reason"), "concession": body.get("concession") or ""}
        more |= {name: free[0].facts[name] for name in ("asked_by",) if name in free[0].facts}
        return (disposed(entry, lot, word, "", verdicts, more),)

    def answered(self, alarms: Alarms, alarm: Alarm, at: Instant) -> tuple[Alarms, tuple[Event, ...]]:
        """Somebody answered for a result outside: nothing else ends the alarm of a lot."""
        if alarm.cause.kind != FAILED:
            return alarms, ()
        return returned(alarms, alarm.cause.name, at, at_once=True)

    # --- alarms and holds ---

    def _told(self, desk: Desk, found: Found, at: Instant) -> Done:
        events: tuple[Event, ...] = ()
        for each in found:
            match each:
                case Missed() | Failed():
                    alarms, told = _alarm(desk.kept.alarms, each, at)
                    desk = replace(desk, kept=replace(desk.kept, alarms=alarms))
                case Back():
                    name = Cause(each.kind, each.check, Severity.ALARM, key=each.lot).name
                    alarms, told = returned(desk.kept.alarms, name, at)
                    desk = replace(desk, kept=replace(desk.kept, alarms=alarms))
                case Quarantine():
                    why = _why(each.check)
                    kept, told = self._holding.awaited(desk.kept, each.lot, why, at, each.kind, each.cell)
                    desk = replace(desk, kept=kept)
                case _:
                    told = (each,)
            events = (*events, *told)
        return desk, events


def _judge(desk: Desk, lot: str, check: str, verdict: str) -> Desk:
    """With a verdict more; those of the newest lots are remembered."""
    known = {**desk.owed.verdicts, lot: {**desk.owed.verdicts.get(lot, {}), check: verdict}}
    verdicts: dict[str, Mapping[str, str]] = {name: known[name] for name in newest(known, VERDICTS_MOST)}
    return replace(desk, owed=replace(desk.owed, verdicts=verdicts))


def _alarm(alarms: Alarms, found: Missed | Failed, at: Instant) -> tuple[Alarms, tuple[Event, ...]]:
    row, lot = found.check, found.due.lot if isinstance(found, Missed) else found.lot
    said: CheckMissed | CheckFailed
    facts: dict[str, Plain] = {"check": row.kind}
    if isinstance(found, Missed):
        kind = MISSED
        facts["due_ns"] = found.due.due_ns
        said = CheckMissed(
            at.time_ns, row.id, row.kind, found.due.due_ns, lot, row.about, row.subject, row.cell
        )
    else:
        kind = FAILED
        facts |= {"value": found.value, "lsl": row.lsl, "usl": row.usl, "uom": row.uom}
        said = CheckFailed(
            at.time_ns, row.id, found.value, row.lsl, row.usl, lot, row.uom, row.about, row.outside
        )
    key = lot if row.by_lot else ""
    severity = Severity.WARNING if isinstance(found, Missed) and row.kind != "check" else Severity.ALARM
    cause = Cause(kind, row.id, severity, reaction=row.reaction, key=key, at=row.cell)
    lots = (lot,) if lot else ()
    facts |= {**row.line.facts, **sentences(said, row.reaction, row.line.reaction_zh)}
    return raised(alarms, cause, at, lots, facts)


def _why(row: Check) -> Why:
    """Why a lot is in quarantine."""
    return Why(CHECK, row.id, _AWAITED, second_person=row.second_person)


def _was_awaited(released: Noted) -> bool:
    reasons = released.facts.get("held_for")
    return isinstance(reasons, list) and _AWAITED in reasons

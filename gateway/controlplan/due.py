"""What is due, late, missed: checks made by hand and duties, by the clock, the machine and the lots. Pure.

A check by time falls due again and again; what was not done when the next one is due, is missed. One for a lot stays
until it is done, missed or not. A duty has a date, and may be done some days before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from gateway.controlplan.found import Back, Found, Missed, Quarantine, facts_of, noted
from gateway.controlplan.revisions import Revisions
from gateway.controlplan.values import Due, Next, Owed, Seen, name_of
from gateway.holds.verdict import Materials
from gateway.model import Instant, LotChanged, LotMade, Plain, Severity
from gateway.plan.hours import stopped, stops_on
from gateway.shifts import shift_at
from gateway.site import Check, PlannedStop, Site

Made = tuple[Owed, Found]
Stops = tuple[PlannedStop, ...]
_BY_MACHINE = ("start", "changeover")
_MATERIAL = "material"


@dataclass(frozen=True, slots=True)
class World:
    """What the checks go by, as it is now."""

    at: Instant
    keys: Mapping[str, str]  # newest values of tags, as text
    in_force: Mapping[str, str]  # revisions of plans


class Dues:
    """The checks and duties of one site."""

    def __init__(self, site: Site, revisions: Revisions) -> None:
        self._revisions, self._shifts, self._stops = revisions, site.shifts, site.alerts.stops
        self._materials = Materials(site.materials)
        self._rows: dict[str, list[Check]] = {}
        for row in site.checks:
            self._rows.setdefault(row.id, []).append(row)
        self._by_machine = tuple(row for row in site.checks if row.every in _BY_MACHINE)
        self._by_lot = tuple(row for row in site.checks if row.by_lot)
        self._by_time = tuple(row for row in site.checks if not row.by_lot and row.every not in _BY_MACHINE)
        self.keys = {tag for row in site.checks for tag in (*row.key, row.when.tag) if tag}

    def row(self, name: object, in_force: Mapping[str, str]) -> Check | None:
        """The row of a check as it is in force; None where there is none."""
        rows = self._rows.get(str(name), ())
        return next((row for row in rows if self._holds(row, in_force)), None)

    def _holds(self, row: Check, in_force: Mapping[str, str]) -> bool:
        return self._revisions.holds(in_force, row.line, row.cell)

    # --- the clock ---

    def begun(self, owed: Owed, world: World, *, same_boot: bool) -> Owed:
        """A run begins: boottime may have begun anew; what is of no plan any more is owed by nobody."""
        if not same_boot:
            shift = world.at.boottime_ns - world.at.time_ns
            due = {
                n: e if e.boot_ns < 0 else replace(e, boot_ns=e.due_ns + shift, paused_ns=-1)
                for n, e in owed.due.items()
            }
            then = {
                n: e if e.boot_ns < 0 else Next(e.time_ns, e.time_ns + shift) for n, e in owed.next.items()
            }
            owed = replace(owed, due=due, next=then)
        return replace(
            owed,
            due={name: each for name, each in owed.due.items() if each.check in self._rows},
            next={name: each for name, each in owed.next.items() if name in self._rows},
            past=tuple(name for name in owed.past if name in self._rows),
        )

    def ticked(self, owed: Owed, world: World) -> Made:
        """Time passed. The same object where nothing follows."""
        told: Found = ()
        on = stops_on(self._shifts, self._stops, world.at.time_ns) if self._stops else ()
        for row in self._by_time:
            if self._holds(row, world.in_force):
                owed, found = self._timed(owed, row, world, on)
                told += found
        for due in list(owed.due.values()):
            here = self.row(due.check, world.in_force)
            if here is not None:
                owed, found = self._aged(owed, here, due, world, on)
                told += found
        return owed, told

    def _aged(self, owed: Owed, row: Check, due: Due, world: World, on: Stops) -> Made:
        at = world.at
        if due.boot_ns >= 0:
            can = _can(row, world, on)
            if not can:
                return (
                    (owed, ())
                    if due.paused_ns >= 0
                    else (_with(owed, replace(due, paused_ns=at.boottime_ns)), ())
                )
            if due.paused_ns >= 0:
                stood_ns = at.boottime_ns - due.paused_ns
                moved = replace(
                    due, due_ns=due.due_ns + stood_ns, boot_ns=due.boot_ns + stood_ns, paused_ns=-1
                )
                owed, due = _with(owed, moved), moved
        age_ns = at.boottime_ns - due.boot_ns if due.boot_ns >= 0 else at.time_ns - due.due_ns
        found: Found = ()
        if age_ns > row.within_ns and not due.late:
            due = replace(due, late=True)
            owed = _with(owed, due)
            found = (
                noted(
                    at.time_ns, "check_late", row.id, Severity.WARNING, **facts_of(row, due.due_ns, due.lot)
                ),
            )
        if age_ns > row.missed_ns and not due.missed:
            owed, more = self._missed(owed, row, due, at)
            found += more
        if row.kind == "calibration" and age_ns > 0 and row.id not in owed.past:
            owed = replace(owed, past=(*owed.past, row.id))
        return owed, found

    def _missed(self, owed: Owed, row: Check, due: Due, at: Instant) -> Made:
        due = replace(due, missed=True, late=True)
        facts = facts_of(row, due.due_ns, due.lot)
        note = noted(at.time_ns, "check_missed", row.id, Severity.WARNING, **facts)
        return _with(owed, due), (note, Missed(row, due))

    def _timed(self, owed: Owed, row: Check, world: World, on: Stops) -> Made:
        at, then = world.at, owed.next.get(row.id)
        if then is None:
            if row.every == "days" and name_of(row.id, "") in owed.due:
                return owed, ()  # until it is done
            then = self._first(owed, row, at)
            owed = replace(owed, next={**owed.next, row.id: then})
        left_ns = then.boot_ns - at.boottime_ns if then.boot_ns >= 0 else then.time_ns - at.time_ns
        if left_ns > 0 or not _can(row, world, on):
            return owed, ()
        if row.every == "days":
            rest = {name: each for name, each in owed.next.items() if name != row.id}
            return self._open(
                replace(owed, next=rest), row, "", at, Due(row.id, "", then.time_ns + row.lead_ns, -1)
            )
        after = self._after(row, at, then)
        owed = replace(owed, next={**owed.next, row.id: after})
        return self._open(
            owed, row, "", at, Due(row.id, "", at.time_ns + max(left_ns, -_MINUTE_NS), at.boottime_ns)
        )

    def _first(self, owed: Owed, row: Check, at: Instant) -> Next:
        if row.every == "shift":
            return Next(shift_at(self._shifts, at.time_ns).to_ns)
        if row.every == "time":
            return Next(at.time_ns + row.period_ns, at.boottime_ns + row.period_ns)
        done_ns = owed.done.get(row.id, row.last_ns)
        date_ns = at.time_ns if done_ns is None else done_ns + row.period_ns
        return Next(date_ns - row.lead_ns)

    def _after(self, row: Check, at: Instant, then: Next) -> Next:
        """The one after; a machine that stood begins to count when it runs."""
        if row.every == "shift":
            return Next(shift_at(self._shifts, at.time_ns).to_ns)
        late_ns = at.boottime_ns - then.boot_ns
        behind_ns = 0 if late_ns < row.period_ns else late_ns
        return Next(then.time_ns + row.period_ns + behind_ns, then.boot_ns + row.period_ns + behind_ns)

    # --- machine and lots ---

    def switched(self, owed: Owed, world: World) -> Made:
        """A tag that checks go by has another value."""
        told: Found = ()
        for row in self._by_machine:
            if not self._holds(row, world.in_force):
                continue
            before, now = (
                owed.seen.get(row.id, Seen()),
                self._seen(row, owed.seen.get(row.id, Seen()), world.keys),
            )
            if now == before:
                continue
            owed = replace(owed, seen={**owed.seen, row.id: now})
            began = row.every == "start" and now.on and before.on is False
            other = row.every == "changeover" and before.key is not None and now.key != before.key
            if began or other:
                at = world.at
                owed, found = self._open(owed, row, "", at, Due(row.id, "", at.time_ns, at.boottime_ns))
                told += found
        return owed, told

    def _seen(self, row: Check, before: Seen, keys: Mapping[str, str]) -> Seen:
        state = keys.get(row.when.tag) if row.when.tag else None
        on = before.on if state is None else state in row.when.values
        values = [keys.get(tag) for tag in row.key]
        known = None not in values and bool(values)
        return Seen(on, "|".join(str(value) for value in values) if known else before.key)

    def came(self, owed: Owed, world: World, event: LotChanged | LotMade) -> Made:
        """A lot came to a cell, or was made there."""
        told: Found = ()
        for row in self._by_lot:
            kind = _kind_of(row, event)
            if not kind or not self._holds(row, world.in_force) or not self._is_of(row, event.lot):
                continue
            if name_of(row.id, event.lot) in owed.due or row.id in owed.verdicts.get(event.lot, {}):
                continue
            at = world.at
            owed, found = self._open(
                owed, row, event.lot, at, Due(row.id, event.lot, event.time_ns, at.boottime_ns)
            )
            told += found
            if row.quarantine:
                told += (Quarantine(row, event.lot, kind, event.cell),)
        return owed, told

    def _is_of(self, row: Check, lot: str) -> bool:
        return not row.materials or any(self._materials.of(name, (lot,)) for name in row.materials)

    # --- done ---

    def _open(self, owed: Owed, row: Check, lot: str, at: Instant, due: Due) -> Made:
        before, found = owed.due.get(name_of(row.id, lot)), Found()
        if before is not None and not before.missed and before.paused_ns < 0:
            owed, found = self._missed(owed, row, before, at)
        note = noted(at.time_ns, "check_due", row.id, **facts_of(row, due.due_ns, lot))
        return _with(owed, due), (*found, note)

    def done(self, owed: Owed, row: Check, lot: str, at: Instant, facts: Mapping[str, Plain]) -> Made:
        """Somebody did it, due or not."""
        name = name_of(row.id, lot if row.by_lot else "")
        due = owed.due.get(name)
        rest = {each: held for each, held in owed.due.items() if each != name}
        owed = replace(owed, due=rest, done={**owed.done, row.id: at.time_ns})
        if row.every == "days":
            then = Next(at.time_ns + row.period_ns - row.lead_ns)
            past = tuple(each for each in owed.past if each != row.id)
            owed = replace(owed, next={**owed.next, row.id: then}, past=past)
        said: dict[str, Plain] = facts_of(row, None if due is None else due.due_ns, lot)
        said["late"] = due is not None and due.late
        note = noted(at.time_ns, "check_done", row.id, **{**said, **facts})
        return owed, (note, Back("check_missed", row.id, lot if row.by_lot else ""))

    def pending(self, owed: Owed, lot: str) -> Sequence[str]:
        """Checks of a lot that nobody has made yet."""
        return [due.check for due in owed.due.values() if due.lot == lot]


_MINUTE_NS = 60_000_000_000


def _can(row: Check, world: World, on: Stops) -> bool:
    """Whether anybody can make the check now; `on`: planned stops that are."""
    when = row.when
    if when.tag and world.keys.get(when.tag) not in when.values:
        return False
    return not on or not stopped(on, row.cell)


def _with(owed: Owed, due: Due) -> Owed:
    return replace(owed, due={**owed.due, due.name: due})


def _kind_of(row: Check, event: LotChanged | LotMade) -> str:
    """The kind of a lot that the row is for; "" of another."""
    if event.cell != row.cell:
        return ""
    if isinstance(event, LotMade):
        return event.kind if event.version == 1 and event.kind == row.lots else ""
    if event.change not in ("opened", "moved"):
        return ""
    role = _MATERIAL if row.lots == _MATERIAL else "product"
    return (row.lots or "box") if event.role == role and row.lots in ("", _MATERIAL) else ""

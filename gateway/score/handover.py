"""What one shift did and leaves to the next: the sheet that is handed over. Out of a journal or replica.

A shift is one of a plant day, which begins with its first shift and not at midnight (`gateway.shifts`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gateway.journal import JournalReader
from gateway.model import AlarmChanged, LotChanged, LotMade, Noted, NumberedEvent
from gateway.plain import to_plain
from gateway.score.flows import Flows
from gateway.score.machines import ran
from gateway.score.yields import Count, counted_by_machine, counted_by_people, stays_at
from gateway.sentences.reasons import in_both
from gateway.shifts import Shift, day_span, shift_at, shifts_of
from gateway.site import Site
from gateway.views.moments import iso

_LATE_NS = 3_600_000_000_000  # a shift's ratios are told after its end
_LOTS_BACK_NS = 7 * 86_400_000_000_000  # a lot that is still at a cell was opened since
_ALARMS_BACK_NS = (
    35 * 86_400_000_000_000
)  # an alarm that stood unchanged for longer before a past shift is not shown
_CHECKS = ("check_done", "check_late", "check_missed")
_HOLDS = ("lot_held", "lot_released", "lot_suspect")
_OTHERS = (
    "gap", "planned_stop", "unit_dead", "bus_down",
    "config_changed", "config_kept", "config_returned", "config_refused",
)  # fmt: skip
_KINDS = ("LotMade", "counted", "handover", *_CHECKS, *_HOLDS, *_OTHERS)


def shift_named(site: Site, now_ns: int, day: str, name: str) -> Shift:
    """The shift of a plant day by its name; the one that is on where neither is given. Raises ValueError."""
    now = shift_at(site.shifts, now_ns)
    if not day and not name:
        return now
    found = list(shifts_of(site.shifts, *day_span(site.shifts, day or now.day)))
    for each in found:
        if each.name == (name or found[0].name):
            return each
    raise ValueError(
        f"{name!r} is no shift of {day or now.day}; there are {', '.join(s.name for s in found)}"
    )


def handover(reader: JournalReader, site: Site, shift: Shift, now_ns: int) -> dict[str, Any]:
    """All of it, as plain data; of a shift that is not over as far as it went."""
    t0, t1 = shift.from_ns, max(shift.from_ns, min(shift.to_ns, now_ns))
    events = list(reader.events_between(t0, t1, _KINDS))
    moves = sorted(
        reader.events_between(t0 - _LOTS_BACK_NS, t1, ["LotChanged"]),
        key=lambda each: (each.event.time_ns, each.seq),
    )
    flows = Flows(reader, site)
    counts = _counts(flows, events, moves, t0, t1)
    before = shift_at(site.shifts, t0 - 1)
    return {
        "site": site.site, "day": shift.day, "shift": shift.name, "team": shift.team,
        "zone": site.shifts.zone, "from": iso(t0), "to": iso(shift.to_ns), "over": shift.to_ns <= now_ns,
        "before": _place(before), "after": _place(shift_at(site.shifts, shift.to_ns)),
        "machines": [_machine(flows, each, t0, t1) for each in site.score.machines] if t1 > t0 else [],
        "lots": _lots(site, events, moves, counts), "kg": _kilograms(events),
        "rejects": _rejects(counts),
        "alarms": _alarms(reader, t0, t1),
        "ratios": _ratios(reader, shift),
        "checks": [_noted(each) for each in events if _kind(each) in _CHECKS],
        "holds": [_noted(each) for each in events if _kind(each) in _HOLDS],
        "others": [_noted(each) for each in events if _kind(each) in _OTHERS],
        "notes": [_noted(each) for each in events if _kind(each) == "handover"],
        "told": [_noted(each) for each in reader.events_between(before.from_ns, t0, ["handover"])],
    }  # fmt: skip


def _place(shift: Shift) -> dict[str, str]:
    return {"day": shift.day, "shift": shift.name}


def _kind(numbered: NumberedEvent) -> str:
    return numbered.event.kind if isinstance(numbered.event, Noted) else ""


def _noted(numbered: NumberedEvent) -> dict[str, Any]:
    plain = to_plain(numbered.event)
    return {
        "seq": numbered.seq, "time": iso(numbered.event.time_ns), "kind": plain["kind"], "subject": plain["subject"],
        "facts": in_both(plain["facts"]),
    }  # fmt: skip


def _machine(flows: Flows, machine: Any, t0: int, t1: int) -> dict[str, Any]:
    found = ran(flows, machine, t0, t1)
    return {
        "machine": machine.name, "cell": machine.cell, "run_s": found.run_s, "idle_s": found.idle_s,
        "down_s": found.busy_s - found.run_s, "unread_s": found.unread_s, "shots": found.shots, "parts": found.parts,
        "good": found.good, "kg": found.drawn_kg, "oee": found.oee,
    }  # fmt: skip


def _counts(
    flows: Flows, events: Sequence[NumberedEvent], moves: Sequence[NumberedEvent], t0: int, t1: int
) -> list[Count]:
    lines = {
        event.lot: event.cell.rpartition("/")[0]
        for _, _, event in moves
        if isinstance(event, LotChanged) and event.cell
    }
    made = counted_by_people(events, lines)
    for meter in flows.site.meters:
        if meter.kind == "shots" and meter.good and t1 > t0:
            where = meter.cell.rpartition("/")
            stays = stays_at(moves, meter.cell, t1)
            made += counted_by_machine(flows.meter(meter.name, t0, t1).made, stays, where[2], where[0])
    return made


def _lots(
    site: Site, events: Sequence[NumberedEvent], moves: Sequence[NumberedEvent], counts: Sequence[Count]
) -> list[dict[str, Any]]:
    """Lots that became whole, and product lots that are still at a cell; with what was counted of each meanwhile."""
    rows: dict[str, dict[str, Any]] = {}
    for _, _, event in events:
        if isinstance(event, LotMade) and event.inputs and event.kind != "content":
            rows[event.lot] = {
                "lot": event.lot, "kind": event.kind, "cell": event.cell, "kg": event.kg, "closed": iso(event.time_ns),
                "order": str(event.facts.get("order", "")),
            }  # fmt: skip
    for lot, cell in _here(moves).items():
        rows.setdefault(lot, {"lot": lot, "kind": "", "cell": cell, "kg": None, "closed": None, "order": ""})
    for row in rows.values():
        mine = [each for each in counts if each.lot == row["lot"]]
        row["site"] = site.site
        row["good"] = sum(each.good for each in mine) if mine else None
        row["reject"] = sum(each.reject for each in mine) if mine else None
    return sorted(rows.values(), key=lambda row: (row["closed"] or "~", row["lot"]))


def _here(moves: Iterable[NumberedEvent]) -> dict[str, str]:
    """Product lots that were opened and not closed, by the cell where they are."""
    here: dict[str, str] = {}
    for _, _, event in moves:
        if isinstance(event, LotChanged) and event.role == "product":
            if event.change in {"opened", "moved"}:
                here[event.lot] = event.cell
            elif event.change == "closed":
                here.pop(event.lot, None)
    return here


def _kilograms(events: Iterable[NumberedEvent]) -> dict[str, float]:
    """By kind of lot: first versions alone, an amendment makes no kilograms."""
    sums: dict[str, float] = {}
    for _, _, event in events:
        if isinstance(event, LotMade) and event.inputs and event.version == 1 and not event.aggregated:
            sums[event.kind] = sums.get(event.kind, 0.0) + event.kg
    return {kind: kg for kind, kg in sorted(sums.items()) if kind in {"box", "batch", "regrind", "blend"}}


def _rejects(counts: Iterable[Count]) -> list[dict[str, Any]]:
    """By step and reason, the most first."""
    sums: dict[tuple[str, str], list[float]] = {}
    for each in counts:
        row = sums.setdefault((each.step, each.reason), [0.0, 0.0])
        row[0], row[1] = row[0] + each.good, row[1] + each.reject
    found = [
        {"step": step, "reason": reason, "good": good, "reject": reject}
        for (step, reason), (good, reject) in sums.items()
    ]
    return sorted(found, key=lambda row: (-float(str(row["reject"])), str(row["step"])))


def _alarms(reader: JournalReader, t0: int, t1: int) -> list[dict[str, Any]]:
    """Alarms that anything happened to in the shift, and those that stood at its end; each as it was then."""
    touched = {each.alarm: each for each in _changes(reader, t0, t1)}
    stood, newest = dict(touched), {each.alarm: each for each in reader.alarms(closed=True)}
    late = {each.alarm for each in newest.values() if each.time_ns >= t1} - set(touched)
    stood |= {name: each for name, each in newest.items() if name not in touched and each.time_ns < t0}
    if late:  # how they stood before is further back
        for each in _changes(reader, t0 - _ALARMS_BACK_NS, t0):
            if each.alarm in late:
                stood[each.alarm] = each
    rows = []
    for alarm in stood.values():
        if alarm.alarm in touched or alarm.state != "closed":
            facts = alarm.facts or {}
            rows.append(
                {
                    "alarm": alarm.alarm,
                    "time": iso(alarm.time_ns),
                    "state": alarm.state,
                    "kind": alarm.kind,
                    "severity": int(alarm.severity),
                    "subject": alarm.tag or alarm.subject,
                    **{
                        name: facts.get(name)
                        for name in ("cause", "action", "acknowledged_by", "sentence", "sentence_zh")
                    },
                }
            )
    order = {"active": 0, "returned": 1, "shelved": 2, "acknowledged": 3, "closed": 4}
    return sorted(
        rows, key=lambda row: (order[str(row["state"])], -int(str(row["severity"])), str(row["time"]))
    )


def _changes(reader: JournalReader, t0: int, t1: int) -> list[AlarmChanged]:
    """Of alarms, the oldest first."""
    found = (each.event for each in reader.events_between(t0, t1, ["AlarmChanged"]))
    return [event for event in found if isinstance(event, AlarmChanged)]


def _ratios(reader: JournalReader, shift: Shift) -> list[dict[str, Any]]:
    """How the ratio was held, by doser and component: told when the shift is over."""
    found = reader.events_between(shift.from_ns, shift.to_ns + _LATE_NS, ["ratio_shift"])
    rows: list[Mapping[str, Any]] = [
        {"doser": event.subject, **to_plain(event)["facts"]}
        for _, _, event in found
        if isinstance(event, Noted)
        and (event.facts.get("shift"), event.facts.get("day")) == (shift.name, shift.day)
    ]
    return [dict(row) for row in rows]

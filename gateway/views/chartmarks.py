"""What happened on a chart: signals with their alarms, lots, notes, limits that changed; as plain data."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gateway.journal import JournalReader
from gateway.model import AlarmChanged, Change, NumberedEvent, Signal
from gateway.site import Characteristic
from gateway.views.book import LIMITS, Book, book_of
from gateway.views.moments import iso

_MS = 1_000_000
_LOTS_MOST = 300


def marks(reader: JournalReader, row: Characteristic, key: str, span: tuple[int, int]) -> dict[str, Any]:
    """Of the samples in [t0, t1)."""
    t0, t1 = span
    book, cell = book_of(reader), row.tag.rpartition("/")[0]
    events = reader.events_between(t0, t1, ["Signal", "AlarmChanged"])
    lots = [
        {
            "lot": lot, "role": window.role, "from_ms": window.since_ns // _MS,
            "to_ms": None if window.until_ns is None else window.until_ns // _MS,
        }
        for lot, window in reader.lot_windows(t0, t1)
        if window.cell == cell
    ]  # fmt: skip
    lots.sort(key=lambda lot: (lot["from_ms"], lot["lot"]))
    return {
        "signals": _signals(events, row.id, key, book),
        "lots": lots[-_LOTS_MOST:],
        "notes": _notes(book, row.id, key, span),
        "steps": _steps(book, row, key, span),
    }


def _signals(events: Iterable[NumberedEvent], wanted: str, key: str, book: Book) -> list[dict[str, Any]]:
    """Each with the alarm that it raised, or that stood already."""
    found: list[dict[str, Any]] = []
    standing = {alarm: life.begun_ns for alarm, life in book.lives.items() if _about(life.alarm, wanted, key)}
    for _, _, event in events:
        if not isinstance(event, Signal) or event.characteristic != wanted or event.key != key:
            continue
        raised = [alarm for alarm, begun_ns in standing.items() if begun_ns <= event.time_ns + _LATE_NS]
        alarm = max(raised, key=lambda each: standing[each], default="")
        found.append(_signal(event, alarm))
    return found


_LATE_NS = 5_000_000_000  # an alarm is dated by its reading, a signal by its sample


def _about(alarm: AlarmChanged, wanted: str, key: str) -> bool:
    return alarm.kind == "signal" and alarm.subject == wanted and (alarm.facts or {}).get("key", "") == key


def _signal(event: Signal, alarm: str) -> dict[str, Any]:
    return {
        "time": iso(event.time_ns), "time_ms": event.time_ns // _MS, "rules": list(event.rules), "value": event.value,
        "center": event.center, "lcl": event.lcl, "ucl": event.ucl, "size_sigma": event.size_sigma, "uom": event.uom,
        "lots": list(event.lots_since or event.lots), "alarm": alarm, "change": _change(event.change),
        "contributions": dict(event.contributions), "plan": event.plan,
    }  # fmt: skip


def _change(change: Change | None) -> dict[str, Any] | None:
    if change is None:
        return None
    return {
        "at_ms": change.time_ns // _MS, "from_ms": change.from_ns // _MS, "to_ms": change.to_ns // _MS,
        "size": change.size, "size_sigma": change.size_sigma,
    }  # fmt: skip


def _notes(book: Book, wanted: str, key: str, span: tuple[int, int]) -> list[dict[str, Any]]:
    notes: list[dict[str, Any]] = []
    for _, _, event in book.notes.get(wanted, ()):
        at = event.facts.get("time_ns")
        if event.facts.get("key") == key and isinstance(at, int) and span[0] - _MS <= at < span[1] + _MS:
            said = {name: event.facts.get(name) for name in ("text", "operator")}
            notes.append({"time_ms": at // _MS, **said, "written": iso(event.time_ns)})
    return sorted(notes, key=lambda note: (note["time_ms"], note["written"]))


def _steps(book: Book, row: Characteristic, key: str, span: tuple[int, int]) -> list[dict[str, Any]]:
    """Limits that came into force, and revisions of the plan, in the order of time."""
    cell = row.tag.rpartition("/")[0]
    steps: list[dict[str, Any]] = [
        {"time_ms": event.time_ns // _MS, "is": event.kind, "what": event.facts.get("version", "")}
        for _, _, event in book.limits.get(row.id, ())
        if event.facts.get("key") == key and span[0] <= event.time_ns < span[1] and event.kind in LIMITS
    ]
    steps += [
        {"time_ms": each.time_ns // _MS, "is": "plan_in_force", "what": f"{each.plan} {each.revision}"}
        for each in book.in_force
        if each.plan == row.line.plan and each.cell == cell and span[0] <= each.time_ns < span[1]
    ]
    return sorted(steps, key=lambda step: step["time_ms"])

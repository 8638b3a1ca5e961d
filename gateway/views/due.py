"""What people owe by the control plans now: checks and duties that are due, late or missed, out of the events."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gateway.journal import JournalReader
from gateway.model import Event, Noted
from gateway.views.moments import iso

KINDS = ("check_due", "check_late", "check_missed", "check_done")
_STATES = {"check_due": "due", "check_late": "late", "check_missed": "missed"}


@dataclass(frozen=True, slots=True)
class Owed:
    """One of them."""

    check: str
    what: str  # "check", "calibration", "maintenance", "qualification", "audit"
    state: str  # "due", "late", "missed"
    due_ns: int
    lot: str = ""
    cell: str = ""


Standing = dict[tuple[str, str], Owed]
"""By check, and by lot where it is one of each lot."""


def stood(found: Standing, event: Noted) -> None:
    """What stands after one more of `KINDS`."""
    facts = event.facts
    key = (event.subject, str(facts.get("lot") or "") if facts.get("every") == "lot" else "")
    due_ns = facts.get("due_ns")
    if event.kind == "check_done":
        found.pop(key, None)
    elif event.kind == "check_due" and isinstance(due_ns, int):
        found[key] = Owed(
            event.subject, str(facts.get("what")), "due", due_ns, key[1], str(facts.get("cell") or "")
        )
    elif key in found and found[key].due_ns <= (due_ns if isinstance(due_ns, int) else 0):
        found[key] = replace(found[key], state=_STATES[event.kind])


def owed(events: Iterable[Event], known: Iterable[str]) -> list[Owed]:
    """What is not done, the oldest first; `known`: checks of the plans as they are."""
    found: Standing = {}
    for event in events:
        if isinstance(event, Noted) and event.kind in KINDS:
            stood(found, event)
    return _of(found, known)


def _of(found: Standing, known: Iterable[str]) -> list[Owed]:
    names = frozenset(known)
    return sorted((each for each in found.values() if each.check in names), key=lambda each: each.due_ns)


def still_owed(found: Standing, known: Iterable[str], since_ns: int) -> list[Owed]:
    """What stands, however old it is; of a lot only what fell due since an instant: it is long gone."""
    return [each for each in _of(found, known) if not each.lot or each.due_ns >= since_ns]


def due(readers: Sequence[JournalReader], from_ns: int, to_ns: int) -> list[dict[str, Any]]:
    """As plain data, of all journals; what fell due before `from_ns` is not looked for."""
    rows: list[dict[str, Any]] = []
    for reader in readers:
        site = reader.site()
        events = (each.event for each in reader.events_between(from_ns, to_ns, KINDS))
        rows += told(reader, owed(events, (row.id for row in site.checks) if site else ()))
    return sorted(rows, key=lambda row: row["due_ns"])


def told(reader: JournalReader, found: Iterable[Owed]) -> list[dict[str, Any]]:
    """As plain data, and whose it is."""
    who, site = reader.identity, reader.site()
    about = {row.id: ", ".join(filter(None, (row.about, row.subject))) for row in site.checks} if site else {}
    return [
        {
            "site": who.site, "gateway": who.gateway, "check": each.check, "what": each.what, "lot": each.lot,
            "cell": each.cell, "about": about.get(each.check, ""), "state": each.state,
            "due": iso(each.due_ns), "due_ns": each.due_ns,
        }
        for each in found
    ]  # fmt: skip

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


def owed(events: Iterable[Event], known: Iterable[str]) -> list[Owed]:
    """What is not done, the oldest first; `known`: checks of the plans as they are."""
    names, found = frozenset(known), dict[tuple[str, str], Owed]()
    for event in events:
        if not isinstance(event, Noted) or event.kind not in KINDS:
            continue
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
    return sorted((each for each in found.values() if each.check in names), key=lambda each: each.due_ns)


def due(readers: Sequence[JournalReader], from_ns: int, to_ns: int) -> list[dict[str, Any]]:
    """As plain data, of all journals; what fell due before `from_ns` is not looked for."""
    rows: list[dict[str, Any]] = []
    for reader in readers:
        site, who = reader.site(), reader.identity
        events = (each.event for each in reader.events_between(from_ns, to_ns, KINDS))
        for each in owed(events, (row.id for row in site.checks) if site else ()):
            about = {
                "check": each.check,
                "what": each.what,
                "lot": each.lot,
                "cell": each.cell,
                "state": each.state,
            }
            rows.append(
                {
                    "site": who.site,
                    "gateway": who.gateway,
                    **about,
                    "due": iso(each.due_ns),
                    "due_ns": each.due_ns,
                }
            )
    return sorted(rows, key=lambda row: row["due_ns"])

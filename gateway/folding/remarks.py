"""What people write beside a sample of a chart, as events; pure.

It changes nothing that is watched, and it is never taken back: who was wrong writes another one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from gateway.model import Entry, Noted, Plain, Severity

NOTED = "sample_noted"  # kind of the event


def entered(entry: Entry, characteristics: Collection[str]) -> tuple[Noted, ...] | None:
    """The event of ``{"characteristic", "key", "time_ns", "text"}``; None where the entry is no note."""
    if entry.kind != "note":
        return None
    if entry.body.get("characteristic") not in characteristics:
        return (_noted(entry, "note_refused", {"reason": "there is no such characteristic"}),)
    return (_noted(entry, "sample_noted", {}),)


def _noted(entry: Entry, kind: str, more: Mapping[str, Plain]) -> Noted:
    facts: dict[str, Plain] = {name: entry.body.get(name) for name in ("key", "time_ns", "text")}
    facts |= {"operator": entry.operator, **more}
    return Noted(entry.at.time_ns, kind, str(entry.body.get("characteristic")), Severity.INFO, facts)

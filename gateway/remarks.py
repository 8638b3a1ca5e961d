"""What people write beside a sample of a chart, as events; pure.

It changes nothing that is watched, and it is never taken back: who was wrong writes another one.
"""

from __future__ import annotations

from collections.abc import Collection

from gateway.model import Entry, Noted, Plain, Severity

NOTE = "note"  # kind of the entry
NOTED, REFUSED = "sample_noted", "note_refused"  # kinds of the events


def entered(entry: Entry, characteristics: Collection[str]) -> tuple[Noted, ...] | None:
    """The event of ``{"characteristic", "key", "time_ns", "text"}``; None where the entry is no note."""
    if entry.kind != NOTE:
        return None
    subject = str(entry.body.get("characteristic"))
    facts: dict[str, Plain] = {name: entry.body.get(name) for name in ("key", "time_ns", "text")}
    facts["operator"] = entry.operator
    kind = NOTED
    if subject not in characteristics:
        kind, facts["reason"] = REFUSED, "there is no such characteristic"
    return (Noted(entry.at.time_ns, kind, subject, Severity.INFO, facts),)

"""What the office, those who count and those who go home say: orders, good parts, rejects, notes for the next shift.

Kept as events, for scores and people; pure. They change nothing that is watched: an order that comes again with the
same number is a newer version of it, and a count is one more count.
"""

from __future__ import annotations

from collections.abc import Mapping

from gateway.model import Entry, Noted, Plain, Severity


def entered(entry: Entry) -> tuple[Noted, ...] | None:
    """The events of an entry; None where it is not of the office."""
    if entry.kind == "orders":
        orders = entry.body.get("orders")
        rows = [row for row in orders if isinstance(row, Mapping)] if isinstance(orders, list) else []
        return tuple(
            _noted(entry, "order", str(row.get("order")), {key: row[key] for key in row if key != "order"})
            for row in rows
        )
    if entry.kind == "counted":
        body = {key: value for key, value in entry.body.items() if key != "lot"}
        return (_noted(entry, "counted", str(entry.body.get("lot")), body),)
    if entry.kind == "handover":
        return (_noted(entry, "handover", entry.operator, {"text": entry.body.get("text")}),)
    return None


def _noted(entry: Entry, kind: str, subject: str, facts: Mapping[str, Plain]) -> Noted:
    return Noted(entry.at.time_ns, kind, subject, Severity.INFO, {**facts, "operator": entry.operator})

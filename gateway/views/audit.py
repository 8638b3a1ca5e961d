"""What people did, as plain data, and how far the chain that proves it reaches."""

from __future__ import annotations

from typing import Any

from gateway.journal import JournalReader
from gateway.model import AlarmChanged, Entry, Event, LotChanged, LotMade, Noted, NumberedInput, Signal
from gateway.plain import to_plain
from gateway.views.book import book_of
from gateway.views.moments import iso


def acts(reader: JournalReader, before: int, most: int) -> list[dict[str, Any]]:
    """Entries, the newest first: who, what, when, and what came of it."""
    where = book_of(reader).acted_from
    return [_act(reader, numbered, where.get(numbered.seq)) for numbered in reader.entries(before, most)]


def _act(reader: JournalReader, numbered: NumberedInput, where: str | None) -> dict[str, Any]:
    given = numbered.input
    if not isinstance(given, Entry):
        raise TypeError(f"input {numbered.seq} is no entry")
    return {
        "site": reader.identity.site, "gateway": reader.identity.gateway, "seq": numbered.seq,
        "time": iso(given.at.time_ns), "operator": given.operator, "from": where,
        "act": given.kind,
        "about": _about(given), "body": to_plain(given.body),
        "came": [_came(event) for _, _, event in reader.caused_by(numbered)],
    }  # fmt: skip


def _about(given: Entry) -> str:
    names = ("lot", "alarm", "characteristic", "vessel", "document", "order", "tag")
    return next((str(given.body[name]) for name in names if given.body.get(name)), "")


def _came(event: Event) -> str:
    match event:
        case AlarmChanged():
            return f"{event.alarm}: {event.state}"
        case LotChanged():
            return f"{event.lot}: {event.change}"
        case LotMade():
            return f"{event.lot}: {event.kind}, {event.kg:.3f} kg"
        case Signal():
            return f"{event.characteristic}: {' '.join(event.rules)}"
        case Noted():
            return event.kind


def comings(reader: JournalReader) -> list[dict[str, Any]]:
    """The newest sign-ins, and what was done with accounts; from where, as far as it was told."""
    who = reader.identity
    return [
        {
            "site": who.site, "gateway": who.gateway, "time": iso(event.time_ns), "operator": event.subject,
            "what": event.kind, "from": event.facts.get("from"), "act": event.facts.get("act"),
            "refused": event.facts.get("refused"),
        }
        for event in book_of(reader).comings
    ]  # fmt: skip


def chain(reader: JournalReader) -> dict[str, Any]:
    """The newest signed head of the ledger; null where none was signed yet."""
    head = reader.ledger.newest_head()
    return {
        "site": reader.identity.site, "gateway": reader.identity.gateway, "leaves": reader.ledger.size(),
        "head": None if head is None else {"size": head.size, "time": iso(head.time_ns), "note": head.note},
    }  # fmt: skip

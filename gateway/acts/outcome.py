"""What became of an act, as an event behind those that it caused: so a replica knows when it has them all. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.model import Entry, Event, Input, Noted, Plain, Severity

DONE, REFUSED = "act_done", "act_refused"
REFUSED_ENTRY = "refused"  # kind of an Entry: a known user asked for what cannot be; it changes nothing


def with_outcome(given: Input, events: Sequence[Event]) -> tuple[Event, ...]:
    """The events of an input; of an entry that came as an act, its outcome too.

    >>> from gateway.model import Entry, Instant
    >>> entry = Entry("hold", Instant(5, 5, 1), "17", {"lot": "R-7", "act": "0f"})
    >>> with_outcome(entry, ())[-1].facts["reason"]
    'it changes nothing'
    """
    if not isinstance(given, Entry) or not isinstance(given.body.get("act"), str):
        return tuple(events)
    reason = _reason(given, events)
    facts: dict[str, Plain] = {
        "act": given.body["act"],
        "entry": given.body.get("kind") if given.kind == REFUSED_ENTRY else given.kind,
        "operator": given.operator,
        "events": len(events),
    }
    at, who = given.at.time_ns, given.operator
    if reason:
        return (*events, Noted(at, "act_refused", who, Severity.WARNING, {**facts, "reason": reason}))
    return (*events, Noted(at, "act_done", who, Severity.INFO, facts))


def _reason(given: Entry, events: Sequence[Event]) -> str:
    """Why it was not done; "": it was."""
    if given.kind == REFUSED_ENTRY:
        return str(given.body.get("reason"))
    for event in events:
        if isinstance(event, Noted) and (event.kind.endswith("_refused") or event.kind == "fold_failed"):
            return str(event.facts.get("reason", event.facts.get("error", event.kind)))
    return "" if events else "it changes nothing"

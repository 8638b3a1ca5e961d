"""What became of an act, as a replica has it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from gateway.acts import DONE, LIFE_MOST_NS, REFUSED
from gateway.journal import JournalReader
from gateway.model import Noted, NumberedEvent
from gateway.plain import to_plain


class Outcome(NamedTuple):
    """The number of the entry that an act became, the events that it caused, and why it was refused; "": it was not."""

    entry: int
    events: tuple[Mapping[str, Any], ...]
    refused: str


def outcome(reader: JournalReader, act: str, made_ns: int, expires_ns: int) -> Outcome | None:
    """None while the replica does not have it all. Raises JournalError."""
    since, until = made_ns - LIFE_MOST_NS, expires_ns + LIFE_MOST_NS
    for seq, cause, event in reader.events_between(since, until, [DONE, REFUSED]):
        if isinstance(event, Noted) and event.facts.get("act") == act:
            return _whole(reader, seq, cause, event)
    return None


def _whole(reader: JournalReader, seq: int, cause: int, said: Noted) -> Outcome | None:
    count = int(str(said.facts.get("events", 0)))
    before: list[NumberedEvent] = list(reader.events(seq - count, seq - 1)) if count else []
    if len(before) != count:
        return None
    refused = str(said.facts.get("reason", "")) if said.kind == REFUSED else ""
    return Outcome(cause, tuple(to_plain(each.event) for each in before) or (to_plain(said),), refused)

"""The documents that carry events: one whole, in pieces, or the answer to a query. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import orjson

from gateway.epcis.shapes import OUR_CONTEXT, Event
from gateway.epcis.times import stamp

VERSION = "2.0"


def document_pieces(events: Iterable[Event], now_ns: int) -> Iterator[bytes]:
    """An EPCISDocument as it grows: however many events there are, one at a time is in memory."""
    head = {
        "@context": OUR_CONTEXT,
        "type": "EPCISDocument",
        "schemaVersion": VERSION,
        "creationDate": stamp(now_ns),
    }
    yield orjson.dumps(head)[:-1] + b',"epcisBody":{"eventList":['
    between = b"\n"
    for event in events:
        yield between + orjson.dumps(event)
        between = b",\n"
    yield b"\n]}}\n"


def alone(event: Event) -> Event:
    """An event that stands by itself, with its context."""
    return {"@context": OUR_CONTEXT, **event}


def answer(events: Sequence[Event], now_ns: int, query: str = "SimpleEventQuery") -> dict[str, Any]:
    """An EPCISQueryDocument."""
    return {
        "@context": OUR_CONTEXT,
        "type": "EPCISQueryDocument",
        "schemaVersion": VERSION,
        "creationDate": stamp(now_ns),
        "epcisBody": {"queryResults": {"queryName": query, "resultsBody": {"eventList": list(events)}}},
    }

"""Answers to queries, a page at a time, over one journal or many replicas.

Replicas are gone through one after the other, each in the order of time. A look goes through so many lot events and no
more; what it did not reach is on the next page, so a page may be short, or empty with one behind it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, Self

from gateway.epcis.query import BadQuery, Query, matches
from gateway.epcis.shapes import Event
from gateway.journal import open_readers
from gateway.journal.lotevents import FIRST, PAGE, LotEvent
from gateway.repository.events import EventStream, Place
from gateway.repository.ids import Ids, StillReading
from gateway.repository.sieve import may_answer

_FIRST_ROWS = 100  # of the first look: most pages need no more
LOOKED_AT = 1_500  # EPCIS events that one answer goes through; a page of other events counts for some
_SIEVED_AN_EVENT = 4  # lot events that are read and cannot answer
_ROWS_AN_EVENT = 10  # rows of other kinds cost as much as one EPCIS event
_WHOLE = 1 << 30  # a part behind every EPCIS event of a lot event
_BEFORE_ALL = Place(*FIRST, -1)


class Page(NamedTuple):
    """Some answers."""

    events: list[Event]
    token: str  # of the next page; "": there is none


class Stopped(Exception):
    """Somebody wants this work to end; nothing is wrong."""


class _Start(NamedTuple):
    stream: int
    after: Place


class Repository:
    """What a data folder holds. Not for two threads at once. Raises JournalError."""

    def __init__(
        self, folder: Path, stopping: Callable[[], bool] = lambda: False, sites: Sequence[str] = ()
    ) -> None:
        """`stopping` is asked often while work goes on: once it says so, the work ends with Stopped.

        `sites`: what others have is not there at all; none: all of it is.
        """
        self._stopping = stopping
        self.streams: list[EventStream] = []
        try:
            for reader in open_readers(folder):
                if sites and reader.identity.site not in sites:
                    reader.close()
                else:
                    self.streams.append(EventStream(reader))
        except BaseException:
            self.close()
            raise
        self._ids = Ids()
        self._sieved = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        for stream in self.streams:
            stream.close()

    def events(self, from_ns: int, to_ns: int, lots: Sequence[str] = ()) -> Iterator[Event]:
        """Every event of a span of time, or those that name one of some lots."""
        for stream in self.streams:
            if lots:
                for found in stream.of_lots(lots, from_ns, to_ns):
                    yield from stream.told(found)
            else:
                yield from stream.between(from_ns, to_ns)

    def ask(self, query: Query) -> Page:
        """A page of answers. Raises BadQuery for a token that is not of this query; StillReading, try again."""
        self._refresh()
        if query.ids:
            known = [event for each in sorted(query.ids) for event in self.named(each)]
            return Page([event for event in known if matches(query, event)], "")
        start = _start(query, len(self.streams))
        events: list[Event] = []
        last, looked, self._sieved = (start.stream, start.after), 0, 0
        for number, found, reached in self._looks(start, query):
            for place, event in found:
                self._go_on()
                if matches(query, event):
                    if len(events) >= query.per_page:
                        return Page(events, _token(query, *last))
                    events.append(event)
                last = (number, place)
                looked += 1
            self._go_on()
            if reached is not None:
                last = (number, reached)
            looked += PAGE // _ROWS_AN_EVENT
            if looked + self._sieved // _SIEVED_AN_EVENT >= LOOKED_AT and not (
                number == len(self.streams) - 1 and reached is None
            ):
                return Page(events, _token(query, *last))
        return Page(events, "")

    def named(self, event_id: str) -> list[Event]:
        """The events of an id: one, and its error declaration where it was declared wrong. Raises StillReading."""
        self._refresh()
        found = []
        for number, seq in self._ids.find(event_id, self.streams, self._go_on):
            stream = self.streams[number]
            for each in stream.lots.numbered([seq]):
                found += [event for event in stream.told(each) if event["eventID"] == event_id]
        return found

    def _refresh(self) -> None:
        changed = [stream.refresh() for stream in self.streams]
        if any(changed):
            self._ids = Ids()

    def _go_on(self) -> None:
        if self._stopping():
            raise Stopped

    def _some(self, query: Query, found: Iterable[LotEvent]) -> Iterator[LotEvent]:
        for each in found:
            self._go_on()
            if may_answer(query, each.numbered.event):
                yield each
            else:
                self._sieved += 1

    def _looks(
        self, start: _Start, query: Query
    ) -> Iterator[tuple[int, Iterable[tuple[Place, Event]], Place | None]]:
        """Stream by stream, what one look gave behind the start, and how far it went; None: to the stream's end."""
        from_ns, to_ns = query.bounds()
        named = query.named()
        for number in range(start.stream, len(self.streams)):
            stream = self.streams[number]
            behind = start.after if number == start.stream else _BEFORE_ALL
            if named is not None:
                lots = list(dict.fromkeys(stream.names.lot_of(uri) for uri in named))
                few = stream.of_lots(lots, from_ns, to_ns)
                yield number, _behind(stream.placed(self._some(query, few)), behind), None
                continue
            after: tuple[int, int] | None = max((from_ns, -1), (behind.time_ns, behind.seq - 1))
            rows = _FIRST_ROWS
            while after is not None:
                found, after = stream.lots.look(after, to_ns, rows)
                rows = PAGE
                reached = None if after is None else Place(*after, _WHOLE)
                yield number, _behind(stream.placed(self._some(query, found)), behind), reached


def _behind(found: Iterable[tuple[Place, Event]], start: Place) -> Iterator[tuple[Place, Event]]:
    return ((place, event) for place, event in found if place > start)


def _about(query: Query) -> str:
    """What a token is for: the question without its page."""
    asked = [
        sorted(query.times.items()),
        *(
            sorted((name, sorted(values)) for name, values in part.items())
            for part in (query.words, query.places)
        ),
        sorted((name, list(values)) for name, values in query.lots.items()),
    ]
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:16]


def _token(query: Query, number: int, place: Place) -> str:
    said = json.dumps([_about(query), number, *place], separators=(",", ":"))
    return base64.urlsafe_b64encode(said.encode()).decode("ascii").rstrip("=")


def _start(query: Query, streams: int) -> _Start:
    if not query.token:
        return _Start(0, _BEFORE_ALL)
    try:
        text = base64.b64decode(query.token + "=" * (-len(query.token) % 4), altchars=b"-_", validate=True)
        about, *numbers = json.loads(text)
    except (binascii.Error, ValueError, TypeError):
        raise BadQuery(
            "nextPageToken", "it is none: take it from the Link header of the page before"
        ) from None
    sound = len(numbers) == 4 and all(type(each) is int and -(2**63) <= each < 2**63 for each in numbers)
    if about != _about(query) or not sound or not 0 <= numbers[0] < max(streams, 1):
        raise BadQuery("nextPageToken", "it is of another query: repeat the parameters of the page before")
    return _Start(numbers[0], Place(*numbers[1:]))


__all__ = ["Page", "Repository", "StillReading", "Stopped"]

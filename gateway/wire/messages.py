"""A block of committed records as messages, and what a message holds.

Readings and ticks have two forms that say the same: compact (`gateway.wire.columnar`), and JSON for people and their
tools, a switch for each. All other records are rare, and JSON.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import orjson

from gateway.model import (
    BAD_FROM,
    EVENT_STREAM,
    INPUT_STREAM,
    AlarmChanged,
    Block,
    GroupId,
    Identity,
    LotChanged,
    LotMade,
    NumberedEvent,
    NumberedInput,
    Reading,
    Tick,
)
from gateway.rows import Rows, Stretch, readings_of, rows_of
from gateway.wire import columnar, readings, records
from gateway.wire.catalogue import Catalogue
from gateway.wire.checks import NotOurs, member, text, whole
from gateway.wire.eras import Eras
from gateway.wire.layouts import WireLayout
from gateway.wire.packed import is_compact, unframed
from gateway.wire.topics import site_topic, split

T = TypeVar("T")

VERSION = 1
VALUES_PER_MESSAGE = 5_000  # in JSON, some 50 kB; a longer run of one group goes in parts
VALUES_PER_COMPACT = 16_000  # half a millisecond, some 20 kB


@dataclass(frozen=True, slots=True)
class Message:
    """What goes to the broker at QoS 1, and which records are with it: none in a layout."""

    topic: str
    payload: bytes
    stream: str
    seqs: tuple[int, ...]
    retain: bool = False
    clears: bool = (
        False  # the alarm is closed: an empty retained payload follows, which takes it off the broker
    )
    alarm: str = ""  # of an alarm's version: its id ...
    version: int = 0  # ... and number, so that an older one never replaces a newer


@dataclass(frozen=True, slots=True)
class Records:
    """What one message holds."""

    identity: Identity
    inputs: tuple[NumberedInput, ...] = ()
    events: tuple[NumberedEvent, ...] = ()
    columns: tuple[tuple[GroupId, Rows], ...] = ()  # readings that came in the compact form

    def seqs(self) -> list[int]:
        """Their numbers, ascending where one stream is in it."""
        records = [*(each.seq for each in self.inputs), *(each.seq for each in self.events)]
        return records + [seq for _, rows in self.columns for seq in rows.seq.tolist()]


def messages(identity: Identity, block: Block, eras: Eras, plain: Collection[str] = ()) -> Iterator[Message]:
    """The block as messages: events, then scans, entries and settings one by one, readings by group, ticks.

    `plain`: which of COMPACT go as JSON. Before compact readings comes their layout, each time: who knows that the
    broker has it leaves it out.
    """
    for event in block.events:
        yield _event(identity, event)
    ticks: list[tuple[int, Tick]] = []
    runs: dict[tuple[str, int, int, int], list[tuple[int, Reading]]] = {}
    for seq, given in block.inputs:
        if isinstance(given, Reading):
            alike = (given.group, len(given.values), len(given.raw), eras.start_of(seq))
            runs.setdefault(alike, []).append((seq, given))
        elif isinstance(given, Tick):
            ticks.append((seq, given))
        else:
            body = records.encode_input(seq, given)
            yield _message(identity, records.kind_of(given), INPUT_STREAM, (seq,), body)
    for (group, points, _, era), run in runs.items():
        if "reading" not in plain:
            yield from _compact(identity, group, rows_of(run), eras.catalogue(era))
            continue
        for part in _parts(run, max(VALUES_PER_MESSAGE // max(points, 1), 1)):
            yield _in_json(identity, part, eras.catalogue(era))
    yield from _ticks(identity, ticks, plain)


def stretch_messages(
    identity: Identity, stretch: Stretch, eras: Eras, plain: Collection[str] = ()
) -> Iterator[Message]:
    """The same of inputs read back from the journal, whose readings are columns already."""
    others = [each for each in stretch.others if not isinstance(each.input, Tick)]
    yield from messages(identity, Block(tuple(others), ()), eras, plain)
    for group, columns in stretch.columns:
        for rows, catalogue in eras.split(columns):
            if "reading" not in plain:
                yield from _compact(identity, group, rows, catalogue)
                continue
            step = max(VALUES_PER_MESSAGE // max(rows.quality.shape[1], 1), 1)
            for part in _cut(rows, step):
                yield _in_json(identity, _readings(group, part, catalogue), catalogue)
    ticks = [(seq, given) for seq, given in stretch.others if isinstance(given, Tick)]
    yield from _ticks(identity, ticks, plain)


def _compact(identity: Identity, group: GroupId, rows: Rows, catalogue: Catalogue) -> Iterator[Message]:
    shape = catalogue.shape(group, rows.quality.shape[1], rows.raw.shape[1])
    described = WireLayout(None) if shape is None else shape.described
    if described.id:
        topic = site_topic(identity.site, "layout", described.id)
        yield Message(topic, described.payload(identity), INPUT_STREAM, (), retain=True)
    topic = site_topic(identity.site, "reading")
    for part in _cut(rows, max(VALUES_PER_COMPACT // max(rows.quality.shape[1], 1), 1)):
        payload = columnar.encode(identity, group, described.id, part, described.floats)
        yield Message(topic, payload, INPUT_STREAM, tuple(part.seq.tolist()))


def _in_json(identity: Identity, run: Sequence[tuple[int, Reading]], catalogue: Catalogue) -> Message:
    seqs = tuple(seq for seq, _ in run)
    return _message(identity, "reading", INPUT_STREAM, seqs, readings.encode(run, catalogue))


def _readings(group: GroupId, rows: Rows, catalogue: Catalogue) -> list[tuple[int, Reading]]:
    shape = catalogue.shape(group, rows.quality.shape[1], rows.raw.shape[1])
    values = shape.layout.values(rows.raw) if shape else np.full(rows.quality.shape, np.nan)
    values[rows.quality >= BAD_FROM] = np.nan
    made = readings_of(group, rows, values)
    return [(seq, given) for seq, given in made if isinstance(given, Reading)]


def _ticks(identity: Identity, ticks: list[tuple[int, Tick]], plain: Collection[str]) -> Iterator[Message]:
    for some in _parts(ticks, VALUES_PER_MESSAGE):
        seqs = tuple(seq for seq, _ in some)
        if "tick" in plain:
            yield _message(identity, "tick", INPUT_STREAM, seqs, records.encode_ticks(some))
        else:
            payload = columnar.encode_ticks(identity, some)
            yield Message(site_topic(identity.site, "tick"), payload, INPUT_STREAM, seqs)


def _cut(rows: Rows, size: int) -> Iterator[Rows]:
    if len(rows) <= size:
        yield rows
        return
    for start in range(0, len(rows), size):
        yield rows.take(slice(start, start + size))


def parse(topic: str, payload: bytes) -> Records:
    """The records of a message. Raises NotOurs, whatever the bytes are."""
    try:
        site, kind, name = split(topic)
    except ValueError as error:
        raise NotOurs(str(error)) from None
    found = _opened_compact(kind, payload) if is_compact(payload) else _opened_json(kind, name, payload)
    if found.identity.site != site:
        raise NotOurs("the topic's site is not the payload's")
    return found


def _opened_compact(kind: str, payload: bytes) -> Records:
    if kind == "reading":
        identity, group, rows = columnar.decode(unframed(payload))
        return Records(identity, columns=((group, rows),))
    if kind == "tick":
        identity, ticks = columnar.decode_ticks(unframed(payload))
        return Records(identity, tuple(ticks))
    raise NotOurs(f"a {kind} has no compact form")


def _opened_json(kind: str, name: str | None, payload: bytes) -> Records:
    body = opened(payload)
    identity = identity_of(body)
    stream = member(body, "stream")
    if kind in records.EVENTS:
        if stream != EVENT_STREAM:
            raise NotOurs(f"a {kind} is of stream {EVENT_STREAM}")
        event = records.decode_event(kind, body)
        if kind in records.IDS and records.IDS[kind](event.event) != name:
            raise NotOurs("the topic's id is not the payload's")
        return Records(identity, events=(event,))
    if stream != INPUT_STREAM:
        raise NotOurs(f"a {kind} is of stream {INPUT_STREAM}")
    if kind == "reading":
        return Records(identity, tuple(readings.decode(body)))
    if kind == "tick":
        return Records(identity, tuple(records.decode_ticks(body)))
    if kind in records.INPUTS:
        return Records(identity, (records.decode_input(kind, body),))
    raise NotOurs(f"no records under {kind}")


def opened(payload: bytes) -> Mapping[str, Any]:
    """The JSON object of a payload of this version. Raises NotOurs."""
    try:
        body = orjson.loads(payload)
    except orjson.JSONDecodeError as error:
        raise NotOurs(f"not JSON: {error}") from None
    if not isinstance(body, dict):
        raise NotOurs("not a JSON object")
    whole(member(body, "v"), "v", VERSION, VERSION)
    return body


def identity_of(body: Mapping[str, Any]) -> Identity:
    """Whose records a payload holds. Raises NotOurs."""
    site, gateway, epoch = (text(member(body, name), name, 200) for name in ("site", "gateway", "epoch"))
    if not (site and gateway and epoch):
        raise NotOurs("site, gateway or epoch is empty")
    return Identity(site, gateway, epoch)


def _event(identity: Identity, numbered: NumberedEvent) -> Message:
    seq, _, event = numbered
    kind = records.kind_of(event)
    body = records.encode_event(numbered)
    if isinstance(event, AlarmChanged):
        closed = event.state == "closed"
        made = _message(identity, kind, EVENT_STREAM, (seq,), body, event.alarm)
        return Message(
            made.topic, made.payload, made.stream, made.seqs, not closed, closed, event.alarm, event.version
        )
    name = event.lot if isinstance(event, LotChanged | LotMade) else None
    return _message(identity, kind, EVENT_STREAM, (seq,), body, name)


def _message(
    identity: Identity,
    kind: str,
    stream: str,
    seqs: tuple[int, ...],
    body: dict[str, object],
    name: str | None = None,
) -> Message:
    payload = readings.fragment({**head_of(identity), "stream": stream, **body})
    return Message(site_topic(identity.site, kind, name), payload, stream, seqs)


def head_of(identity: Identity) -> dict[str, object]:
    """The members that every payload begins with."""
    return {"v": VERSION, "site": identity.site, "gateway": identity.gateway, "epoch": identity.epoch}


def _parts(rows: list[T], size: int) -> Iterable[list[T]]:
    return (rows[start : start + size] for start in range(0, len(rows), size))

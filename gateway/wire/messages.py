"""A block of committed records as messages, and what a message holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import orjson

from gateway.model import (
    EVENT_STREAM,
    INPUT_STREAM,
    AlarmChanged,
    Block,
    Identity,
    LotChanged,
    LotMade,
    NumberedEvent,
    NumberedInput,
    Reading,
    Tick,
)
from gateway.wire import readings, records
from gateway.wire.checks import NotOurs, member, text, whole
from gateway.wire.eras import Eras
from gateway.wire.topics import site_topic, split

T = TypeVar("T")

VERSION = 1
VALUES_PER_MESSAGE = 5_000  # a millisecond of encoding, some 50 kB; a longer run of one group goes in parts


@dataclass(frozen=True, slots=True)
class Message:
    """What goes to the broker at QoS 1, and which records are with it."""

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


def messages(identity: Identity, block: Block, eras: Eras) -> Iterator[Message]:
    """The block as messages: events, then scans, entries and settings one by one, readings by group, ticks."""
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
    for (_, points, _, era), run in runs.items():
        for part in _parts(run, max(VALUES_PER_MESSAGE // max(points, 1), 1)):
            seqs = tuple(seq for seq, _ in part)
            yield _message(
                identity, "reading", INPUT_STREAM, seqs, readings.encode(part, eras.catalogue(era))
            )
    for some in _parts(ticks, VALUES_PER_MESSAGE):
        seqs = tuple(seq for seq, _ in some)
        yield _message(identity, "tick", INPUT_STREAM, seqs, records.encode_ticks(some))


def parse(topic: str, payload: bytes) -> Records:
    """The records of a message. Raises NotOurs, whatever the bytes are."""
    try:
        site, kind, name = split(topic)
    except ValueError as error:
        raise NotOurs(str(error)) from None
    body = opened(payload)
    identity = identity_of(body)
    if identity.site != site:
        raise NotOurs("the topic's site is not the payload's")
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

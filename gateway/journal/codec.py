"""Inputs other than readings, and events, as rows. A site is taken out of its setting and kept once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson
import zstandard

from gateway.journal import madebody
from gateway.journal.composed import CompositionRow, composition_row
from gateway.journal.errors import decoding
from gateway.model import (
    AlarmChanged,
    Composition,
    Entry,
    Event,
    Input,
    Instant,
    LotChanged,
    LotMade,
    Noted,
    NumberedEvent,
    Plain,
    Reading,
    Scan,
    Setting,
    Signal,
    Tick,
)
from gateway.plain import from_plain, to_plain
from gateway.proof.canonical import part_bytes, plain_bytes, record_plain

SITE_MAX_BYTES = 64 << 20
_EVENTS = {kind.__name__: kind for kind in (Signal, AlarmChanged, LotChanged)}


class InputRow(NamedTuple):
    """A row of table `inputs`."""

    seq: int
    kind: str
    time_ns: int
    boottime_ns: int
    clock_id: int
    body: str
    site: str | None


class SiteRow(NamedTuple):
    """A row of table `sites`."""

    digest: str
    body: bytes


def input_row(seq: int, given: Input) -> tuple[InputRow, SiteRow | None]:
    """The row of an input that is no reading, and the site it carries."""
    site = None
    plain: dict[str, Any]
    match given:
        case Scan():
            plain = _without_at(given)
        case Entry(kind=kind, operator=operator, body=body):
            plain = {"kind": kind, "operator": operator, "body": to_plain(body)}
        case Tick():
            plain = {}
        case Setting(kind=kind, body=body):
            if kind == "config" and isinstance(body.get("site"), Mapping):
                site = site_row(body["site"])
                body = {name: value for name, value in body.items() if name != "site"}
            plain = {"kind": kind, "body": to_plain(body)}
        case Reading():
            raise TypeError("readings are packed")
    digest = site.digest if site else None
    text = text_of(plain)
    return InputRow(seq, type(given).__name__, *given.at, text, digest), site


def _without_at(scan: Scan) -> dict[str, Any]:
    plain: dict[str, Any] = to_plain(scan)
    del plain["at"], plain["is"]
    return plain


def input_of(row: InputRow, site: Plain) -> Input:
    """The input of a row; `site` is what its digest names. Raises JournalCorrupt."""
    at = Instant(row.time_ns, row.boottime_ns, row.clock_id)
    with decoding(f"input {row.seq}"):
        plain = orjson.loads(row.body)
        match row.kind:
            case "Scan":
                return from_plain(Scan, {**plain, "at": list(at)})
            case "Entry":
                return Entry(plain["kind"], at, plain["operator"], plain["body"])
            case "Tick":
                return Tick(at)
            case "Setting":
                body = plain["body"] if row.site is None else {**plain["body"], "site": site}
                return Setting(plain["kind"], at, body)
            case other:
                raise ValueError(f"{other!r} is no kind of input")


def site_row(site: Plain) -> SiteRow:
    text = orjson.dumps(to_plain(site), option=orjson.OPT_SORT_KEYS)
    return SiteRow(hashlib.sha256(text).hexdigest(), zstandard.ZstdCompressor(level=9).compress(text))


def site_of(body: bytes) -> Any:
    """The plain site of a row of table `sites`."""
    with decoding("a config"):
        return orjson.loads(zstandard.ZstdDecompressor().decompress(body, max_output_size=SITE_MAX_BYTES))


def event_kind(event: Event) -> str:
    """What `events_between` finds it by: the class, or for a Noted its own kind."""
    return event.kind if isinstance(event, Noted) else type(event).__name__


def event_body(event: Event) -> str:
    """JSON of all but what has its default."""
    return text_of(record_plain(event))


class EventText(NamedTuple):
    """An event as its row keeps it, and as the ledger has it."""

    body: str
    composition: CompositionRow | None  # of a lot: taken out of the body, and kept once
    canonical: bytes


def event_text(event: Event) -> EventText:
    composed = _composed(event.composition) if isinstance(event, LotMade) else None
    if composed is None or not isinstance(event, LotMade):
        plain = record_plain(event)
        return EventText(text_of(plain), None, plain_bytes(plain))
    text = madebody.text_of(event, composed.canonical)
    if text is None:
        return EventText(text_of(madebody.whole_of(event)), composed.row, plain_bytes(record_plain(event)))
    return EventText(text.body.decode("utf-8"), composed.row, text.canonical)


class _Composed(NamedTuple):
    held: Composition  # kept alive: by nothing but its place in memory it is found again
    row: CompositionRow
    canonical: bytes


def _composed(held: Composition) -> _Composed | None:
    """What the journal keeps of a composition, made once for the boxes of a batch and their pallets."""
    known = _RECENT.get(id(held))
    if known is not None:
        return known
    row = composition_row(held)
    if row is None:
        return None
    equal = _RECENT.get(row.digest)  # another one with the same numbers
    known = _Composed(held, row, equal.canonical if equal else part_bytes(held))
    while len(_RECENT) >= _RECENT_MOST:
        _RECENT.pop(next(iter(_RECENT)), None)
    _RECENT[id(held)] = known
    _RECENT[row.digest] = known
    return known


_RECENT: dict[int | bytes, _Composed] = {}
_RECENT_MOST = 128


def text_of(plain: Any) -> str:
    """JSON of whatever came: half a character or a number that JSON readers cannot hold must not stop the journal."""
    try:
        return orjson.dumps(plain).decode("utf-8")
    except TypeError:
        return orjson.dumps(_writable(plain)).decode("utf-8")


def _writable(plain: Any) -> Any:
    match plain:
        case str():
            return plain.encode("utf-8", "replace").decode("utf-8")
        case bool() | None:
            return plain
        case int():
            return plain if -(1 << 63) <= plain < 1 << 64 else str(plain)
        case Mapping():
            return {_writable(str(name)): _writable(item) for name, item in plain.items()}
        case list() | tuple():
            return [_writable(item) for item in plain]
        case _:
            return plain


def event_of(
    seq: int, cause: int, time_ns: int, kind: str, body: str, composition: bytes | None = None
) -> NumberedEvent:
    """The event of a row of view `told`. Raises JournalCorrupt."""
    with decoding(f"event {seq}"):
        plain = orjson.loads(body)
        if kind == "LotMade":
            return NumberedEvent(seq, cause, madebody.made_of(time_ns, plain, composition))
        plain["time_ns"] = time_ns
        if kind in _EVENTS:
            return NumberedEvent(seq, cause, from_plain(_EVENTS[kind], plain))
        return NumberedEvent(seq, cause, from_plain(Noted, {**plain, "kind": kind}))

"""Scans, entries, ticks, settings and events: one JSON object a record, its fields beside its identity."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from gateway.model import (
    AlarmChanged,
    Entry,
    Event,
    Input,
    Instant,
    LotChanged,
    LotMade,
    Noted,
    NumberedEvent,
    NumberedInput,
    Scan,
    Setting,
    Signal,
    Tick,
)
from gateway.plain import from_plain, to_plain
from gateway.wire.checks import INT64, NotOurs, conforms, member, text, whole, wholes
from gateway.wire.made import hangs_together
from gateway.wire.readings import differences, summed

T = TypeVar("T")

INPUTS: dict[str, type[Scan | Entry | Setting]] = {"scan": Scan, "entry": Entry, "setting": Setting}
EVENTS: dict[str, type[Event]] = {
    "signal": Signal,
    "alarm": AlarmChanged,
    "lot": LotChanged,
    "made": LotMade,
    "event": Noted,
}
_IDENTITY = {"v", "site", "gateway", "epoch", "stream", "seq", "cause", "time_ns", "boottime_ns", "clock_id"}
IDS: dict[str, Callable[[Any], str]] = {
    "alarm": lambda event: str(event.alarm),
    "lot": lambda event: str(event.lot),
    "made": lambda event: str(event.lot),
}


def kind_of(record: Input | Event) -> str:
    """The topic's word for a record."""
    return _KINDS[type(record)]


_KINDS: dict[type, str] = {
    Tick: "tick",
    **{kind: word for word, kind in INPUTS.items()},
    **{kind: word for word, kind in EVENTS.items()},
}


def encode_input(seq: int, given: Scan | Entry | Setting) -> dict[str, object]:
    """Members of a ``scan``, ``entry`` or ``setting`` payload beside its identity."""
    plain = to_plain(given)
    del plain["is"], plain["at"]
    return {"seq": seq, **given.at._asdict(), **plain}


def decode_input(kind: str, payload: Mapping[str, Any]) -> NumberedInput:
    """The input of such a payload. Raises NotOurs."""
    at = Instant(*(whole(member(payload, name), name, low) for name, low in _INSTANT.items()))
    fields = {name: value for name, value in payload.items() if name not in _IDENTITY}
    made = _build(INPUTS[kind], {**fields, "at": tuple(at)}, kind)
    return NumberedInput(whole(member(payload, "seq"), "seq", 1), made)


_INSTANT = {"time_ns": -INT64, "boottime_ns": 0, "clock_id": 0}


def encode_event(numbered: NumberedEvent) -> dict[str, object]:
    """Members of a ``signal``, ``alarm``, ``lot``, ``made`` or ``event`` payload beside its identity."""
    plain = to_plain(numbered.event)
    del plain["is"]
    for inner in _INNER.get(type(numbered.event), ()):  # of one kind only: it needs no name
        held = plain[inner]
        for part in held if isinstance(held, list) else [held] if held else []:
            del part["is"]
    return {"seq": numbered.seq, "cause": numbered.cause, **plain}


_INNER: dict[type, tuple[str, ...]] = {Signal: ("change",), LotMade: ("inputs", "composition")}


def decode_event(kind: str, payload: Mapping[str, Any]) -> NumberedEvent:
    """The event of such a payload. Raises NotOurs."""
    fields = {name: value for name, value in payload.items() if name not in _IDENTITY}
    fields["time_ns"] = whole(member(payload, "time_ns"), "time_ns", -INT64)
    made = _build(EVENTS[kind], fields, kind)
    seq = whole(member(payload, "seq"), "seq", 1)
    return NumberedEvent(seq, whole(member(payload, "cause"), "cause"), made)


def encode_ticks(rows: Sequence[tuple[int, Tick]]) -> dict[str, object]:
    """Members of a ``tick`` payload: many ticks, numbers by differences."""
    return {
        "seq": differences([seq for seq, _ in rows]),
        "time_ns": differences([tick.at.time_ns for _, tick in rows]),
        "boottime_ns": differences([tick.at.boottime_ns for _, tick in rows]),
        "clock_id": [tick.at.clock_id for _, tick in rows],
    }


def decode_ticks(payload: Mapping[str, Any]) -> list[NumberedInput]:
    """The ticks of such a payload. Raises NotOurs."""
    seqs = summed(member(payload, "seq"), "seq", low=1, step=1)
    times = summed(member(payload, "time_ns"), "time_ns", low=-INT64, step=-INT64)
    boots = summed(member(payload, "boottime_ns"), "boottime_ns", low=0, step=-INT64)
    clocks = wholes(member(payload, "clock_id"), "clock_id", len(seqs))
    if not len(seqs) == len(times) == len(boots):
        raise NotOurs("seq, time_ns and boottime_ns are of different lengths")
    rows = zip(seqs, times, boots, clocks, strict=True)
    return [NumberedInput(seq, Tick(Instant(time, boot, clock))) for seq, time, boot, clock in rows]


def _build(kind: type[T], fields: dict[str, Any], word: str) -> T:
    try:
        made: T = from_plain(kind, fields)
    except (ValueError, OverflowError) as error:
        raise NotOurs(str(error)[:200]) from None
    conforms(made, word)
    if isinstance(made, LotMade):
        hangs_together(made)
    for name, value in fields.items():
        if isinstance(value, str):
            text(value, name)
    return made

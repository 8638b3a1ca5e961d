"""Canonical bytes of one record: the same for the same values, wherever and by whichever version they are kept. Pure.

JSON in its one form (`gateway.proof.jsontext`); floats that are no numbers are the strings "nan", "inf", "-inf". A
field that has its default is left out, so that a later version may have fields that an earlier one had not; defaults
are never changed.
"""

from __future__ import annotations

import dataclasses
import math
import types
from collections.abc import Callable, Iterable, Mapping
from enum import IntEnum
from functools import cache
from operator import attrgetter
from typing import Any, Union, get_args, get_origin, get_type_hints

from gateway.model import Event, Input, NumberedEvent, NumberedInput, Plain, Reading
from gateway.plain import to_plain
from gateway.proof.jsontext import json_bytes

_Writer = Callable[[Any], Any]
_NOTHING: Mapping[str, Any] = {}
_INT_LOW, _INT_HIGH = -(1 << 63), 1 << 64


def event_bytes(numbered: NumberedEvent) -> bytes:
    """Of an event with its place and its cause."""
    return placed(numbered.seq, numbered.cause, plain_bytes(record_plain(numbered.event)))


def placed(seq: int, cause: int, record: bytes) -> bytes:
    """The same of an event whose own bytes are at hand."""
    return b'{"cause":%d,"event":%b,"seq":%d}' % (cause, record, seq)


def input_bytes(numbered: NumberedInput) -> bytes:
    """Of an input that is no reading."""
    seq, given = numbered
    if isinstance(given, Reading):
        raise TypeError("readings go by column")
    return plain_bytes({"input": record_plain(given), "seq": seq})


def record_plain(record: Event | Input, ready: Mapping[str, Any] = _NOTHING) -> dict[str, Any]:
    """Its fields that have not their default, and under "is" what it is; `ready`: fields that need not be made."""
    kind: Any = type(record)
    return {"is": kind.__name__, **_fields_of(kind)(record, ready)}


def part_bytes(part: Any) -> bytes:
    """The one form of a dataclass that is a field of a record."""
    kind: Any = type(part)
    return plain_bytes(_fields_of(kind)(part))


def plain_bytes(plain: dict[str, Any]) -> bytes:
    """The one form of such a dictionary."""
    try:
        return json_bytes(plain)
    except TypeError:
        return json_bytes(writable(plain))


def writable(plain: Any) -> Any:
    """What JSON readers can hold of it: half characters are "?", integers beyond 64 bits are strings."""
    match plain:
        case str():
            return plain.encode("utf-8", "replace").decode("utf-8")
        case bool() | None:
            return plain
        case int():
            return plain if _INT_LOW <= plain < _INT_HIGH else str(plain)
        case Mapping():
            return {writable(str(name)): writable(item) for name, item in plain.items()}
        case list() | tuple():
            return [writable(item) for item in plain]
        case _:
            return plain


@cache
def _fields_of(kind: Any) -> Callable[..., dict[str, Any]]:
    """The writer of one dataclass."""
    hints = get_type_hints(kind)
    fields = sorted(dataclasses.fields(kind), key=lambda field: field.name)
    rows = [(field.name, _default(field), _writer(hints[field.name])) for field in fields if field.init]
    values = attrgetter(*(name for name, _, _ in rows), "__class__")  # one more: of two it makes a tuple

    def write(record: Any, ready: Mapping[str, Any] = _NOTHING) -> dict[str, Any]:
        plain = {}
        for (name, default, writer), value in zip(rows, values(record), strict=False):
            if name in ready:
                plain[name] = ready[name]
            elif value != default:
                plain[name] = value if writer is None else writer(value)
        return plain

    return write


def _default(field: dataclasses.Field[Any]) -> Any:
    if field.default is not dataclasses.MISSING:
        return field.default
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return dataclasses.MISSING


def _writer(hint: Any) -> _Writer | None:  # one branch a shape, read top down
    """How a field of that annotation becomes plain; None: it is so already."""
    origin, args = get_origin(hint), get_args(hint)
    if hint is float:
        return _float
    if hint in (str, int, bool):
        return None
    if isinstance(hint, type) and issubclass(hint, IntEnum):
        return int
    if origin in (Union, types.UnionType) and hint != Plain:
        known = [arg for arg in args if arg is not type(None)]
        inner = _writer(known[0]) if len(known) == 1 else to_plain
        return None if inner is None else lambda value: None if value is None else inner(value)
    if hint == tuple[float, ...]:
        return _floats
    if origin is tuple and len(args) == 2 and args[1] is Ellipsis:
        each = _writer(args[0])
        return list if each is None else lambda value: [each(item) for item in value]
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return _fields_of(hint)
    if origin is not None and issubclass(origin, Mapping) and args[1] is float:
        return lambda value: {str(name): _float(item) for name, item in value.items()}
    return to_plain


def _floats(values: Iterable[float]) -> list[Any]:
    numbers = list(map(float, values))
    if math.isfinite(sum(numbers)):
        return numbers
    return [_float(number) for number in numbers]


def _float(value: float) -> float | str:
    number = float(value)
    return number if math.isfinite(number) else str(number)

"""Bytes to payloads: whatever comes is a payload or a BadPayload, in time that its length bounds. Pure.

Fields that we do not know are skipped, as protobuf asks; templates and data sets are among them, and such a metric is
refused by its value alone: it comes back as null with its type.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

from gateway.sparkplug.types import NARROW, SPAN, BadPayload, DataType, Metric, Payload, Property, Value

MOST_BYTES = 16 << 20
_FLOAT, _DOUBLE = struct.Struct("<f"), struct.Struct("<d")
_VARINT, _SIXTY_FOUR, _DELIMITED, _THIRTY_TWO = 0, 1, 2, 5
_MOST_VARINT = 10

Field = tuple[int, int, int | bytes]
"""Number, wire type, content."""


def decode(data: bytes) -> Payload:
    """The payload. Raises BadPayload."""
    if len(data) > MOST_BYTES:
        raise BadPayload(f"{len(data)} bytes: at most {MOST_BYTES} are read")
    said: dict[str, Any] = {}
    metrics: list[Metric] = []
    for number, wire, content in _fields(data):
        match number, wire:
            case (1, 0) | (3, 0):
                said["timestamp" if number == 1 else "seq"] = content
            case 2, 2:
                metrics.append(_metric(_bytes(content), len(metrics)))
            case 4, 2:
                said["uuid"] = _text(content, "uuid")
            case 5, 2:
                said["body"] = content
            case _:
                pass
    return Payload(tuple(metrics), **said)


def _metric(data: bytes, index: int) -> Metric:
    where = f"metric {index}"
    said: dict[str, Any] = {}
    value: tuple[int, int | bytes] | None = None
    null = False
    for number, wire, content in _fields(data):
        if _WIRE.get(number) != wire:
            continue
        if number in _WHOLE:
            said[_WHOLE[number]] = content
        elif number in _FLAGS:
            said[_FLAGS[number]] = bool(content)
        elif number == _NAME:
            said["name"] = _text(content, where)
        elif number == _NULL:
            null = bool(content)
        elif number == _PROPERTIES:
            said["properties"] = _properties(_bytes(content), where)
        else:
            value = number, content
    if "datatype" in said:
        said["datatype"] &= 0xFFFF_FFFF
    if null or value is None:
        return Metric(None, **said)
    kind = said.get("datatype") or _KIND_OF_FIELD[value[0]]
    return Metric(_value(*value, kind, where), **said, kind=0 if said.get("datatype") else kind)


_NAME, _NULL, _PROPERTIES = 1, 7, 9
_WHOLE = {2: "alias", 3: "timestamp", 4: "datatype"}
_FLAGS = {5: "historical", 6: "transient"}
_WIRE = {1: 2, 2: 0, 3: 0, 4: 0, 5: 0, 6: 0, 7: 0, 9: 2, 10: 0, 11: 0, 12: 5, 13: 1, 14: 0, 15: 2, 16: 2}
_KIND_OF_FIELD = {
    10: DataType.UINT32,
    11: DataType.UINT64,
    12: DataType.FLOAT,
    13: DataType.DOUBLE,
    14: DataType.BOOLEAN,
    15: DataType.STRING,
    16: DataType.BYTES,
}
"""What a value is where no type stands beside it: in data messages the birth certificate knows better."""

_FIELD_OF_PROPERTY = {3: 10, 4: 11, 5: 12, 6: 13, 7: 14, 8: 15}


def typed(value: Value, datatype: int) -> Value:
    """A value that came without its type, as the birth certificate's type has it: signed, or true and false."""
    if isinstance(value, bool) or not isinstance(value, int):
        return value
    if datatype == DataType.BOOLEAN:
        return bool(value)
    low, beyond = SPAN.get(datatype, (0, 0))
    if low < 0:
        width = 32 if datatype in NARROW else 64
        value = (value & ((1 << width) - 1)) - ((value >> (width - 1) & 1) << width)
        span = beyond - low
        value = (value - low) % span + low  # some encoders send the narrow types in 8 or 16 bits
    return value


def _value(number: int, content: int | bytes, kind: int, where: str) -> Value:
    match number:
        case 10:
            return typed(_number(content) & 0xFFFF_FFFF, kind)
        case 11:
            return typed(_number(content), kind)
        case 12:
            single: float = _FLOAT.unpack(_bytes(content))[0]
            return single
        case 13:
            double: float = _DOUBLE.unpack(_bytes(content))[0]
            return double
        case 14:
            return bool(content)
        case 15:
            return _text(content, where)
        case _:
            return _bytes(content)


def _properties(data: bytes, where: str) -> dict[str, Property]:
    keys: list[str] = []
    values: list[Property] = []
    for number, wire, content in _fields(data):
        if (number, wire) == (1, _DELIMITED):
            keys.append(_text(content, where))
        elif (number, wire) == (2, _DELIMITED):
            values.append(_property(_bytes(content), where))
    if len(keys) != len(values):
        raise BadPayload(f"{where}: {len(keys)} property keys for {len(values)} values")
    return dict(zip(keys, values, strict=True))


def _property(data: bytes, where: str) -> Property:
    kind, value, null = 0, None, False
    for number, wire, content in _fields(data):
        if (number, wire) == (1, _VARINT):
            kind = _number(content) & 0xFFFF_FFFF
        elif (number, wire) == (2, _VARINT):
            null = bool(content)
        elif (field := _FIELD_OF_PROPERTY.get(number, 0)) and _WIRE[field] == wire:
            value = _value(field, content, kind, where)
    return Property(kind, None if null else value)


def _fields(data: bytes) -> Iterator[Field]:
    at, end = 0, len(data)
    while at < end:
        key, at = _varint(data, at)
        number, wire = key >> 3, key & 7
        if not 0 < number < 1 << 29:
            raise BadPayload(f"byte {at}: field number {number}")
        content: int | bytes
        if wire == _VARINT:
            content, at = _varint(data, at)
        elif wire in (_SIXTY_FOUR, _THIRTY_TWO):
            size = 8 if wire == _SIXTY_FOUR else 4
            content, at = data[at : at + size], at + size
        elif wire == _DELIMITED:
            size, at = _varint(data, at)
            content, at = data[at : at + size], at + size
        else:
            raise BadPayload(f"byte {at}: wire type {wire}")
        if at > end:
            raise BadPayload(f"field {number} is cut short at the end")
        yield number, wire, content


def _varint(data: bytes, at: int) -> tuple[int, int]:
    number = 0
    for place in range(_MOST_VARINT):
        if at >= len(data):
            raise BadPayload("a number is cut short at the end")
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            return number & 0xFFFF_FFFF_FFFF_FFFF, at
    raise BadPayload(f"byte {at}: a number of more than {_MOST_VARINT} bytes")


def _number(content: int | bytes) -> int:
    assert isinstance(content, int)  # noqa: S101 # the wire type said so
    return content


def _bytes(content: int | bytes) -> bytes:
    assert isinstance(content, bytes)  # noqa: S101 # the wire type said so
    return content


def _text(content: int | bytes, where: str) -> str:
    try:
        return _bytes(content).decode("utf-8")
    except UnicodeDecodeError:
        raise BadPayload(f"{where}: text that is no UTF-8") from None

"""Payloads to bytes, as protobuf writes them: fields in the order of their numbers, varints as short as they go. Pure.

The wire format: Protocol Buffers, "Encoding" (varint 0, 64 bits 1, length-delimited 2, 32 bits 5). The field numbers:
Sparkplug 3.0.0, 6.4.1. `gateway.sparkplug.rows` writes the same bytes for many plain numbers at once.
"""

from __future__ import annotations

import struct

from gateway.sparkplug.types import (
    INT_VALUE,
    LONG_VALUE,
    SPAN,
    TEXT_VALUE,
    BadPayload,
    DataType,
    Metric,
    Payload,
    Property,
    Value,
)

_FLOAT, _DOUBLE = struct.Struct("<f"), struct.Struct("<d")
_METRIC_VALUE = {"int": 10, "long": 11, "float": 12, "double": 13, "boolean": 14, "string": 15, "bytes": 16}
_PROPERTY_VALUE = {"int": 3, "long": 4, "float": 5, "double": 6, "boolean": 7, "string": 8}


def varint(number: int) -> bytes:
    """Seven bits a byte, the lowest first; all but the last with the top bit set.

    >>> varint(300).hex()
    'ac02'
    """
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def encode(payload: Payload) -> bytes:
    """The bytes of a payload. Raises BadPayload where a value does not fit its type."""
    out = bytearray()
    if payload.timestamp is not None:
        out += _whole(1, payload.timestamp)
    for metric in payload.metrics:
        out += _delimited(2, encode_metric(metric))
    if payload.seq is not None:
        out += _whole(3, payload.seq)
    if payload.uuid is not None:
        out += _delimited(4, _text(payload.uuid))
    if payload.body is not None:
        out += _delimited(5, payload.body)
    return bytes(out)


def encode_metric(metric: Metric) -> bytes:
    """One metric, without its length."""
    out = bytearray()
    if metric.name is not None:
        out += _delimited(1, _text(metric.name))
    if metric.alias is not None:
        out += _whole(2, metric.alias)
    if metric.timestamp is not None:
        out += _whole(3, metric.timestamp)
    if metric.datatype is not None:
        out += _whole(4, metric.datatype)
    if metric.historical:
        out += b"\x28\x01"
    if metric.transient:
        out += b"\x30\x01"
    if metric.value is None:
        out += b"\x38\x01"
    if metric.properties:
        out += _delimited(9, _properties(metric))
    if metric.value is not None:
        out += _value(metric.holds, metric.value, _METRIC_VALUE, metric.name or str(metric.alias))
    return bytes(out)


def _properties(metric: Metric) -> bytes:
    keys = b"".join(_delimited(1, _text(key)) for key in metric.properties)
    return keys + b"".join(_delimited(2, _property(key, item)) for key, item in metric.properties.items())


def _property(key: str, item: Property) -> bytes:
    if item.value is None:
        return _whole(1, item.type) + b"\x10\x01"
    return _whole(1, item.type) + _value(item.type, item.value, _PROPERTY_VALUE, key)


def _value(kind: int, value: Value, fields: dict[str, int], name: str) -> bytes:
    try:
        if kind in INT_VALUE:
            return _whole(fields["int"], _fitting(kind, value) & 0xFFFF_FFFF)
        if kind in LONG_VALUE:
            return _whole(fields["long"], _fitting(kind, value) & 0xFFFF_FFFF_FFFF_FFFF)
        if kind == DataType.FLOAT:
            return varint(fields["float"] << 3 | 5) + _FLOAT.pack(value)
        if kind == DataType.DOUBLE:
            return varint(fields["double"] << 3 | 1) + _DOUBLE.pack(value)
        if kind == DataType.BOOLEAN:
            return _whole(fields["boolean"], int(bool(value)))
        if kind in TEXT_VALUE and isinstance(value, str):
            return _delimited(fields["string"], _text(value))
        if kind == DataType.BYTES and isinstance(value, bytes) and "bytes" in fields:
            return _delimited(fields["bytes"], value)
    except (struct.error, OverflowError) as error:
        raise BadPayload(f"{name}: {value!r} is no {DataType(kind).name}: {error}") from None
    raise BadPayload(f"{name}: {value!r} cannot go as type {kind}")


def _fitting(kind: int, value: Value) -> int:
    low, beyond = SPAN[kind]
    if not isinstance(value, int) or not low <= value < beyond:
        raise OverflowError(f"it holds whole numbers from {low} to {beyond - 1}")
    return value


def _whole(number: int, value: int) -> bytes:
    if value < 0:
        raise BadPayload(f"field {number}: {value} is negative")
    return varint(number << 3) + varint(value)


def _delimited(number: int, data: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(data)) + data


def _text(text: str) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        raise BadPayload(f"{text!r} is no text") from None

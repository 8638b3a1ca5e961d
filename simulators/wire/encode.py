"""Values to register words, by struct and the map's rows alone."""

from __future__ import annotations

import math
import struct
from decimal import Decimal

from gateway.layout import Field
from gateway.site import Point
from simulators.plant.machine import Value

_PACK = {
    "int16": ">h", "uint16": ">H", "int32": ">i", "uint32": ">I", "int64": ">q", "uint64": ">Q",
    "float32": ">f", "float64": ">d",
}  # fmt: skip
_NATURAL = {2: "AB", 4: "ABCD", 8: "ABCDEFGH"}


def words_of(point: Point, value: Value) -> list[int]:
    """The words a device holds for a value of that point; a nan is the device's own "no value".

    >>> words_of(Point("t", "a/t", Field("float32", order="CDAB")), 12.5)
    [0, 16712]
    >>> words_of(Point("t", "a/t", Field("int16", scale="0.1")), -23.5)
    [65301]
    """
    field = point.field
    if field.type == "string":
        return _text(field, str(value))
    if field.type == "bit" and field.mask is None:
        return [int(bool(value))]
    kind = "uint16" if field.type == "bit" else field.type
    number = float(value) if isinstance(value, float) else int(value)
    if isinstance(number, float) and math.isnan(number):
        return _no_value(point, kind)
    return _wire(field, _number(field, kind, number))


def _number(field: Field, kind: str, value: float) -> bytes:
    """The number itself, most significant byte first."""
    raw = (Decimal(value) - Decimal(field.bias)) / Decimal(field.scale)
    if kind.startswith("float"):
        return struct.pack(_PACK[kind], float(raw))
    whole = int(raw.to_integral_value())
    if field.mask is not None:
        low = (field.mask & -field.mask).bit_length() - 1
        return struct.pack(
            _PACK[kind.replace("int", "uint") if kind[0] == "i" else kind], whole << low & field.mask
        )
    return struct.pack(_PACK[kind], whole)


def _no_value(point: Point, kind: str) -> list[int]:
    if kind.startswith("float"):
        return _wire(point.field, struct.pack(_PACK[kind], math.nan))
    size = struct.calcsize(_PACK[kind])
    sentinel = point.invalid[0] if point.invalid else (1 << (8 * size)) - 1
    return _wire(point.field, sentinel.to_bytes(size, "big"))


def _wire(field: Field, number: bytes) -> list[int]:
    """Bytes in the order they go over the wire: letter A is the most significant, and so on."""
    order = field.order or _NATURAL[len(number)]
    sent = bytes(number[ord(letter) - ord("A")] for letter in order)
    return list(struct.unpack(f">{len(sent) // 2}H", sent))


def _text(field: Field, text: str) -> list[int]:
    data = text.encode("latin-1")[: 2 * field.words].ljust(2 * field.words, b"\0")
    return list(struct.unpack(f"{'<' if field.order == 'BA' else '>'}{field.words}H", data))

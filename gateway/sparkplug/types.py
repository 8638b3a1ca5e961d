"""What a Sparkplug payload says: metrics with their types, properties and times. Numbers are those of the schema.

Names and numbers: Sparkplug 3.0.0, chapter 6 (payload definition, data types).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum


class DataType(IntEnum):
    """Sparkplug 3.0.0, 6.4.16: the basic types, and those of an edge node's own."""

    INT8 = 1
    INT16 = 2
    INT32 = 3
    INT64 = 4
    UINT8 = 5
    UINT16 = 6
    UINT32 = 7
    UINT64 = 8
    FLOAT = 9
    DOUBLE = 10
    BOOLEAN = 11
    STRING = 12
    DATETIME = 13
    TEXT = 14
    UUID = 15
    BYTES = 17


NARROW = frozenset({DataType.INT8, DataType.INT16, DataType.INT32})
"""Signed types that go as `int_value`: a negative number is its two's complement in 32 bits."""

INT_VALUE = NARROW | {DataType.UINT8, DataType.UINT16, DataType.UINT32}
LONG_VALUE = frozenset({DataType.INT64, DataType.UINT64, DataType.DATETIME})
TEXT_VALUE = frozenset({DataType.STRING, DataType.TEXT, DataType.UUID})

SPAN: Mapping[int, tuple[int, int]] = {
    DataType.INT8: (-(1 << 7), 1 << 7),
    DataType.INT16: (-(1 << 15), 1 << 15),
    DataType.INT32: (-(1 << 31), 1 << 31),
    DataType.INT64: (-(1 << 63), 1 << 63),
    DataType.UINT8: (0, 1 << 8),
    DataType.UINT16: (0, 1 << 16),
    DataType.UINT32: (0, 1 << 32),
    DataType.UINT64: (0, 1 << 64),
    DataType.DATETIME: (0, 1 << 64),
}
"""From, and up to without: what an integer type holds."""

Value = int | float | bool | str | bytes


@dataclass(frozen=True, slots=True)
class Property:
    """A property's value; None says that there is none."""

    type: int
    value: Value | None


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric. A member that is None is not in the payload; `value` None is the metric's null."""

    value: Value | None
    name: str | None = None
    alias: int | None = None
    timestamp: int | None = None  # ms since 1970-01-01 UTC
    datatype: int | None = None
    historical: bool = False
    transient: bool = False
    properties: Mapping[str, Property] = field(default_factory=dict)
    kind: int = 0  # DataType that says which member holds the value, where `datatype` is not in the payload

    @property
    def holds(self) -> int:
        """The type by which its value is written."""
        return self.datatype or self.kind


@dataclass(frozen=True, slots=True)
class Payload:
    """One message."""

    metrics: tuple[Metric, ...] = ()
    timestamp: int | None = None
    seq: int | None = None
    uuid: str | None = None
    body: bytes | None = None


class BadPayload(ValueError):
    """Bytes that are no Sparkplug payload, or a value that its type cannot hold; says what and where."""

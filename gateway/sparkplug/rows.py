"""Data messages of many numbers at once: the bytes that `encode` gives, written by numpy. Pure.

Every metric of a group is one row of a template, as wide as it can get, filled from the left. From one message to the
next only the last bytes of the time, the values and the lengths of whole numbers differ: they are written into the
template, and then each row is laid over the end of the row before, so that what a row does not need is covered by the
next one. Elements of some bytes each at any byte, and not the bytes one by one, make it fast.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from gateway.sparkplug.encode import encode_metric, varint
from gateway.sparkplug.types import INT_VALUE, LONG_VALUE, SPAN, BadPayload, DataType, Metric, Property

Bytes = NDArray[np.uint8]
Places = NDArray[np.intp]

_VALUE = 10  # bytes at most, of any number
_IS_NULL = 0x38  # its value is 1
_SEVEN = 7
_SHORT = 1 << 16
_TAGS = {DataType.FLOAT: 0x65, DataType.DOUBLE: 0x69, DataType.BOOLEAN: 0x70}
_WIDTHS = {DataType.FLOAT: 4, DataType.DOUBLE: 8, DataType.BOOLEAN: 1}


@cache
def _short_varints() -> tuple[NDArray[np.uint32], Places]:
    """Every number below `_SHORT` as a varint in the low bytes of four, and how many bytes it takes."""
    numbers = np.arange(_SHORT, dtype=np.uint32)
    low, middle, high = numbers & 0x7F, numbers >> 7 & 0x7F, numbers >> 14
    widths = 1 + (numbers >= 1 << 7).astype(np.intp) + (numbers >= 1 << 14)
    packed = low | middle << 8 | high << 16
    packed |= np.where(widths > 1, 0x80, 0).astype(np.uint32) | np.where(widths > 2, 0x8000, 0).astype(
        np.uint32
    )
    return packed.astype("<u4"), widths


def numeric(datatype: int) -> bool:
    """Whether metrics of the type can be written here."""
    return datatype in INT_VALUE | LONG_VALUE | {DataType.FLOAT, DataType.DOUBLE, DataType.BOOLEAN}


class Rows:
    """Metrics of one group: `aliases` and `datatypes` of each, in the order in which they go."""

    def __init__(self, aliases: Sequence[int], datatypes: Sequence[int]) -> None:
        for datatype in datatypes:
            if not numeric(datatype):
                raise BadPayload(f"type {datatype} is no number")
        self.count = len(aliases)
        self.kinds = np.array(datatypes, dtype=np.int64)
        self.aliases = [b"\x10" + varint(alias) for alias in aliases]
        self.tags = bytes(
            _TAGS.get(DataType(kind), 0x50 if kind in INT_VALUE else 0x58) for kind in datatypes
        )
        self.widths = np.array([_WIDTHS.get(DataType(kind), 1) for kind in datatypes], dtype=np.intp)
        self.floats = self._members({DataType.FLOAT})
        self.doubles = self._members({DataType.DOUBLE})
        self.bits = self._members({DataType.BOOLEAN})
        self.wholes = self._members(INT_VALUE | LONG_VALUE)
        self._templates: dict[tuple[int, bool], _Template] = {}
        whole = [int(kind) for kind in self.kinds[self.wholes]]
        self._wide = any(kind in LONG_VALUE for kind in whole)
        self._low = np.array([float(SPAN[kind][0]) for kind in whole])
        self._beyond = np.array([float(SPAN[kind][1]) for kind in whole])
        self._signed = self._low < 0
        narrow, wide = np.uint64(0xFFFF_FFFF), np.uint64(0xFFFF_FFFF_FFFF_FFFF)
        self._cut = np.array([narrow if kind in INT_VALUE else wide for kind in whole], dtype=np.uint64)

    def _members(self, kinds: frozenset[DataType] | set[DataType]) -> Places:
        return np.flatnonzero(np.isin(self.kinds, list(kinds)))

    def encode(
        self,
        values: NDArray[np.float64],
        timestamp: int,
        seq: int,
        *,
        historical: bool = False,
        marks: Sequence[bytes] | None = None,
    ) -> bytes:
        """The message of one row of values, nan for null; `timestamp` of message and metrics in ms.

        `marks`: each metric's properties as `mark` gives them, b"" for none.  Raises BadPayload where an integer
        does not fit its type.
        """
        body = self.body(values, timestamp, historical=historical, marks=marks)
        return b"".join((b"\x08", varint(timestamp), body, b"\x18", varint(seq)))

    def body(
        self,
        values: NDArray[np.float64],
        timestamp: int,
        *,
        historical: bool = False,
        marks: Sequence[bytes] | None = None,
    ) -> bytes:
        """The metrics alone, ready to stand between a message's timestamp and its seq."""
        time = varint(timestamp)
        key = len(time), historical
        template = self._templates.get(key)
        if template is None:
            template = self._templates[key] = _Template(self, *key)
        numbers = self._numbers(values[self.wholes]) if self.wholes.size else None
        template.fill(time, values, numbers)
        return template.joined() if marks is None else template.marked(marks)

    def _numbers(self, values: NDArray[np.float64]) -> NDArray[np.uint64]:
        """Whole numbers as they go: negative ones as two's complement."""
        filled, right = values, self._right(values)
        if not right.all():
            filled = np.where(np.isnan(values), 0.0, values)
            right = self._right(filled)
        if not right.all():
            place = int(np.flatnonzero(~right)[0])
            kind = DataType(int(self.kinds[self.wholes[place]])).name
            raise BadPayload(f"metric {int(self.wholes[place])}: {filled[place]:g} is no {kind}")
        if not self._wide:
            return filled.astype(np.int64).view(np.uint64) & self._cut
        unsigned = np.where(self._signed, 0.0, filled).astype(np.uint64)
        signed = np.where(self._signed, filled, 0.0).astype(np.int64).view(np.uint64)
        both: NDArray[np.uint64] = (unsigned | signed) & self._cut
        return both

    def _right(self, values: NDArray[np.float64]) -> NDArray[np.bool_]:
        right: NDArray[np.bool_] = (
            (values >= self._low) & (values < self._beyond) & (values == np.floor(values))
        )
        return right


class _Template:
    """The rows for times of one length: their bytes, and where in them what differs stands."""

    def __init__(self, rows: Rows, time: int, historical: bool) -> None:  # noqa: FBT001 # a key's parts
        self._rows = rows
        after = b"\x28\x01" if historical else b""
        heads = [
            b"\x12\0" + alias + b"\x18" + bytes(time) + after + bytes([tag])
            for alias, tag in zip(rows.aliases, rows.tags, strict=True)
        ]
        self._fixed = np.array([len(head) for head in heads], dtype=np.intp)
        width = self._width = max(map(len, heads), default=0) + _VALUE
        text = b"".join(head.ljust(width, b"\0") for head in heads) + bytes(_VALUE)
        self._bytes = np.frombuffer(text, dtype=np.uint8).copy()
        begin = np.arange(rows.count, dtype=np.intp) * width
        values = begin + self._fixed
        times = values - 1 - len(after) - time
        self._begin, self._values, self._sizes, self._tags_at = begin, values, begin + 1, values - 1
        self._times = [times + place for place in range(time)]
        self._time = bytes(time)
        self._tags = np.frombuffer(rows.tags, dtype=np.uint8)
        self._floats_at, self._doubles_at = values[rows.floats], values[rows.doubles]
        self._bits_at = values[rows.bits]
        self._wholes_at = [values[rows.wholes] + place for place in range(_VALUE)]
        self._fours, self._eights = self._at_any_byte("<u4"), self._at_any_byte("<u8")
        self._whole_rows = np.ndarray((rows.count,), f"V{width}", self._bytes, 0, (width,))
        self._out = np.zeros((rows.count + 1) * width, dtype=np.uint8)
        self._laid = (
            np.ndarray((max(self._out.size - width, 1),), f"V{width}", self._out, 0, (1,)) if width else None
        )
        self._nulls = False
        self._widths = rows.widths.copy()
        self._measure()

    def _at_any_byte(self, kind: str) -> NDArray[np.generic]:
        """The bytes as numbers that begin at each of them."""
        size = np.dtype(kind).itemsize
        return np.ndarray((max(self._bytes.size - size + 1, 0),), kind, self._bytes, 0, (1,))

    def _measure(self) -> None:
        """Lengths of the rows have changed."""
        total = self._fixed + self._widths
        self._bytes[self._sizes] = total - 2
        ends = np.cumsum(total)
        self._offsets = ends - total
        self._length = int(ends[-1]) if ends.size else 0

    def fill(self, time: bytes, values: NDArray[np.float64], numbers: NDArray[np.uint64] | None) -> None:
        """Write what differs."""
        rows = self._rows
        if time != self._time:
            for places, old, new in zip(self._times, self._time, time, strict=True):
                if old != new:
                    self._bytes[places] = new
            self._time = time
        if rows.floats.size:
            with np.errstate(over="ignore"):
                self._fours[self._floats_at] = values[rows.floats].astype("<f4").view("<u4")
        if rows.doubles.size:
            self._eights[self._doubles_at] = values[rows.doubles].astype("<f8").view("<u8")
        if rows.bits.size:
            self._bytes[self._bits_at] = values[rows.bits] != 0
        if numbers is not None:
            self._widths[rows.wholes] = self._varints(numbers)
        null = np.isnan(values)
        some = bool(null.any())
        if some or self._nulls:
            if numbers is None:
                self._widths = rows.widths.copy()
            self._bytes[self._tags_at] = np.where(null, _IS_NULL, self._tags)
            self._bytes[self._values[null]] = 1
            if numbers is not None:
                fixed = rows.widths.copy()
                fixed[rows.wholes] = self._widths[rows.wholes]
                self._widths = fixed
            self._widths[null] = 1
        if some or self._nulls or numbers is not None:
            self._measure()
        self._nulls = some

    def _varints(self, numbers: NDArray[np.uint64]) -> Places:
        """Write whole numbers, seven bits a byte; how many bytes each takes."""
        if numbers.max() < _SHORT:
            packed, widths = _short_varints()
            short = numbers.view(np.int64)
            self._fours[self._wholes_at[0]] = packed.take(short)
            return widths.take(short)
        width = np.ones(numbers.size, dtype=np.intp)
        for places in self._wholes_at:
            rest = numbers >> np.uint64(_SEVEN)
            more = rest != 0
            self._bytes[places] = (numbers & np.uint64(0x7F)).astype(np.uint8) | (more.view(np.uint8) << 7)
            if not more.any():
                break
            width += more
            numbers = rest
        return width

    def joined(self) -> bytes:
        """Row after row, each over the end of the one before: of what is assigned twice the last stays."""
        if self._laid is None or not self._length:
            return b""
        self._laid[self._offsets] = self._whole_rows
        return self._out[: self._length].tobytes()

    def marked(self, marks: Sequence[bytes]) -> bytes:
        """The same with properties, which stand before the value: metric by metric."""
        out = bytearray()
        text = self._bytes.tobytes()
        for begin, fixed, width, mark in zip(
            self._begin.tolist(), self._fixed.tolist(), self._widths.tolist(), marks, strict=True
        ):
            row, value = text[begin + 2 : begin + fixed - 1], text[begin + fixed - 1 : begin + fixed + width]
            parts = (value, mark) if value[0] == _IS_NULL else (mark, value)
            out += b"\x12" + varint(len(row) + len(mark) + len(value)) + row + b"".join(parts)
        return bytes(out)


def mark(properties: dict[str, Property]) -> bytes:
    """Properties as they stand in a metric, ready for `Rows.encode`."""
    whole = encode_metric(Metric(None, properties=properties))
    return whole.removeprefix(b"\x38\x01")

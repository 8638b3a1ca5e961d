"""Data messages of many numbers at once: the bytes that `encode` gives, written by numpy. Pure.

Every metric of a group is one row of a byte matrix with a place for each byte that it may need; a mask says which of
them it does need, and the message is what the mask leaves, row after row. From one message to the next only times and
values differ as a rule, seldom the lengths of whole numbers: so the message is kept as a layout, and the next one of
the same lengths is written into it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gateway.sparkplug.encode import encode_metric, varint
from gateway.sparkplug.types import INT_VALUE, LONG_VALUE, SPAN, BadPayload, DataType, Metric, Property

Bytes = NDArray[np.uint8]

_VALUE = 10  # bytes at most, of any number
_LAYOUTS = 16  # kept of a group
_PLACES = np.arange(_VALUE, dtype=np.uint64) * np.uint64(7)


@dataclass(frozen=True, slots=True)
class _Layout:
    """A message but for its times and values: where their bytes go, and of which metrics they are."""

    bytes: Bytes
    times: NDArray[np.intp]
    floats: NDArray[np.intp]
    of_floats: NDArray[np.intp]
    doubles: NDArray[np.intp]
    of_doubles: NDArray[np.intp]
    bits: NDArray[np.intp]
    of_bits: NDArray[np.intp]
    wholes: NDArray[np.intp]
    of_wholes: NDArray[np.bool_]  # [whole numbers][10]


def numeric(datatype: int) -> bool:
    """Whether metrics of the type can be written here."""
    return datatype in INT_VALUE | LONG_VALUE | {DataType.FLOAT, DataType.DOUBLE, DataType.BOOLEAN}


class Rows:
    """Metrics of one group: `aliases` and `datatypes` of each, in the order in which they go."""

    def __init__(self, aliases: Sequence[int], datatypes: Sequence[int]) -> None:
        for datatype in datatypes:
            if not numeric(datatype):
                raise BadPayload(f"type {datatype} is no number")
        count = len(aliases)
        self.count = count
        self._kinds = np.array(datatypes, dtype=np.int64)
        self._alias, self._alias_there = _padded([b"\x10" + varint(alias) for alias in aliases])
        self._layouts: dict[object, _Layout] = {}
        self._tag = np.zeros(count, dtype=np.uint8)
        self._float = self._members({DataType.FLOAT})
        self._double = self._members({DataType.DOUBLE})
        self._bits = self._members({DataType.BOOLEAN})
        self._whole = self._members(INT_VALUE | LONG_VALUE)
        for members, tag in (
            (self._float, 0x65),
            (self._double, 0x69),
            (self._bits, 0x70),
            (self._members(INT_VALUE), 0x50),
            (self._members(LONG_VALUE), 0x58),
        ):
            self._tag[members] = tag
        spans = [SPAN.get(int(kind), (0, 0)) for kind in self._kinds[self._whole]]
        self._low = np.array([float(low) for low, _ in spans])
        self._beyond = np.array([float(beyond) for _, beyond in spans])
        narrow = np.isin(self._kinds[self._whole], list(INT_VALUE))
        self._cut = np.where(narrow, np.uint64(0xFFFF_FFFF), np.uint64(0xFFFF_FFFF_FFFF_FFFF))
        self._signed = self._low < 0

    def _members(self, kinds: frozenset[DataType] | set[DataType]) -> NDArray[np.intp]:
        return np.flatnonzero(np.isin(self._kinds, list(kinds)))

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
        time, null = varint(timestamp), np.isnan(values)
        some_null = bool(null.any())
        sevens, used = self._varints(values[self._whole])
        shape = (
            len(time),
            historical,
            null.tobytes() if some_null else b"",
            used.tobytes(),
            None if marks is None else tuple(marks),
        )
        layout = self._layouts.get(shape)
        if layout is None:
            if len(self._layouts) >= _LAYOUTS:
                self._layouts.clear()
            layout = self._layouts[shape] = self._layout(
                len(time), null, used, historical=historical, marks=marks
            )
        out = layout.bytes.copy()
        out[layout.times] = np.frombuffer(time * self.count, dtype=np.uint8)
        if self._float.size:
            with np.errstate(over="ignore"):
                out[layout.floats] = values[layout.of_floats].astype("<f4").view(np.uint8)
        if self._double.size:
            out[layout.doubles] = values[layout.of_doubles].astype("<f8").view(np.uint8)
        if self._bits.size:
            out[layout.bits] = values[layout.of_bits] != 0
        if self._whole.size:
            out[layout.wholes] = sevens[layout.of_wholes]
        return out.tobytes()

    def _layout(
        self,
        time: int,
        null: NDArray[np.bool_],
        used: NDArray[np.bool_],
        *,
        historical: bool,
        marks: Sequence[bytes] | None,
    ) -> _Layout:
        fixed = b"\x18" + bytes(time) + (b"\x28\x01" if historical else b"")
        there = np.zeros((self.count, 1 + _VALUE), dtype=np.bool_)
        there[:, 0] = True
        there[self._float, 1:5] = there[self._double, 1:9] = there[self._bits, 1:2] = True
        there[self._whole, 1:] = used
        there &= ~null[:, None]
        value = np.zeros(there.shape, dtype=np.uint8)
        value[:, 0] = self._tag
        marked = _padded(marks or [b""] * self.count)
        columns = (
            (self._alias, self._alias_there),
            _padded([fixed] * self.count),
            (
                np.tile(np.array([0x38, 0x01], dtype=np.uint8), (self.count, 1)),
                np.repeat(null[:, None], 2, axis=1),
            ),
            marked,
            (value, there),
        )
        sizes = sum(np.count_nonzero(mask, axis=1) for _, mask in columns)
        heads = _padded([b"\x12" + varint(size) for size in np.broadcast_to(sizes, self.count).tolist()])
        body = np.concatenate([heads[0], *(part for part, _ in columns)], axis=1)
        mask = np.concatenate([heads[1], *(part for _, part in columns)], axis=1)
        place = (np.cumsum(mask) - 1).reshape(mask.shape)
        times = heads[0].shape[1] + self._alias.shape[1] + 1
        values = body.shape[1] - _VALUE

        def places(members: NDArray[np.intp], width: int) -> NDArray[np.intp]:
            return place[members[~null[members]], values : values + width].ravel()

        whole = self._whole[~null[self._whole]]
        return _Layout(
            body[mask],
            place[:, times : times + time].ravel(),
            places(self._float, 4),
            self._float[~null[self._float]],
            places(self._double, 8),
            self._double[~null[self._double]],
            places(self._bits, 1),
            self._bits[~null[self._bits]],
            place[whole, values:][there[whole, 1:]],
            used & ~null[self._whole][:, None],
        )

    def _varints(self, values: NDArray[np.float64]) -> tuple[Bytes, NDArray[np.bool_]]:
        """Ten bytes for each whole number, and which of them count."""
        groups = self._numbers(values)[:, None] >> _PLACES
        used = groups > 0
        sevens = (groups & np.uint64(0x7F)).astype(np.uint8)
        sevens[:, :-1] |= used[:, 1:].astype(np.uint8) << 7
        used[:, 0] = True
        return sevens, used

    def _numbers(self, values: NDArray[np.float64]) -> NDArray[np.uint64]:
        """Whole numbers as they go: negative ones as two's complement."""
        missing = np.isnan(values)
        filled = np.where(missing, 0.0, values)
        wrong = (filled < self._low) | (filled >= self._beyond) | (filled != np.floor(filled))
        if wrong.any():
            place = int(np.flatnonzero(wrong)[0])
            kind = DataType(int(self._kinds[self._whole[place]])).name
            raise BadPayload(f"metric {int(self._whole[place])}: {filled[place]:g} is no {kind}")
        unsigned = np.where(self._signed, 0.0, filled).astype(np.uint64)
        signed = np.where(self._signed, filled, 0.0).astype(np.int64).view(np.uint64)
        both: NDArray[np.uint64] = (unsigned | signed) & self._cut
        return both


def mark(properties: dict[str, Property]) -> bytes:
    """Properties as they stand in a metric, ready for `Rows.encode`."""
    whole = encode_metric(Metric(None, properties=properties))
    return whole.removeprefix(b"\x38\x01")


def _padded(rows: Sequence[bytes]) -> tuple[Bytes, NDArray[np.bool_]]:
    """Rows of bytes in a matrix, and which places they fill."""
    width = max(map(len, rows), default=0)
    sizes = np.array([len(row) for row in rows], dtype=np.int64)
    joined = b"".join(row.ljust(width, b"\0") for row in rows)
    matrix = np.frombuffer(joined, dtype=np.uint8).reshape(len(rows), width)
    return matrix, np.arange(width) < sizes[:, None]

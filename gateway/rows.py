"""Readings of one group as columns: what is stored, sent and compared when there are many.

`Rows.canonical` is the form by which two copies of the same readings are compared, wherever they are kept. Values are
not among the columns: they come from the words, by the layout that was in force.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gateway.model import GroupId, Instant, NumberedInput, Reading

_SIZES = struct.Struct("<3q")
_INT64, _WORD = np.dtype("<i8"), np.dtype("<u2")


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """n readings of one group, p points, w words, in the order of their seq."""

    seq: NDArray[np.int64]
    time_ns: NDArray[np.int64]
    boottime_ns: NDArray[np.int64]
    clock_id: NDArray[np.int64]
    spread_ns: NDArray[np.int64]
    quality: NDArray[np.uint8]  # [n, p]
    raw: NDArray[np.uint16]  # [n, w]

    def __len__(self) -> int:
        return len(self.seq)

    def canonical(self) -> bytes:
        """The same bytes for the same readings: sizes, then column by column, little-endian."""
        numbers = (self.seq, self.time_ns, self.boottime_ns, self.clock_id, self.spread_ns)
        sizes = _SIZES.pack(*self.quality.shape, self.raw.shape[1])
        columns = [each.astype(_INT64, copy=False).tobytes() for each in numbers]
        raw = self.raw.astype(_WORD, copy=False).tobytes()
        return b"".join((sizes, *columns, self.quality.tobytes(), raw))

    def take(self, which: slice | NDArray[np.bool_] | NDArray[np.intp]) -> Rows:
        """Some of the rows."""
        return Rows(
            self.seq[which],
            self.time_ns[which],
            self.boottime_ns[which],
            self.clock_id[which],
            self.spread_ns[which],
            self.quality[which],
            self.raw[which],
        )

    @classmethod
    def joined(cls, parts: Sequence[Rows]) -> Rows:
        """Parts of one shape as one, in the order of seq."""
        if len(parts) == 1:
            return parts[0]
        whole = Rows(*(np.concatenate([getattr(part, name) for part in parts]) for name in cls.__slots__))
        seq = whole.seq
        return whole if bool(np.all(seq[1:] > seq[:-1])) else whole.take(np.argsort(seq, kind="stable"))


@dataclass(frozen=True, slots=True)
class Stretch:
    """Committed inputs in a row, as they are stored: readings as columns, the others one by one, in order."""

    columns: tuple[tuple[GroupId, Rows], ...] = ()
    others: tuple[NumberedInput, ...] = ()

    def seqs(self) -> list[int]:
        """Whose they are, ascending."""
        parts = [rows.seq for _, rows in self.columns]
        parts.append(np.array([seq for seq, _ in self.others], dtype=np.int64))
        ascending: list[int] = np.sort(np.concatenate(parts)).tolist()
        return ascending


def rows_of(readings: Sequence[tuple[int, Reading]]) -> Rows:
    """Numbered readings of one group and shape as columns."""
    numbers = np.array([(seq, *reading.at, reading.spread_ns) for seq, reading in readings], dtype=np.int64)
    seq, time_ns, boottime_ns, clock_id, spread_ns = numbers.T
    count = len(readings)
    quality = np.concatenate([reading.quality for _, reading in readings]).reshape(count, -1)
    raw = np.concatenate([reading.raw for _, reading in readings]).reshape(count, -1)
    return Rows(seq, time_ns, boottime_ns, clock_id, spread_ns, quality, raw)


def columns_of(inputs: Sequence[NumberedInput]) -> list[tuple[GroupId, Rows]]:
    """The readings among some inputs, which ascend, by group and shape."""
    shapes: dict[tuple[GroupId, int, int], list[tuple[int, Reading]]] = {}
    for seq, given in inputs:
        if isinstance(given, Reading):
            shape = (given.group, len(given.quality), len(given.raw))
            shapes.setdefault(shape, []).append((seq, given))
    return [(group, rows_of(run)) for (group, *_), run in shapes.items()]


def readings_of(group: str, rows: Rows, values: NDArray[np.float64]) -> list[NumberedInput]:
    """Rows as the readings they were made of; values[n, p] come from the layout."""
    numbers = zip(
        rows.seq.tolist(),
        rows.time_ns.tolist(),
        rows.boottime_ns.tolist(),
        rows.clock_id.tolist(),
        rows.spread_ns.tolist(),
        strict=True,
    )
    made = []
    for row, (seq, time_ns, boot, clock, spread) in enumerate(numbers):
        at = Instant(time_ns, boot, clock)
        reading = Reading(group, at, spread, values[row], rows.quality[row], rows.raw[row])
        made.append(NumberedInput(seq, reading))
    return made

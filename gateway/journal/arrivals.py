"""What a replica does not hold yet of records that arrive in any order, and more than once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from gateway.journal.intervals import Interval, IntervalSet
from gateway.model import GroupId, NumberedEvent, NumberedInput
from gateway.rows import Rows

Record = TypeVar("Record", NumberedInput, NumberedEvent)
Columns = list[tuple[GroupId, Rows]]


@dataclass(frozen=True, slots=True)
class New:
    """What was stored: numbers, and the events themselves."""

    inputs: list[Interval]
    events: list[Interval]
    told: list[NumberedEvent]

    def records(self) -> tuple[int, int]:
        """How many inputs, how many events."""
        inputs, events = (
            sum(last - first + 1 for first, last in runs) for runs in (self.inputs, self.events)
        )
        return inputs, events


def new_records(held: IntervalSet, records: Iterable[Record]) -> list[Record]:
    """Those that are not held, once each, in order. Raises ValueError for a number that is none."""
    by_seq: dict[int, Record] = {}
    for record in records:
        if record.seq < 1:
            raise ValueError(f"{record.seq}: numbers begin at 1")
        if record.seq not in held:
            by_seq.setdefault(record.seq, record)
    return [by_seq[seq] for seq in sorted(by_seq)]


def new_columns(held: IntervalSet, parts: Sequence[tuple[GroupId, Rows]], taken: Iterable[int]) -> Columns:
    """The readings that are neither held nor `taken`, once each, in order, all of one group and shape together."""
    shapes: dict[tuple[GroupId, int, int], list[Rows]] = {}
    for group, rows in parts:
        shapes.setdefault((group, rows.quality.shape[1], rows.raw.shape[1]), []).append(rows)
    others = np.fromiter(taken, dtype=np.int64)
    made: Columns = []
    for (group, *_), alike in shapes.items():
        rows = Rows.joined(alike)
        fresh = _fresh(held, rows.seq)
        made.append((group, rows if fresh.all() else rows.take(fresh)))
    every = np.sort(np.concatenate([others, *(rows.seq for _, rows in made)]))
    if bool((every[1:] == every[:-1]).any()):  # nobody who is honest has one number twice
        made = list(_apart(made, others))
    return [(group, rows) for group, rows in made if len(rows)]


def _apart(parts: Columns, taken: NDArray[np.int64]) -> Iterator[tuple[GroupId, Rows]]:
    """Without what is taken, or in a part before."""
    for group, rows in parts:
        yield group, rows.take(~np.isin(rows.seq, taken))
        taken = np.concatenate([taken, rows.seq])


def _fresh(held: IntervalSet, seqs: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which of some ascending numbers are not held, the first where one is there twice."""
    low, high = int(seqs[0]), int(seqs[-1])
    if low < 1:
        raise ValueError(f"{low}: numbers begin at 1")
    fresh = np.zeros(len(seqs), dtype=np.bool_)
    edges = [edge for first, last in held.missing(low, high) for edge in (first, last + 1)]
    cuts = np.searchsorted(seqs, edges).tolist()
    for begin, end in zip(cuts[::2], cuts[1::2], strict=True):
        fresh[begin:end] = True
    fresh[1:] &= seqs[1:] != seqs[:-1]
    return fresh


def seqs_of(records: Sequence[NumberedInput | NumberedEvent], columns: Columns) -> NDArray[np.int64]:
    """Numbers of them all, ascending."""
    parts = [np.array([record.seq for record in records], dtype=np.int64)]
    return np.sort(np.concatenate([*parts, *(rows.seq for _, rows in columns)]))


def runs_of(seqs: NDArray[np.int64]) -> list[Interval]:
    """Ascending numbers as intervals.

    >>> runs_of(np.array([1, 2, 3, 7, 9, 10]))
    [(1, 3), (7, 7), (9, 10)]
    """
    if not len(seqs):
        return []
    breaks = np.flatnonzero(np.diff(seqs) != 1)
    firsts = seqs[np.concatenate([[0], breaks + 1])].tolist()
    return list(zip(firsts, seqs[np.concatenate([breaks, [-1]])].tolist(), strict=True))

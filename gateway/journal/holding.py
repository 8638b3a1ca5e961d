"""Many lots among the holders of their sources at once, as when indices are made again and nobody waits."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import count
from typing import NamedTuple

import numpy as np

from gateway.journal.composed import shares_of
from gateway.journal.made import INSERT_HOLDERS, Floats, holders_body, holdings, waiting


class Waiting(NamedTuple):
    """A lot that is not among the holders yet."""

    seq: int
    lot: str
    composition: bytes | None  # its digest; None: its event has to be asked


def hold(db: sqlite3.Connection, kind: str, lots: Sequence[Waiting]) -> None:
    """Write them as one block."""
    counted = count()
    index: defaultdict[str, int] = defaultdict(counted.__next__)
    numbers: list[int] = []
    sizes: list[int] = []
    least: list[Floats] = []
    most: list[Floats] = []
    for each in lots:
        body = _body(db, each)
        sources, low, high = holdings(shares_of(body)) if body else ([], _NONE, _NONE)
        numbers += map(index.__getitem__, sources)
        sizes.append(len(sources))
        least.append(low)
        most.append(high)
    rows = _turned(list(index), lots, np.array(numbers, np.int64), np.array(sizes, np.int64), least, most)
    db.executemany(INSERT_HOLDERS, [(source, kind, lots[0].seq, body) for source, body in rows])


def _body(db: sqlite3.Connection, lot: Waiting) -> bytes | None:
    if lot.composition is None:
        return waiting(db, lot.seq)[1]
    found = db.execute("SELECT body FROM compositions WHERE digest = ?", (lot.composition,)).fetchone()
    return bytes(found[0])


def _turned(
    sources: Sequence[str],
    lots: Sequence[Waiting],
    number: np.ndarray[tuple[int], np.dtype[np.int64]],
    sizes: np.ndarray[tuple[int], np.dtype[np.int64]],
    least: Sequence[Floats],
    most: Sequence[Floats],
) -> Iterable[tuple[str, str]]:
    """By source its holders."""
    lot = np.repeat(np.arange(len(lots)), sizes)
    order = np.argsort(number, kind="stable")
    ends = np.searchsorted(number[order], np.arange(len(sources) + 1)).tolist()
    which = lot[order]
    seqs = np.array([each.seq for each in lots], np.int64)[which].tolist()
    names = list(map([each.lot for each in lots].__getitem__, which.tolist()))
    low, high = np.concatenate(least)[order].tolist(), np.concatenate(most)[order].tolist()
    for place in sorted(range(len(sources)), key=sources.__getitem__):
        part = slice(ends[place], ends[place + 1])
        yield sources[place], holders_body((seqs[part], names[part], low[part], high[part]))


_NONE: Floats = np.empty(0)

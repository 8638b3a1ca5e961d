"""Records by number: inputs and events with seq in a range, each page one short transaction."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gateway.journal.ages import Ages, values_of
from gateway.journal.chunkfile import ChunkFiles
from gateway.journal.codec import InputRow, event_of, input_of, site_of
from gateway.journal.errors import translated
from gateway.journal.naming import by_kind, events_by_seq
from gateway.journal.pack import SPAN_BITS, unpack_all
from gateway.model import NumberedEvent, NumberedInput
from gateway.rows import Rows, Stretch, readings_of

PAGE = 2_000  # records a transaction reads at most: some 20 ms
_LOOKED_THROUGH = 50_000  # events whose kind a transaction looks at


class Stored:
    """One connection's view of the records of one journal. Not for two threads at once."""

    def __init__(self, db: sqlite3.Connection, path: Path, files: ChunkFiles) -> None:
        self._db, self._path, self._files = db, path, files
        self.ages = Ages()

    def inputs(self, first: int, last: int, groups: Collection[str] | None = None) -> Iterator[NumberedInput]:
        for start in range(first, last + 1, PAGE):
            yield from self.page(start, min(start + PAGE - 1, last), groups)

    def page(self, first: int, last: int, groups: Collection[str] | None = None) -> list[NumberedInput]:
        """Inputs of a short range, in order; those that retention removed are not among them.

        `groups`: whose readings are wanted; None: all.
        """
        found = self.stretch(first, last)
        out = list(found.others)
        for group, rows in found.columns:
            if groups is not None and group not in groups:
                continue
            for part, view in self.ages.split(group, rows):
                out += readings_of(group, part, values_of(part, view))
        out.sort(key=_seq)
        return out

    def stretch(self, first: int, last: int) -> Stretch:
        """The same, readings as columns: one for each group and shape."""
        return self._files.looked_up(lambda: self._stretch(first, last))

    def _stretch(self, first: int, last: int) -> Stretch:
        with translated(self._path):
            self._db.execute("BEGIN")
            try:
                self.ages.refresh(self._db)
                others = self._db.execute(_OTHERS_BY_SEQ, (first, last)).fetchall()
                same_span = (first >> SPAN_BITS) << SPAN_BITS
                hot = self._db.execute(_HOT_BY_SEQ, (same_span, last, first)).fetchall()
                chunks = self._db.execute(_CHUNKS_BY_SEQ, {"first": first, "last": last}).fetchall()
                sites = {row[6]: self._site(row[6]) for row in others if row[6]}
            finally:
                self._db.execute("COMMIT")
        parts: dict[tuple[str, int, int], list[Rows]] = {}

        def add(group: str, rows: Rows) -> None:
            low, high = np.searchsorted(rows.seq, [first, last + 1]).tolist()
            if low < high:
                shape = (group, rows.quality.shape[1], rows.raw.shape[1])
                whole = high - low == len(rows)
                parts.setdefault(shape, []).append(rows if whole else rows.take(slice(low, high)))

        packs: dict[str, list[bytes]] = {}
        for group, pack in hot:
            packs.setdefault(group, []).append(pack)
        for group, found in packs.items():
            for rows in unpack_all(found):
                add(group, rows)
        for group, month, start, length in chunks:
            add(group, self._files.rows(month, start, length))
        made = [NumberedInput(row[0], input_of(InputRow(*row), sites.get(row[6]))) for row in others]
        columns = tuple((group, Rows.joined(each)) for (group, *_), each in parts.items())
        return Stretch(columns, tuple(made))

    def _site(self, digest: str) -> Any:
        return site_of(self._db.execute("SELECT body FROM sites WHERE digest = ?", (digest,)).fetchone()[0])

    def events_of(self, after: int, last: int, kinds: Sequence[str]) -> Iterator[NumberedEvent]:
        """Events of some kinds with seq in (after, last], gone through in short reads."""
        if last - after > _LOOKED_THROUGH and by_kind(kinds):
            yield from events_by_seq(self._db, self._path, kinds, after, last)
            return
        wanted = json.dumps(list(kinds))
        for start in range(after + 1, last + 1, _LOOKED_THROUGH):
            stop = min(start + _LOOKED_THROUGH - 1, last)
            with translated(self._path):
                rows = self._db.execute(_EVENTS_OF, (start, stop, wanted)).fetchall()
            yield from (event_of(*row) for row in rows)

    def events(self, first: int, last: int) -> Iterator[NumberedEvent]:
        for start in range(first, last + 1, PAGE):
            with translated(self._path):
                stop = min(start + PAGE - 1, last)
                rows = self._db.execute(_EVENTS_BY_SEQ, (start, stop)).fetchall()
            yield from (event_of(*row) for row in rows)


def _seq(numbered: NumberedInput) -> int:
    return numbered.seq


_OTHERS_BY_SEQ = "SELECT * FROM inputs WHERE seq BETWEEN ? AND ? ORDER BY seq"
_HOT_BY_SEQ = """
    SELECT name, pack FROM hot JOIN poll_groups ON poll_groups.id = group_id
    WHERE first_seq BETWEEN ? AND ? AND last_seq >= ?
"""
_CHUNKS_BY_SEQ = """
    SELECT name, month, start, length FROM chunks JOIN poll_groups ON poll_groups.id = group_id
    WHERE first_seq <= :last AND last_seq BETWEEN :first AND :last + (
        SELECT coalesce(max(CAST(value AS INTEGER)), 0) FROM meta WHERE key = 'chunk_span'
    )
"""
_EVENTS_BY_SEQ = "SELECT * FROM told WHERE seq BETWEEN ? AND ? ORDER BY seq"
_EVENTS_OF = """
    SELECT * FROM told WHERE seq BETWEEN ? AND ? AND kind IN (SELECT value FROM json_each(?)) ORDER BY seq
"""

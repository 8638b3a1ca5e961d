"""Blocks of the ledger read back: canonical bytes of what is stored, and whether they are what was committed.

Rule: nothing here believes a column that the canonical bytes do not come from; sizes and places are checked with them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from gateway.journal.chunkfile import ChunkFiles, ChunkMoved
from gateway.journal.codec import InputRow, event_of, input_of, site_of
from gateway.journal.errors import JournalCorrupt, translated
from gateway.journal.ledger import leaves_of, readings_items
from gateway.journal.pack import SPAN_BITS, Rows, unpack_all
from gateway.model import EVENT_STREAM, INPUT_STREAM, NumberedInput
from gateway.proof.canonical import event_bytes, input_bytes
from gateway.proof.leaf import TREES, Leaf, small_root

LEAVES = 500  # read together at most
RECORDS = 4_000  # in them, where one block has not more

Parts = list[tuple[str, Rows]]


@dataclass(frozen=True, slots=True)
class Sealing:
    """Packs, by their first seq, and the rows that are to replace them."""

    packs: frozenset[int]
    rows: Sequence[tuple[str, Rows]]


@dataclass(slots=True)
class Block:
    """What is stored of one leaf's block, as canonical bytes."""

    leaf: Leaf
    inputs: list[tuple[int, bytes]] = field(default_factory=list)  # seq and bytes
    events: list[tuple[int, bytes]] = field(default_factory=list)
    columns: Parts = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)  # records that cannot be read

    def items(self) -> tuple[list[bytes], list[bytes], list[bytes]]:
        """Bytes under the leaf's three small trees."""
        return (
            readings_items(self.columns),
            [data for _, data in self.inputs],
            [data for _, data in self.events],
        )

    def held(self) -> tuple[int, int]:
        """How many inputs and events there are."""
        return len(self.inputs) + sum(len(rows) for _, rows in self.columns), len(self.events)

    def wrong(self) -> list[str]:
        """Which of its small trees do not give their root."""
        pairs = zip(TREES, self.items(), self.leaf.roots, strict=True)
        return [name for name, items, root in pairs if small_root(items) != root]


class Blocks:
    """Reads blocks of one journal or replica. Not for two threads at once."""

    def __init__(self, db: sqlite3.Connection, path: Path, files: ChunkFiles) -> None:
        self._db, self._path, self._files = db, path, files

    def read(
        self, first: int, end: int, *, sealing: Sealing | None = None, only: str = ""
    ) -> Iterator[Block]:
        """Blocks of leaves first..end-1, those whose leaf is there; leaf 0 has none.

        With `sealing`: as they will be when that is done, and of other inputs and events the seqs only. `only` a
        stream: of it what is no reading, and nothing else.
        """
        at = max(first, 1)
        while at < end:
            with translated(self._path):
                leaves = leaves_of(self._db, at, min(end, at + LEAVES))
            if not leaves:
                with translated(self._path):
                    following = self._db.execute("SELECT min(n) FROM leaves WHERE n >= ?", (at,)).fetchone()[
                        0
                    ]
                if following is None:
                    return
                at = following
                continue
            page = _page(leaves)
            yield from self._page(page, sealing, only)
            at = page[-1].n + 1

    def _page(self, leaves: list[Leaf], sealing: Sealing | None, only: str) -> Iterator[Block]:
        inputs = (leaves[0].inputs.first, max(leaf.inputs.last for leaf in leaves))
        events = (leaves[0].events.first, max(leaf.events.last for leaf in leaves))
        trouble: list[str] = []
        packs = sealing.packs if sealing else frozenset()
        readings = [] if only else self._files.looked_up(lambda: self._readings(*inputs, packs, trouble))
        if sealing:
            readings += [
                (group, rows.take((rows.seq >= inputs[0]) & (rows.seq <= inputs[1])))
                for group, rows in sealing.rows
            ]
            others, told = self._seqs(*inputs), []
        else:
            others = [] if only == EVENT_STREAM else self._others(*inputs, trouble)
            told = [] if only == INPUT_STREAM else self._events(*events, trouble)
        shapes: dict[tuple[str, int, int], Parts] = {}
        for group, rows in readings:
            if len(rows):
                shapes.setdefault((group, rows.quality.shape[1], rows.raw.shape[1]), []).append((group, rows))
        joined = [(parts[0][0], Rows.joined([rows for _, rows in parts])) for parts in shapes.values()]
        seqs = np.array([seq for seq, _ in others], np.int64), np.array([seq for seq, _ in told], np.int64)
        for leaf in leaves:
            block = Block(leaf, trouble=trouble)
            block.inputs = others[_cut(seqs[0], *leaf.inputs)]
            block.events = told[_cut(seqs[1], *leaf.events)]
            for group, rows in joined:
                cut = _cut(rows.seq, *leaf.inputs)
                if cut.start < cut.stop:
                    block.columns.append((group, rows.take(cut)))
            yield block

    def _readings(self, first: int, last: int, without: Container[int], trouble: list[str]) -> Parts:
        same_span = (first >> SPAN_BITS) << SPAN_BITS
        with translated(self._path):
            self._db.execute("BEGIN")
            try:
                hot = self._db.execute(_HOT, (same_span, last, first)).fetchall()
                chunks = self._db.execute(_CHUNKS, {"first": first, "last": last}).fetchall()
            finally:
                self._db.execute("COMMIT")
        found: Parts = []
        packs: dict[str, list[bytes]] = {}
        for first_seq, group, pack in hot:
            if first_seq not in without:
                packs.setdefault(group, []).append(pack)
        for group, some in packs.items():
            found += self._unpacked(group, some, trouble)
        for group, month, start, length in chunks:
            try:
                found.append((group, self._files.rows(month, start, length)))
            except ChunkMoved:
                raise
            except (JournalCorrupt, ValueError, KeyError, TypeError) as error:
                trouble.append(f"{month} at byte {start}: {error}")
        return [(group, rows.take((rows.seq >= first) & (rows.seq <= last))) for group, rows in found]

    def _unpacked(self, group: str, packs: list[bytes], trouble: list[str]) -> Parts:
        try:
            return [(group, rows) for rows in unpack_all(packs)]
        except (JournalCorrupt, ValueError, TypeError) as error:
            if len(packs) == 1:
                trouble.append(f"readings of {group}: {error}")
                return []
        return [part for pack in packs for part in self._unpacked(group, [pack], trouble)]

    def _seqs(self, first: int, last: int) -> list[tuple[int, bytes]]:
        with translated(self._path):
            asked = "SELECT seq FROM inputs WHERE seq BETWEEN ? AND ? ORDER BY seq"
            return [(row[0], b"") for row in self._db.execute(asked, (first, last))]

    def _others(self, first: int, last: int, trouble: list[str]) -> list[tuple[int, bytes]]:
        with translated(self._path):
            rows = self._db.execute(_OTHERS, (first, last)).fetchall()
        found = []
        for row in rows:
            try:
                given = input_of(InputRow(*row), self._site(row[6]) if row[6] else None)
                found.append((row[0], input_bytes(NumberedInput(row[0], given))))
            except (JournalCorrupt, ValueError, TypeError, KeyError, AttributeError) as error:
                trouble.append(f"input {row[0]}: {error}")
        return found

    def _site(self, digest: str) -> Any:
        with translated(self._path):
            row = self._db.execute("SELECT body FROM sites WHERE digest = ?", (digest,)).fetchone()
        if row is None:
            raise JournalCorrupt(f"the site {digest} is not there")
        return site_of(row[0])

    def events(self, seqs: Sequence[int]) -> dict[int, bytes]:
        """Canonical bytes of some events; those that cannot be read are left out."""
        return {seq: data for each in seqs for seq, data in self._events(each, each, [])}

    def _events(self, first: int, last: int, trouble: list[str]) -> list[tuple[int, bytes]]:
        with translated(self._path):
            rows = self._db.execute(_EVENTS, (first, last)).fetchall()
        found = []
        for row in rows:
            try:
                found.append((row[0], event_bytes(event_of(*row))))
            except (JournalCorrupt, ValueError, TypeError, KeyError, AttributeError) as error:
                trouble.append(f"event {row[0]}: {error}")
        return found


def _page(leaves: list[Leaf]) -> list[Leaf]:
    """As many of the first leaves as make a page: in a row, and not too many records."""
    page, records = [leaves[0]], leaves[0].inputs.size + leaves[0].events.size
    for leaf in leaves[1:]:
        records += leaf.inputs.size + leaf.events.size
        if records > RECORDS or not leaf.follows(page[-1]):
            break
        page.append(leaf)
    return page


def _cut(seqs: Any, last: int, size: int) -> slice:
    low, high = np.searchsorted(seqs, [last - size + 1, last + 1]).tolist()
    return slice(low, high)


_HOT = """
    SELECT first_seq, name, pack FROM hot JOIN poll_groups ON poll_groups.id = group_id
    WHERE first_seq BETWEEN ? AND ? AND last_seq >= ? ORDER BY first_seq
"""
_CHUNKS = """
    SELECT name, month, start, length FROM chunks JOIN poll_groups ON poll_groups.id = group_id
    WHERE first_seq <= :last AND last_seq BETWEEN :first AND :last + (
        SELECT coalesce(max(CAST(value AS INTEGER)), 0) FROM meta WHERE key = 'chunk_span'
    )
"""
_OTHERS = "SELECT * FROM inputs WHERE seq BETWEEN ? AND ? ORDER BY seq"
_EVENTS = "SELECT * FROM told WHERE seq BETWEEN ? AND ? ORDER BY seq"

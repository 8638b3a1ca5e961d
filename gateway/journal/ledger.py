"""The ledger's rows: a leaf for each committed block, in the transaction of the block.

Rule: the tree in memory is only the right edge of the one in the tables; after a crash or a rollback it is read again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from gateway.journal.pack import Rows
from gateway.journal.writing import Written
from gateway.model import INPUT_STREAM, Identity, NumberedEvent, NumberedInput, Reading
from gateway.ports import Watermark
from gateway.proof.canonical import input_bytes
from gateway.proof.head import origin_of
from gateway.proof.leaf import Leaf, Span, readings_bytes, small_root
from gateway.proof.merkle import HASH_BYTES, leaf_hash, levels_of, root_of
from gateway.proof.tiles import Growing, Tiles

Columns = Sequence[tuple[str, Rows]]
"""Readings by group, each part of one shape."""


TWIG_FROM = 16
"""Events in a block, from which on their hashes are kept: an import's blocks have a thousand."""


class Ledger:
    """The ledger of one journal or replica, open for writing. Not for two threads at once."""

    def __init__(self, db: sqlite3.Connection, identity: Identity, size: int | None = None) -> None:
        """`size`: as `forget` has it."""
        self._db, self.origin = db, origin_of(identity)
        self._tree = Growing()
        self.forget(size)

    def forget(self, size: int | None = None) -> None:
        """Read the edge of the tree again: a transaction was rolled back, or somebody else begins here.

        `size`: leaves 0..size-1 are there; of a journal they all are.
        """
        if size is None:
            size = self._db.execute("SELECT coalesce(max(n), -1) + 1 FROM leaves").fetchone()[0]
        self._tree = tiles_of(self._db, self.origin).growing(size)

    @property
    def size(self) -> int:
        """Leaves 0..size-1 are all there."""
        return self._tree.size

    def root(self) -> bytes:
        """Of the tree over all of them."""
        return self._tree.root()

    def tree(self) -> Growing:
        """A copy, which stays as the tree is now."""
        return self._tree.copy()

    # --- in a transaction of the caller -------------------------------------------------------------------------------

    def commit(
        self,
        before: Watermark,
        inputs: Sequence[NumberedInput],
        events: Sequence[NumberedEvent],
        written: Written,
    ) -> None:
        """The leaf of a block that follows `before`; the first one says where the ledger begins, too."""
        if not (inputs or events):
            return
        if self._tree.size == 0:
            self.put(Leaf(0, Span(before.input, 0), Span(before.event, 0)))
        told = [leaf_hash(event) for event in written.events]
        if len(told) > TWIG_FROM:
            self._db.execute("INSERT INTO twigs VALUES (?, ?)", (self._tree.size, b"".join(told)))
        roots = (
            small_root(readings_items(written.columns)),
            small_root([input_bytes(each) for each in inputs if not isinstance(each.input, Reading)]),
            root_of(told) if told else b"",
        )
        spans = (Span(before.input + len(inputs), len(inputs)), Span(before.event + len(events), len(events)))
        self.put(Leaf(self._tree.size, *spans, roots))

    def put(self, leaf: Leaf) -> None:
        """Write a leaf; the tree grows when it is the next one."""
        self._db.execute("INSERT INTO leaves VALUES (?, ?, ?, ?, ?, ?, ?)", leaf.row())
        if leaf.n == self._tree.size:
            self._grow(leaf)

    def catch_up(self, size: int) -> None:
        """Let the tree grow by leaves that came before their turn, up to `size`."""
        while self._tree.size < size:
            for leaf in leaves_of(self._db, self._tree.size, min(size, self._tree.size + _AT_ONCE)):
                self._grow(leaf)

    def _grow(self, leaf: Leaf) -> None:
        for row in self._tree.append(leaf.hash(self.origin)):
            self._db.execute("INSERT OR REPLACE INTO nodes VALUES (?, ?, ?)", row)


def readings_items(columns: Columns) -> list[bytes]:
    """Canonical bytes of a block's readings: one item for each group and shape, in the order of their first seq."""
    shapes: dict[tuple[str, int, int], list[Rows]] = {}
    for group, rows in columns:
        shapes.setdefault((group, rows.quality.shape[1], rows.raw.shape[1]), []).append(rows)
    joined = [(group, Rows.joined(parts)) for (group, *_), parts in shapes.items()]
    joined.sort(key=lambda part: int(part[1].seq[0]))
    return [readings_bytes(group, rows.canonical()) for group, rows in joined]


def leaves_of(db: sqlite3.Connection, first: int, end: int) -> list[Leaf]:
    """Leaves first..end-1, those that are there."""
    return [Leaf.of_row(row) for row in db.execute(_LEAVES, (first, end))]


def twig_of(db: sqlite3.Connection, leaf: Leaf) -> list[list[bytes]] | None:
    """The tree over a block's events, where their hashes are kept and give its root."""
    row = db.execute("SELECT events FROM twigs WHERE n = ?", (leaf.n,)).fetchone()
    if row is None or not isinstance(row[0], bytes) or len(row[0]) != HASH_BYTES * leaf.events.size:
        return None
    hashes = [row[0][at : at + HASH_BYTES] for at in range(0, len(row[0]), HASH_BYTES)]
    levels = levels_of(hashes)
    return levels if levels[-1][0] == leaf.roots[2] else None


def tiles_of(db: sqlite3.Connection, origin: str) -> Tiles:
    """Nodes of the tree as the tables have them now."""

    def fetch(level: int, first: int, end: int) -> list[bytes]:
        if level == 0:
            return [leaf.hash(origin) for leaf in leaves_of(db, first, end)]
        return [row[0] for row in db.execute(_NODES, (level, first, end))]

    return Tiles(fetch)


def leaf_at(db: sqlite3.Connection, stream: str, seq: int) -> Leaf | None:
    """The leaf that a seq is in; None before the ledger began, after its end, and where a replica lacks the leaf."""
    low, high = 0, db.execute("SELECT coalesce(max(n), -1) FROM leaves").fetchone()[0]
    found = None
    while low <= high:  # the first leaf that ends at or after the seq
        middle = (low + high) // 2
        row = db.execute(_FROM, (middle,)).fetchone()
        leaf = Leaf.of_row(row)
        span = leaf.inputs if stream == INPUT_STREAM else leaf.events
        if span.last >= seq:
            found, high = leaf, middle - 1
        else:
            low = leaf.n + 1
    if found is None:
        return None
    span = found.inputs if stream == INPUT_STREAM else found.events
    return found if span.first <= seq else None


_AT_ONCE = 500
_LEAVES = """
    SELECT n, input, inputs, event, events, trees, roots FROM leaves WHERE n >= ? AND n < ? ORDER BY n
"""
_FROM = "SELECT n, input, inputs, event, events, trees, roots FROM leaves WHERE n >= ? ORDER BY n LIMIT 1"
_NODES = "SELECT hash FROM nodes WHERE level = ? AND n >= ? AND n < ? ORDER BY n"

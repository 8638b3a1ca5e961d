"""The ledger of a journal or a replica, read only: heads, proofs, and the proof of one record."""

from __future__ import annotations

import sqlite3
from bisect import bisect_left, bisect_right
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.journal.blocks import Block, Blocks
from gateway.journal.chunkfile import ChunkFiles
from gateway.journal.errors import JournalCorrupt, translated
from gateway.journal.ledger import leaf_at, leaves_of, tiles_of, twig_of
from gateway.journal.lottexts import LotText, ManyLots
from gateway.model import EVENT_STREAM, INPUT_STREAM, Identity
from gateway.proof.head import Head, origin_of
from gateway.proof.leaf import TREES, Leaf
from gateway.proof.merkle import consistency, inclusion, leaf_hash, levels_of, path_in
from gateway.proof.note import NoKey, PublicKey
from gateway.proof.tiles import Tiles

PUBLIC = "ledger.pub"
"""The file beside a journal with the public key of its box."""


@dataclass(frozen=True, slots=True)
class KeptHead:
    """A checkpoint that was signed here, or witnessed."""

    size: int
    time_ns: int
    note: str


@dataclass(frozen=True, slots=True)
class WitnessAlarm:
    """What a witness found that did not fit."""

    time_ns: int
    kind: str
    detail: str
    note: str


@dataclass(frozen=True, slots=True)
class RecordProof:
    """One record, and the way from it to the root of the ledger at `size`."""

    record: bytes  # canonical
    leaf: bytes  # its block's leaf
    number: int  # of that leaf
    tree: str  # which small tree of the leaf
    index: int  # of the record in it
    count: int  # of records in it
    inner: tuple[bytes, ...]  # path in the small tree
    path: tuple[bytes, ...]  # path of the leaf


@dataclass(frozen=True, slots=True)
class LotProof:
    """The record of a lot that is whole, in its block's tree of events; the leaf's own path is asked for apart."""

    seq: int
    lot: LotText
    leaf: Leaf
    index: int  # of the record in the tree of events
    inner: tuple[bytes, ...]  # path there


class LedgerView:
    """Of one journal or replica. Not for two threads at once. What is read is read from the tables as they are."""

    def __init__(self, db: sqlite3.Connection, path: Path, files: ChunkFiles, identity: Identity) -> None:
        self._db, self._path = db, path
        self.origin = origin_of(identity)
        self._blocks = Blocks(db, path, files)
        self._tiles: Tiles | None = None

    def size(self) -> int:
        """How many leaves there are from the first on without a hole: of a replica those that came in order."""
        with translated(self._path):
            marked = self._db.execute(_MARKED).fetchone()
            if marked is not None:
                return int(marked[0])
            if self._db.execute("SELECT count(*) FROM stored").fetchone()[0]:
                return 0
            return int(self._db.execute("SELECT coalesce(max(n), -1) + 1 FROM leaves").fetchone()[0])

    def leaves(self, first: int, end: int) -> list[Leaf]:
        with translated(self._path):
            return leaves_of(self._db, first, end)

    def blocks(self, first: int, end: int) -> Iterator[Block]:
        """Blocks as they are stored, from leaf `first` to end-1; leaf 0 has none."""
        return self._blocks.read(first, end)

    def leaf_at(self, stream: str, seq: int) -> Leaf | None:
        """The leaf that a record is in, where there is one."""
        with translated(self._path):
            return leaf_at(self._db, stream, seq)

    def head(self, size: int) -> Head:
        """The head of the first `size` leaves."""
        with translated(self._path):
            return Head(self.origin, size, self._nodes().subtree(0, size))

    def inclusion(self, n: int, size: int) -> list[bytes]:
        """The path of a leaf in the tree of `size`."""
        with translated(self._path):
            return inclusion(n, size, self._nodes().subtree)

    def consistency(self, older: int, size: int) -> list[bytes]:
        """The proof that the tree of `size` continues the one of `older`."""
        with translated(self._path):
            return consistency(older, size, self._nodes().subtree)

    def prove(self, stream: str, seq: int, size: int) -> RecordProof | None:
        """Proof of an event or of an input that is no reading; None where the first `size` leaves do not hold it."""
        return self.prove_all(stream, [seq], size).get(seq)

    def prove_all(self, stream: str, seqs: Sequence[int], size: int) -> dict[int, RecordProof]:
        """Proofs of many records of one stream, in ascending order; those that cannot be proven are left out."""
        tree = 1 if stream == INPUT_STREAM else 2
        proven: dict[int, RecordProof] = {}
        last = 0
        for seq in seqs:
            leaf = None if seq <= last else self.leaf_at(stream, seq)
            if leaf is None or leaf.n >= size:
                continue
            last = (leaf.inputs if stream == INPUT_STREAM else leaf.events).last
            wanted = set(seqs[bisect_left(seqs, seq) : bisect_right(seqs, last)])
            found, levels = self._found(stream, leaf, wanted)
            if not levels or levels[-1][0] != leaf.roots[tree]:
                continue  # not what was committed: nothing to be proven
            data, path = leaf.data(self.origin), tuple(self.inclusion(leaf.n, size))
            for place, number, record in found:
                if leaf_hash(record) == levels[0][place]:
                    where = (leaf.n, TREES[tree], place, len(levels[0]))
                    proven[number] = RecordProof(record, data, *where, path_in(levels, place), path)
        return proven

    def prove_lots(self, seqs: Sequence[int], size: int, lots: ManyLots) -> Iterator[LotProof]:
        """Proofs of lots' events, in ascending order; those that the first `size` leaves do not hold are left out."""
        last = 0
        for place, seq in enumerate(seqs):
            leaf = None if seq <= last else self.leaf_at(EVENT_STREAM, seq)
            if leaf is None or leaf.n >= size:
                continue
            last = leaf.events.last
            levels = self._events_tree(leaf)
            for each in seqs[place : bisect_right(seqs, last)] if levels else ():
                index, lot = each - leaf.events.first, lots.text(each)
                if lot is not None and leaf_hash(lots.whole(lot)) == levels[0][index]:
                    yield LotProof(each, lot, leaf, index, path_in(levels, index))

    def nodes(self) -> dict[tuple[int, int], bytes]:
        """The kept hashes above the leaves, by level and index: one in 31 of the leaves."""
        with translated(self._path):
            return {
                (level, n): hash_ for level, n, hash_ in self._db.execute("SELECT level, n, hash FROM nodes")
            }

    def heads(self) -> list[KeptHead]:
        """Checkpoints that are kept here, the smallest tree first."""
        with translated(self._path):
            rows = self._db.execute("SELECT size, time_ns, note FROM heads ORDER BY size").fetchall()
        return [KeptHead(*row) for row in rows]

    def newest_head(self) -> KeptHead | None:
        """The checkpoint of the largest tree."""
        with translated(self._path):
            row = self._db.execute(
                "SELECT size, time_ns, note FROM heads ORDER BY size DESC LIMIT 1"
            ).fetchone()
        return KeptHead(*row) if row else None

    def _found(
        self, stream: str, leaf: Leaf, wanted: Container[int]
    ) -> tuple[list[tuple[int, int, bytes]], list[list[bytes]]]:
        """Of a block the records that are wanted, each with its place and seq; and the small tree that they are in."""
        with translated(self._path):
            twig = twig_of(self._db, leaf) if stream == EVENT_STREAM else None
        if twig is not None:
            span = range(leaf.events.first, leaf.events.last + 1)
            asked = [seq for seq in span if seq in wanted]
            told = self._blocks.events(asked)
            return [(seq - leaf.events.first, seq, told[seq]) for seq in asked if seq in told], twig
        for block in self._blocks.read(leaf.n, leaf.n + 1, only=stream):
            records = block.inputs if stream == INPUT_STREAM else block.events
            found = [(place, seq, data) for place, (seq, data) in enumerate(records) if seq in wanted]
            return found, levels_of([leaf_hash(data) for _, data in records]) if records else []
        return [], []

    def _events_tree(self, leaf: Leaf) -> list[list[bytes]]:
        """The tree over a block's events; empty where what is stored does not give its root."""
        with translated(self._path):
            levels = twig_of(self._db, leaf)
        if levels is None:
            for block in self._blocks.read(leaf.n, leaf.n + 1, only=EVENT_STREAM):
                levels = levels_of([leaf_hash(data) for _, data in block.events]) if block.events else []
        return levels if levels and levels[-1][0] == leaf.roots[2] else []

    def key(self) -> PublicKey | None:
        """The key of the box: of a replica the one that was witnessed first. Raises JournalCorrupt."""
        with translated(self._path):
            row = self._db.execute("SELECT value FROM meta WHERE key = 'ledger_key'").fetchone()
        beside = self._path.with_name(PUBLIC)
        if row is None and not beside.is_file():
            return None
        try:
            return PublicKey.of_line(row[0] if row else beside.read_text("ascii", "replace"))
        except (NoKey, OSError, AttributeError, TypeError) as error:
            raise JournalCorrupt(f"{beside}: {error}") from error

    def alarms(self) -> list[WitnessAlarm]:
        """What this witness found, the oldest first."""
        with translated(self._path):
            rows = self._db.execute(
                "SELECT time_ns, kind, detail, note FROM witness_alarms ORDER BY id"
            ).fetchall()
        return [WitnessAlarm(*row) for row in rows]

    def refresh(self) -> None:
        """Read nodes again: the tree has grown."""
        self._tiles = None

    def _nodes(self) -> Tiles:
        if self._tiles is None:
            self._tiles = tiles_of(self._db, self.origin)
        return self._tiles


_MARKED = "SELECT last FROM stored WHERE stream = 'leaf' AND first = 1"

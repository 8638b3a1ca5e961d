"""The witness: whoever keeps a replica keeps the gateway's ledger too, and sees when its past is changed.

Rule 1: what was witnessed is never written over: a leaf or head that says otherwise is an alarm, kept beside it.
Rule 2: an alarm is told once and kept for ever.  Rule 3: the key of the first checkpoint is the key; who wants to be
surer compares it with the box (`ledger.pub`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from gateway.journal.arrivals import runs_of
from gateway.journal.blocks import Blocks
from gateway.journal.chunkfile import ChunkFiles
from gateway.journal.intervals import IntervalSet
from gateway.journal.ledger import Ledger, leaves_of, tiles_of
from gateway.journal.ledgerview import WitnessAlarm
from gateway.journal.writing import transaction
from gateway.model import Identity
from gateway.proof.checkpoint import claimed, verified
from gateway.proof.head import Head
from gateway.proof.leaf import Leaf
from gateway.proof.merkle import ProofWrong
from gateway.proof.note import NoKey, PublicKey

LEAF_STREAM = "leaf"  # in table `stored`: leaf n has number n + 1
CHECKED = "witness"  # cursor: blocks of leaves below it are what their leaves say
PENDING_MOST = 64
CHECK_AT_ONCE = 200

FORK = "fork"  # a leaf or a head that contradicts what was witnessed
ROLLBACK = "rollback"  # a later head of a smaller ledger
SIGNATURE = "bad_signature"
KEY = "key_changed"
RECORD = "record_differs"  # what came is not what the gateway committed
SENTENCES = {
    FORK: "the gateway's ledger was forked: its past is not the one that was witnessed",
    ROLLBACK: "the gateway's ledger was rolled back: it is shorter than the one that was witnessed",
    SIGNATURE: "a checkpoint is not signed by the gateway's key",
    KEY: "the gateway signs with another key than before",
    RECORD: "a record that came is not the one in the gateway's ledger",
}


class Witness:
    """Of one replica, in whose writing thread it works."""

    def __init__(self, db: sqlite3.Connection, folder: Path, path: Path, identity: Identity) -> None:
        self._db, self._path = db, path
        self._ledger = Ledger(
            db, identity, size=0
        )  # a replica's leaves may have holes: `_load` says where it stands
        self._blocks = Blocks(db, path, ChunkFiles(folder, db))
        self._held = IntervalSet()
        self._pending: dict[int, tuple[str, int]] = {}  # heads beyond the leaves held: note and time
        self._told: set[tuple[str, str]] = set()
        self.news: list[WitnessAlarm] = []  # not yet taken by whoever tells them
        self._load()

    def _load(self) -> None:
        rows = self._db.execute(
            "SELECT first, last FROM stored WHERE stream = ? ORDER BY first", (LEAF_STREAM,)
        )
        self._held = IntervalSet.of(rows.fetchall())
        self._ledger.forget(self._held.prefix())
        self._told = {tuple(row) for row in self._db.execute("SELECT kind, detail FROM witness_alarms")}
        row = self._db.execute("SELECT size, time_ns FROM heads ORDER BY size DESC LIMIT 1").fetchone()
        self._newest: int = row[0] if row else 0
        self._newest_ns: int = row[1] if row else 0
        row = self._db.execute("SELECT value FROM meta WHERE key = 'ledger_key'").fetchone()
        self._key = PublicKey.of_line(row[0]) if row else None
        row = self._db.execute("SELECT input FROM cursors WHERE name = ?", (CHECKED,)).fetchone()
        self._checked = row[0] if row else 1

    @property
    def size(self) -> int:
        """Leaves 0..size-1 are held, durably."""
        return self._held.prefix()

    def last_alarm(self) -> str:
        """Kind of the alarm that was found last; "" without any."""
        row = self._db.execute("SELECT kind FROM witness_alarms ORDER BY id DESC LIMIT 1").fetchone()
        return str(row[0]) if row else ""

    def take_leaves(self, leaves: Sequence[Leaf], now_ns: int) -> None:
        """Leaves as they came, in any order and more than once. Durable when it returns."""
        try:
            with transaction(self._db, self._path):
                fresh: set[int] = set()
                for leaf in leaves:
                    if leaf.n + 1 in self._held or leaf.n + 1 in fresh:
                        self._compare(leaf, now_ns)
                    else:
                        self._ledger.put(leaf)
                        fresh.add(leaf.n + 1)
                for run in runs_of(np.array(sorted(fresh), dtype=np.int64)):
                    self._mark(*run)
                self._ledger.catch_up(self._held.prefix())
                self._settle()
        except BaseException:
            self._load()
            raise

    def take_head(self, note: str, key: str, time_ns: int, now_ns: int) -> None:
        """A checkpoint as it came, with the key and the time that the gateway gave beside it."""
        try:
            with transaction(self._db, self._path):
                self._judge(note, key, time_ns, now_ns)
        except BaseException:
            self._load()
            raise

    def check(self, inputs: IntervalSet, events: IntervalSet, now_ns: int) -> int:
        """Compare blocks that are whole here with their leaves, some of them; how many."""
        done = 0
        first, end = self._checked, min(self._checked + CHECK_AT_ONCE, self.size)
        if first >= end:
            return 0
        for leaf in leaves_of(self._db, first, end):
            if not (_holds(inputs, *leaf.inputs) and _holds(events, *leaf.events)):
                break
            done += 1
        if not done:
            return 0
        wrong = []
        for block in self._blocks.read(first, first + done):
            bad = block.wrong()
            if bad:
                words = (
                    f"leaf {block.leaf.n}: its {' and '.join(bad)} (inputs up to {block.leaf.inputs.last})"
                )
                wrong.append(words)
        with transaction(self._db, self._path):
            for detail in wrong:
                self._alarm(RECORD, detail, "", now_ns)
            self._db.execute("INSERT OR REPLACE INTO cursors VALUES (?, ?, 0)", (CHECKED, first + done))
        self._checked = first + done
        return done

    def _compare(self, leaf: Leaf, now_ns: int) -> None:
        held = leaves_of(self._db, leaf.n, leaf.n + 1)
        if held != [leaf]:
            self._alarm(FORK, f"leaf {leaf.n} came again, and is another", "", now_ns)

    def _mark(self, first: int, last: int) -> None:
        for low, high in self._held.add(first, last):
            inside = "DELETE FROM stored WHERE stream = ? AND first BETWEEN ? AND ?"
            self._db.execute(inside, (LEAF_STREAM, low, high))
            self._db.execute("INSERT INTO stored VALUES (?, ?, ?)", (LEAF_STREAM, low, high))

    def _judge(self, note: str, key: str, time_ns: int, now_ns: int) -> None:
        try:
            told = PublicKey.of_line(key)
            said = claimed(note)
        except (NoKey, ProofWrong) as error:
            self._alarm(SIGNATURE, str(error), note, now_ns)
            return
        if self._key is None:
            if told.name != self._ledger.origin:
                self._alarm(KEY, f"a key of {told.name} for {self._ledger.origin}", note, now_ns)
                return
            self._key = told
            self._db.execute("INSERT INTO meta VALUES ('ledger_key', ?)", (told.line(),))
        elif told != self._key:
            self._alarm(KEY, f"{self._key.id.hex()} before, now {told.id.hex()}", note, now_ns)
        try:
            head = verified(note, self._key)
        except ProofWrong as error:
            self._alarm(SIGNATURE, f"head of size {said.size}: {error}", note, now_ns)
            return
        if head.size < self._newest and time_ns > self._newest_ns:
            self._alarm(ROLLBACK, f"from {self._newest} leaves to {head.size}", note, now_ns)
        if head.size > self.size:
            self._pending[head.size] = (note, time_ns)
            while len(self._pending) > PENDING_MOST:  # any of them stands for those before it
                del self._pending[sorted(self._pending)[-2]]
        else:
            self._keep(head, note, time_ns, now_ns)

    def _settle(self) -> None:
        """Heads that waited for leaves."""
        for size in sorted(self._pending):
            if size > self._held.prefix():
                return
            note, time_ns = self._pending.pop(size)
            if self._key is not None:
                self._keep(verified(note, self._key), note, time_ns, time_ns)

    def _keep(self, head: Head, note: str, time_ns: int, now_ns: int) -> None:
        """A verified head of leaves that are held: kept where it is theirs, an alarm where not."""
        if head.size == self._ledger.size:  # nearly always: a head comes right behind its last leaf
            mine = self._ledger.root()
        else:
            mine = tiles_of(self._db, self._ledger.origin).subtree(0, head.size)
        if mine != head.root:
            self._alarm(FORK, f"the head of {head.size} leaves has another root", note, now_ns)
            return
        self._db.execute("INSERT OR IGNORE INTO heads VALUES (?, ?, ?)", (head.size, time_ns, note))
        if head.size >= self._newest:
            self._newest, self._newest_ns = head.size, max(time_ns, self._newest_ns)

    def _alarm(self, kind: str, detail: str, note: str, now_ns: int) -> None:
        if (kind, detail) in self._told:
            return
        self._told.add((kind, detail))
        self._db.execute(
            "INSERT INTO witness_alarms (time_ns, kind, detail, note) VALUES (?, ?, ?, ?)",
            (now_ns, kind, detail, note),
        )
        self.news.append(WitnessAlarm(now_ns, kind, detail, note))


def _holds(held: IntervalSet, last: int, size: int) -> bool:
    return not size or not held.missing(last - size + 1, last)

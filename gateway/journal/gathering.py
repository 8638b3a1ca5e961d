"""Puts lots among the holders of their sources a few rows at a time, so that no lot that closes waits for many others.

Rule: a lot stands in `held_lately` until every row of its block is written. Until then it may be found in both places,
and who reads takes it once; what was under way when the journal was closed is begun anew and replaces what is there.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from itertools import islice

from gateway.journal.composed import shares_of
from gateway.journal.made import HELD_KINDS, INSERT_HOLDERS, INSERT_LATELY, holders_body, holdings, waiting
from gateway.model import LotMade

ROWS = 20
"""Rows that a lot may write when it closes, its links, event and composition (`_OWN`, and one a link) among them."""

_OWN = 4
_MOST_ROWS = (
    12  # enough to keep up, where only batches are made and half of their sources are new in each block
)
_READ = 4  # lots that a step reads: each is a tenth of a millisecond at most
_MOST_LOTS = 256  # in a block; where more wait, steps grow


class Gathering:
    """Of one connection that writes. Steps are taken inside the caller's transaction."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self.forget()

    def forget(self) -> None:
        """A transaction was rolled back, or somebody else begins here."""
        self._waiting = dict.fromkeys(HELD_KINDS, 0)
        self._waiting.update(self._db.execute("SELECT kind, count(*) FROM held_lately GROUP BY kind"))
        self._block: _Block | None = None

    def closed(self, seq: int, made: LotMade) -> None:
        """A lot was written: it waits, if it is asked for by its sources, and others get on."""
        if made.kind in HELD_KINDS:
            self._db.execute(INSERT_LATELY, (made.kind, seq))
            self._waiting[made.kind] += 1
        if self._block is None:
            for kind, enough in HELD_KINDS.items():
                if self._waiting[kind] >= enough:
                    self._block = _Block(self._db, kind)
                    break
            else:
                return
        block = self._block
        times = 1 + self._waiting[block.kind] // _MOST_LOTS
        if block.step(times * _READ, times * max(1, min(_MOST_ROWS, ROWS - _OWN - len(made.inputs)))):
            self._waiting[block.kind] -= len(block.seqs)
            self._block = None


class _Block:
    """Lots of one kind on their way."""

    def __init__(self, db: sqlite3.Connection, kind: str) -> None:
        self._db, self.kind = db, kind
        self.seqs = [row[0] for row in db.execute(_WAITING, (kind, _MOST_LOTS))]
        self._read = self._gone = 0
        self._holders: defaultdict[str, list[tuple[int, str, float, float]]] = defaultdict(list)
        self._rows: Iterator[tuple[str, str, int, str]] = self._turned()

    def step(self, lots: int, rows: int) -> bool:
        """Reads so many lots, or else writes so many rows, or else takes lots away; whether all is done."""
        if self._read < len(self.seqs):
            some = self.seqs[self._read : self._read + lots]
            self._read += len(some)
            for seq in some:
                lot, composition = waiting(self._db, seq)
                if composition is None:
                    continue
                sources, least, most = holdings(shares_of(composition))
                for source, low, high in zip(sources, least.tolist(), most.tolist(), strict=True):
                    self._holders[source].append((seq, lot, low, high))
            return False
        written = list(islice(self._rows, rows))
        self._db.executemany(INSERT_HOLDERS, written)
        gone = self.seqs[self._gone : self._gone + rows - len(written)]
        self._db.executemany(_GONE, [(self.kind, seq) for seq in gone])
        self._gone += len(gone)
        return self._gone == len(self.seqs)

    def _turned(self) -> Iterator[tuple[str, str, int, str]]:
        for source in sorted(self._holders):
            yield source, self.kind, self.seqs[0], holders_body(zip(*self._holders.pop(source), strict=True))


_WAITING = "SELECT seq FROM held_lately WHERE kind = ? ORDER BY seq LIMIT ?"
_GONE = "DELETE FROM held_lately WHERE kind = ? AND seq = ?"

"""Thousands of lots that are whole, for one question: events without their compositions, and each composition once.

A recall shows thousands of boxes that are as their batch is. To read each with all it is made of takes seconds; to read
what differs, and what they share once, takes a tenth.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import orjson

from gateway.journal.briefs import Row
from gateway.journal.codec import event_of
from gateway.journal.composed import composition_of
from gateway.journal.errors import JournalCorrupt, decoding, translated
from gateway.journal.madelots import NEWEST, MadeLots
from gateway.model import Composition, Ingredient, LotMade
from gateway.proof.canonical import part_bytes, placed, plain_bytes, record_plain

CUT = b'"composition":'
"""What stands before a composition: in a string its quotes would be escaped, and no key before it has this name."""
_INSIDE = CUT.decode("ascii")  # of a row with numbers that JSON cannot say, which keeps its own
_COMPOSITIONS, _ROWS = 512, 50_000  # in memory at most
CACHE_KIB = 32_768


class LotText(NamedTuple):
    """The canonical bytes of a lot's event, the value of its composition left out; that has a digest of our own."""

    text: bytes
    digest: bytes


class ManyLots(MadeLots):
    """The same answers as `MadeLots`, for one question about thousands of lots; drop it then. Raises JournalError."""

    def __init__(self, db: sqlite3.Connection, path: Path) -> None:
        super().__init__(db, path)
        db.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        self.compositions = Compositions(db, path)
        self._texts: dict[bytes, bytes] = {}
        self._rows_of: dict[int, Row] = {}
        self._seqs: dict[str, int] = {}

    def made(self, lot: str, upto: int = NEWEST) -> LotMade | None:
        """The lot as it is known."""
        with translated(self._path):
            row = self._db.execute(_NEWEST, (lot, upto)).fetchone()
        if row is None:
            return None
        if upto == NEWEST and len(self._rows_of) < _ROWS:
            self._rows_of[row[0]] = row
            self._seqs[lot] = row[0]
        return self.compositions.event(row)

    def _came_by(self, rows: Sequence[Row]) -> None:
        for row in rows[: _ROWS - len(self._rows_of)]:
            self._rows_of[row[0]] = row
            self._seqs[orjson.loads(row[4])["lot"]] = row[0]

    def newest_seq(self, lot: str) -> int | None:
        """The event with the newest version of a lot."""
        if lot not in self._seqs:
            with translated(self._path):
                row = self._db.execute(_NEWEST_SEQ, (lot, NEWEST)).fetchone()
            return int(row[0]) if row else None
        return self._seqs[lot]

    def text(self, seq: int) -> LotText | None:
        """The canonical text of an event; None where there is none, or none that can be read."""
        row = self._rows_of.get(seq)
        if row is None:
            with translated(self._path):
                row = self._db.execute(_ROW, (seq,)).fetchone()
        try:
            return self._text(row) if row else None
        except (JournalCorrupt, ValueError, TypeError, KeyError, AttributeError):
            return None

    def _text(self, row: Row) -> LotText | None:
        seq, cause, _, kind, body, digest = row
        if kind != "LotMade":
            return None
        plain = orjson.loads(body)
        if digest is None or "is" not in plain:  # a row of before, or one with numbers that JSON cannot say
            made = self.compositions.event(row)
            composition = part_bytes(made.composition)
            digest = sha256(composition).digest()
            self._texts[digest] = composition
            plain = record_plain(made, {"composition": None})
        plain["composition"] = None
        before, cut, after = placed(seq, cause, plain_bytes(plain)).partition(CUT)
        return LotText(before + cut + after.removeprefix(b"null"), digest)

    def whole(self, lot: LotText) -> bytes:
        """The canonical bytes of the event. Raises JournalCorrupt."""
        before, cut, after = lot.text.partition(CUT)
        return b"%b%b%b%b" % (before, cut, self.composition_text(lot.digest), after)

    def composition_text(self, digest: bytes) -> bytes:
        """The canonical text of a composition; all that were asked for are remembered."""
        if digest not in self._texts:
            self._texts[digest] = part_bytes(self.compositions.of(digest))
        return self._texts[digest]


class Compositions:
    """Compositions by digest, the last ones in memory, and events with them."""

    def __init__(self, db: sqlite3.Connection, path: Path) -> None:
        self._db, self._path = db, path
        self.of = lru_cache(maxsize=_COMPOSITIONS)(self._read)

    def event(self, row: Row) -> LotMade:
        """The event of the row of a lot that is whole. Raises JournalCorrupt."""
        seq, cause, time_ns, kind, body, digest = row
        if digest is None or _INSIDE in body:
            whole: LotMade = event_of(seq, cause, time_ns, kind, body).event  # type: ignore[assignment]
            return whole
        held = self.of(digest)
        with decoding(f"{self._path}: event {seq}"):
            plain = orjson.loads(body)
            inputs = [
                Ingredient(edge["lot"], edge["kg"], edge.get("sigma_kg", 0.0), edge.get("mixing", ""))
                for edge in plain["inputs"]
            ]
            return LotMade(
                time_ns,
                plain["lot"],
                plain["kind"],
                plain["cell"],
                plain["kg"],
                plain["sigma_kg"],
                tuple(inputs),
                held,
                plain.get("aggregated", False),
                plain.get("ground", False),
                plain.get("version", 1),
                plain.get("reason", ""),
                plain.get("facts", {}),
            )

    def _read(self, digest: bytes) -> Composition:
        with translated(self._path):
            row = self._db.execute(_BODY, (digest,)).fetchone()
        with decoding(f"{self._path}: a composition"):
            return composition_of(row[0] if row else b"")


_ROW = "SELECT seq, cause, time_ns, kind, body, composition FROM events WHERE seq = ?"
_BODY = "SELECT body FROM compositions WHERE digest = ?"
_NEWEST_SEQ = "SELECT seq FROM made WHERE lot = ? AND seq <= ? ORDER BY version DESC, seq DESC LIMIT 1"
_NEWEST = f"""
    SELECT seq, cause, time_ns, kind, body, composition FROM events WHERE seq = ({_NEWEST_SEQ})
"""  # noqa: S608 # of constants

"""The holes of a replica as rows: seen, asked for, answered, closed; and the numbers that somebody has given up.

Rule 1: a hole is a fact: its row is as it was seen, and what is still missing of it follows from what is held.
Rule 2: a number is known lost by an operator's decision only, with a reason, and only while it is missing.  Rule 3: a
record that comes after all is stored like any other.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.journal.errors import translated
from gateway.journal.intervals import Interval, IntervalSet
from gateway.journal.writing import transaction


@dataclass(frozen=True, slots=True)
class Hole:
    """Numbers first..last of a stream were missing when it was seen."""

    id: int
    stream: str
    first: int
    last: int
    seen_ns: int
    asked: int  # how often the gateway was asked for it
    asked_ns: int | None
    gone: str  # why the gateway does not have it any more: "removed", "beyond"; "": it has not said so
    gone_ns: int | None
    closed_ns: int | None  # nothing of it is missing that is not known lost


@dataclass(frozen=True, slots=True)
class KnownLost:
    """Somebody has decided that these will not come."""

    stream: str
    first: int
    last: int
    operator: str
    reason: str
    time_ns: int


def holes_of(db: sqlite3.Connection, path: Path, *, closed: bool = False) -> list[Hole]:
    """The holes that are open, or all that there ever were. Raises JournalError."""
    with translated(path):
        return [Hole(*row) for row in db.execute(_ALL if closed else _OPEN)]


def known_lost_of(db: sqlite3.Connection, path: Path) -> list[KnownLost]:
    """Every decision, in order. Raises JournalError."""
    with translated(path):
        return [KnownLost(*row) for row in db.execute(_LOST)]


class Holes:
    """Of a replica that is open for writing. `settled`: per stream what is held or known lost."""

    def __init__(self, db: sqlite3.Connection, path: Path, settled: Mapping[str, IntervalSet]) -> None:
        self._db, self._path, self._settled = db, path, settled
        self._open = holes_of(db, path)
        self._lost = known_lost_of(db, path)

    def open(self) -> list[Hole]:
        """Those that are open, by stream and number."""
        return self._open

    def lost(self) -> list[KnownLost]:
        """Every decision."""
        return self._lost

    def _reload(self) -> None:
        self._open, self._lost = holes_of(self._db, self._path), known_lost_of(self._db, self._path)

    def missing(self, hole: Hole) -> list[Interval]:
        """What is still missing of it."""
        return self._settled[hole.stream].missing(hole.first, hole.last)

    def see(self, found: Sequence[tuple[str, int, int]], now_ns: int) -> None:
        """New holes, each (stream, first, last); holes that are filled by now are closed. Raises JournalError.

        One that begins where another one ends is the same, grown: the end of a stream of which nothing comes any more.
        """
        ends = {(hole.stream, hole.last + 1): hole.id for hole in self.open() if self.missing(hole)}
        grown = [(last, ends[stream, first]) for stream, first, last in found if (stream, first) in ends]
        new = [each for each in found if each[:2] not in ends]
        filled = [hole.id for hole in self.open() if not self.missing(hole)]
        if not found and not filled:
            return
        with transaction(self._db, self._path):
            self._db.executemany(_CLOSE, [(now_ns, each) for each in filled])
            self._db.executemany(_GROW, grown)
            self._db.executemany(_SEE, [(*each, now_ns) for each in new])
        self._reload()

    def asked(self, holes: Sequence[Hole], now_ns: int) -> None:
        """The gateway was asked for these. Raises JournalError."""
        with transaction(self._db, self._path):
            self._db.executemany(_ASKED, [(now_ns, hole.id) for hole in holes])
        self._reload()

    def gone(self, stream: str, first: int, last: int, why: str, now_ns: int) -> list[Hole]:
        """The gateway does not have first..last any more: which open holes that is news for. Raises JournalError."""
        news = [
            hole
            for hole in self.open()
            if hole.stream == stream
            and hole.first <= last
            and first <= hole.last
            and hole.gone != why
            and any(low <= last and first <= high for low, high in self.missing(hole))
        ]
        if news:
            with transaction(self._db, self._path):
                self._db.executemany(_GONE, [(why, now_ns, hole.id) for hole in news])
            self._reload()
        return news

    def lose(self, lost: KnownLost) -> None:
        """Keep the decision. Whoever calls has looked whether it is missing. Raises JournalError."""
        row = (lost.stream, lost.first, lost.last, lost.operator, lost.reason, lost.time_ns)
        with transaction(self._db, self._path):
            self._db.execute(_LOSE, row)
        self._reload()


_ALL = "SELECT * FROM holes ORDER BY seen_ns, id"
_OPEN = "SELECT * FROM holes WHERE closed_ns IS NULL ORDER BY stream, first"
_LOST = "SELECT stream, first, last, operator, reason, time_ns FROM known_lost ORDER BY id"
_CLOSE = "UPDATE holes SET closed_ns = ? WHERE id = ?"
_SEE = "INSERT INTO holes (stream, first, last, seen_ns, asked, gone) VALUES (?, ?, ?, ?, 0, '')"
_GROW = "UPDATE holes SET last = ? WHERE id = ?"
_ASKED = "UPDATE holes SET asked = asked + 1, asked_ns = ? WHERE id = ?"
_GONE = "UPDATE holes SET gone = ?, gone_ns = ? WHERE id = ?"
_LOSE = "INSERT INTO known_lost (stream, first, last, operator, reason, time_ns) VALUES (?, ?, ?, ?, ?, ?)"

"""Reading the genealogy of one journal: lots that are whole, what they went into, and who holds a source.

Every question takes the version of a lot that was the newest up to an event; without one, the newest there is.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import orjson

from gateway.journal.codec import event_of
from gateway.journal.errors import decoding, translated
from gateway.journal.made import HELD_FROM, HELD_KINDS, NOT_APART
from gateway.journal.madebody import composition_of
from gateway.model import Composition, LotMade, NumberedEvent

NEWEST = 2**63 - 1
"""Of all versions the last."""


class Line(NamedTuple):
    """A lot in a list: its newest version."""

    lot: str
    kind: str
    cell: str
    time_ns: int
    kg: float
    version: int
    seq: int


class Holder(NamedTuple):
    """A lot that holds a source: its share lies from low to high, weighing apart."""

    lot: str
    kind: str
    seq: int
    low: float
    high: float


class MadeLots:
    """One connection's view of the tables `made`, `made_of` and `holders`. Raises JournalError."""

    def __init__(self, db: sqlite3.Connection, path: Path) -> None:
        self._db, self._path = db, path

    def _rows(self, asked: str, given: Sequence[object] | Mapping[str, object]) -> list[tuple[object, ...]]:
        with translated(self._path):
            return self._db.execute(asked, given).fetchall()

    def count(self, upto: int = NEWEST) -> int:
        """How many versions of lots there are. They are never removed, so equal counts are equal tables."""
        return int(str(self._rows("SELECT count(*) FROM made WHERE seq <= ?", (upto,))[0][0]))

    def made(self, lot: str, upto: int = NEWEST) -> LotMade | None:
        """The lot as it is known; None: no event says that it is whole."""
        found = self._event(_NEWEST_EVENT, (lot, upto))
        return found[0].event if found else None  # type: ignore[return-value]

    def composition(self, lot: str, upto: int = NEWEST) -> Composition | None:
        """What the lot is made of, without the rest of its event."""
        rows = self._rows(_NEWEST_BODY, (lot, upto))
        with decoding(f"{self._path}: the lot {lot}"):
            return composition_of(orjson.loads(str(rows[0][0]))["composition"]) if rows else None

    def versions(self, lot: str) -> list[NumberedEvent]:
        """Every version of the lot, the oldest first."""
        return self._event(_VERSIONS, (lot,))

    def _event(self, asked: str, given: Sequence[object]) -> list[NumberedEvent]:
        return [event_of(*row) for row in self._rows(asked, given)]  # type: ignore[arg-type]

    def line(self, lot: str, upto: int = NEWEST) -> Line | None:
        """The lot in a line, from its index alone."""
        rows = self._rows(_LINE, (lot, upto))
        return Line(*rows[0]) if rows else None  # type: ignore[arg-type]

    def children(self, lot: str, upto: int = NEWEST) -> list[str]:
        """Lots that it went into, by the newest versions of those, in the order of their names."""
        return [str(row[0]) for row in self._rows(_CHILDREN, {"lot": lot, "upto": upto})]

    def holders(self, source: str, least: float, kinds: Sequence[str], upto: int = NEWEST) -> list[Holder]:
        """Lots of some kinds that may hold so much of a source, in the order in which they were made.

        Raises ValueError for a kind or a share that is not kept by source: go from lot to lot then.
        """
        if least < HELD_FROM or not HELD_KINDS.issuperset(kinds):
            raise ValueError(f"only {', '.join(sorted(HELD_KINDS))} from {HELD_FROM} on are kept by source")
        found = [
            row
            for kind in kinds
            for row in self._rows(_HOLDERS, {"source": source, "kind": kind, "least": least, "upto": upto})
        ]
        return [Holder(*row) for row in found]  # type: ignore[arg-type]

    def not_apart(self, least: float, kinds: Sequence[str], upto: int = NEWEST) -> list[Holder]:
        """Lots whose rest is so much that they may hold any source that is not kept apart in them."""
        return self.holders(NOT_APART, least, kinds, upto)

    def names(self) -> list[str]:
        """Every lot that was made or went into one."""
        return [str(row[0]) for row in self._rows(_NAMES, ())]


_NEWEST_SEQ = "SELECT seq FROM made WHERE lot = ? AND seq <= ? ORDER BY version DESC, seq DESC LIMIT 1"
_NEWEST_EVENT = f"SELECT seq, cause, time_ns, kind, body FROM events WHERE seq = ({_NEWEST_SEQ})"  # noqa: S608
_NEWEST_BODY = f"SELECT body FROM events WHERE seq = ({_NEWEST_SEQ})"  # noqa: S608
_VERSIONS = """
    SELECT events.seq, cause, events.time_ns, events.kind, body FROM made JOIN events USING (seq)
    WHERE lot = ? ORDER BY version, events.seq
"""
_LINE = """
    SELECT lot, kind, cell, time_ns, kg, version, seq FROM made
    WHERE lot = ? AND seq <= ? ORDER BY version DESC, seq DESC LIMIT 1
"""
_IS_NEWEST = """
    seq = (
        SELECT known.seq FROM made AS known
        WHERE known.lot = held.lot AND known.seq <= :upto ORDER BY version DESC, known.seq DESC LIMIT 1
    )
"""
_CHILDREN = f"""
    SELECT DISTINCT lot FROM made_of AS held WHERE parent = :lot AND seq <= :upto AND {_IS_NEWEST} ORDER BY lot
"""  # noqa: S608
_HOLDERS = f"""
    SELECT lot, kind, seq, low, high FROM holders AS held
    WHERE source = :source AND kind = :kind AND seq <= :upto AND high >= :least AND {_IS_NEWEST} ORDER BY seq
"""  # noqa: S608
_NAMES = "SELECT lot FROM made UNION SELECT parent FROM made_of ORDER BY 1"

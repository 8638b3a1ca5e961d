"""Reading the genealogy of one journal: lots that are whole, what they went into, and who holds a source.

Every question takes the version of a lot that was the newest up to an event; without one, the newest there is.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice
from operator import eq
from pathlib import Path
from typing import Any

import orjson

from gateway.journal.briefs import AT_ONCE, Brief, Row, brief_of
from gateway.journal.codec import event_of
from gateway.journal.composed import Portion, composition_of, portion_of
from gateway.journal.errors import JournalCorrupt, decoding, translated
from gateway.journal.made import (
    HELD_FROM,
    HELD_KINDS,
    NOT_APART,
    Holder,
    holding,
    lately,
    unpacked,
)
from gateway.model import Composition, LotMade, NumberedEvent

NEWEST = 2**63 - 1
"""Of all versions the last."""


class MadeLots:
    """One connection's view of the tables `made`, `made_of` and `holders`. Raises JournalError."""

    def __init__(self, db: sqlite3.Connection, path: Path) -> None:
        self._db, self._path = db, path

    def _rows(self, asked: str, given: Sequence[object] | Mapping[str, object]) -> list[tuple[Any, ...]]:
        with translated(self._path):
            return self._db.execute(asked, given).fetchall()

    def count(self, upto: int = NEWEST) -> int:
        """How many versions of lots there are. They are never removed, so equal counts are equal tables."""
        return int(self._rows("SELECT count(*) FROM made WHERE seq <= ?", (upto,))[0][0])

    def made(self, lot: str, upto: int = NEWEST) -> LotMade | None:
        """The lot as it is known; None: no event says that it is whole."""
        found = self._event(_NEWEST_EVENT, (lot, upto))
        return found[0].event if found else None  # type: ignore[return-value]

    def composition(self, lot: str, upto: int = NEWEST) -> Composition | None:
        """What the lot is made of, without the rest of its event."""
        rows = self._rows(_NEWEST_COMPOSITION, (lot, upto))
        if not rows or rows[0][0] is None:
            made = self.made(lot, upto)
            return made.composition if made else None
        with decoding(f"{self._path}: the composition of {lot}"):
            return composition_of(rows[0][0])

    def knows(self, lot: str) -> bool:
        """Whether the lot was made, or went into one."""
        asked = (
            "SELECT 1 FROM made WHERE lot = :lot UNION ALL SELECT 1 FROM made_of WHERE parent = :lot LIMIT 1"
        )
        return bool(self._rows(asked, {"lot": lot}))

    def made_here(self, lots: Collection[str]) -> set[str]:
        """Those of these that were made, in one question."""
        return {str(row[0]) for row in self._rows(_MADE_HERE, (orjson.dumps(list(lots)).decode(),))}

    def used_here(self, lots: Collection[str]) -> set[str]:
        """Those of these that went into one, in one question."""
        return {str(row[0]) for row in self._rows(_USED_HERE, (orjson.dumps(list(lots)).decode(),))}

    def versions(self, lot: str) -> list[NumberedEvent]:
        """Every version of the lot, the oldest first."""
        return self._event(_VERSIONS, (lot,))

    def _event(self, asked: str, given: Sequence[object]) -> list[NumberedEvent]:
        return [event_of(*row) for row in self._rows(asked, given)]

    def children(self, lot: str, upto: int = NEWEST) -> list[str]:
        """Lots that it went into, by the newest versions of those, in the order of their names."""
        return [str(row[0]) for row in self._rows(_CHILDREN, {"lot": lot, "upto": upto})]

    def went_into(self, lots: Sequence[str], upto: int = NEWEST) -> dict[str, list[str]]:
        """`children` of many; a lot that went into none is not among them."""
        found: dict[str, dict[str, None]] = {}
        for names in _some(lots):
            for parent, child in self._rows(_WENT_INTO, {"lots": names, "upto": upto}):
                found.setdefault(parent, {})[child] = None
        return {parent: list(children) for parent, children in found.items()}

    def briefs(self, lots: Sequence[str], upto: int = NEWEST) -> dict[str, Brief]:
        """`made` of many, in short; a lot that no event says is whole is not among them."""
        found: dict[str, Brief] = {}
        for names in _some(lots):
            rows: list[Row] = self._rows(_BRIEFS, (names, upto))
            with decoding(f"{self._path}: a lot"):
                for row in rows:
                    brief = brief_of(row)
                    found[brief.lot] = brief
            if upto == NEWEST:
                self._came_by(rows)
        return found

    def _came_by(self, rows: Sequence[Row]) -> None:
        """These are the newest versions of lots, for whoever remembers them."""

    def portion(self, lot: Brief, source: str) -> Portion:
        """How much of a source is in a lot, by its composition alone."""
        if lot.digest is None:
            made = self._event("SELECT * FROM told WHERE seq = ?", (lot.seq,))[0].event
            if not isinstance(made, LotMade):
                raise JournalCorrupt(f"{self._path}: event {lot.seq} is no lot")
            held = made.composition
            place = held.sources.index(source) if source in held.sources else None
            column = [0.0] if place is None else [row[place] for row in held.shares]
            sigma = 0.0 if place is None else held.sigma[place]
            return Portion(min(column), max(column), sigma, max(held.rest))
        rows = self._rows("SELECT body FROM compositions WHERE digest = ?", (lot.digest,))
        with decoding(f"{self._path}: the composition of {lot.lot}"):
            return portion_of(rows[0][0] if rows else b"", source)

    def holders(self, source: str, least: float, kind: str, upto: int = NEWEST) -> list[Holder]:
        """Lots of a kind that may hold so much of a source that is kept apart in them, in the order of their events.

        Raises ValueError for a kind or a share that is not kept by source: go from lot to lot then.
        """
        if least < HELD_FROM or kind not in HELD_KINDS:
            raise ValueError(f"only {', '.join(sorted(HELD_KINDS))} from {HELD_FROM} on are kept by source")
        found: list[Holder] = []
        with translated(self._path):  # first those that wait: one is among the others before it ceases to
            for seq, body, composition in lately(self._db, kind):
                bound = holding(composition, source)
                if bound and bound[1] >= least:
                    found.append(Holder(seq, orjson.loads(body)["lot"], *bound))
        for row in self._rows(_HOLDERS, (source, kind)):
            found += unpacked(row[0])
        if least > HELD_FROM or upto < NEWEST:
            found = [holder for holder in found if holder.high >= least and holder.seq <= upto]
        found.sort()
        if any(map(eq, found, islice(found, 1, None))):  # some are on their way from there to here
            found = list(dict.fromkeys(found))
        amended = self._amended()
        if not amended:
            return found
        return [each for each in found if each.lot not in amended or each.seq == self._newest(each.lot, upto)]

    def not_apart(self, least: float, kind: str, upto: int = NEWEST) -> list[Holder]:
        """Lots whose rest is so much that they may hold any source that is not kept apart in them."""
        return self.holders(NOT_APART, least, kind, upto)

    def _amended(self) -> set[str]:
        return {row[0] for row in self._rows("SELECT lot FROM made WHERE version > 1", ())}

    def _newest(self, lot: str, upto: int) -> int:
        return int(self._rows(_NEWEST_SEQ, (lot, upto))[0][0])

    def names(self) -> list[str]:
        """Every lot that was made or went into one."""
        return [str(row[0]) for row in self._rows(_NAMES, ())]


def _some(lots: Sequence[str]) -> Iterator[str]:
    """Names as SQL takes them, so many a statement."""
    for begin in range(0, len(lots), AT_ONCE):
        yield orjson.dumps(lots[begin : begin + AT_ONCE]).decode()


_NEWEST_SEQ = "SELECT seq FROM made WHERE lot = ? AND seq <= ? ORDER BY version DESC, seq DESC LIMIT 1"
_NEWEST_EVENT = f"SELECT * FROM told WHERE seq = ({_NEWEST_SEQ})"  # noqa: S608 # of constants
_NEWEST_COMPOSITION = f"SELECT composition FROM told WHERE seq = ({_NEWEST_SEQ})"  # noqa: S608
_VERSIONS = "SELECT told.* FROM made JOIN told USING (seq) WHERE lot = ? ORDER BY version, seq"
_HOLDERS = "SELECT body FROM holders WHERE source = ? AND kind = ?"
_CHILDREN = """
    SELECT DISTINCT lot FROM made_of AS held WHERE parent = :lot AND seq <= :upto AND seq = (
        SELECT known.seq FROM made AS known
        WHERE known.lot = held.lot AND known.seq <= :upto ORDER BY version DESC, known.seq DESC LIMIT 1
    ) ORDER BY lot
"""
_WENT_INTO = """
    SELECT held.parent, held.lot FROM json_each(:lots) AS asked CROSS JOIN made_of AS held ON held.parent = asked.value
    WHERE held.seq <= :upto AND held.seq = (
        SELECT known.seq FROM made AS known
        WHERE known.lot = held.lot AND known.seq <= :upto ORDER BY version DESC, known.seq DESC LIMIT 1
    ) ORDER BY asked.id, held.lot
"""
_BRIEFS = """
    SELECT events.seq, cause, events.time_ns, events.kind, body, composition
    FROM json_each(?) AS asked CROSS JOIN events ON events.seq = (
        SELECT seq FROM made WHERE lot = asked.value AND seq <= ? ORDER BY version DESC, seq DESC LIMIT 1
    )
"""
_MADE_HERE = "SELECT value FROM json_each(?) WHERE EXISTS (SELECT 1 FROM made WHERE lot = value)"
_USED_HERE = "SELECT value FROM json_each(?) WHERE EXISTS (SELECT 1 FROM made_of WHERE parent = value)"
_NAMES = "SELECT lot FROM made UNION SELECT parent FROM made_of ORDER BY 1"

"""Events about lots, page by page, each with the time at which the gateway took the input that caused it.

No statement looks at more than a page of rows, so none lasts long however rare such events are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from gateway.journal.codec import event_of
from gateway.journal.database import NAME, open_for_reading
from gateway.journal.errors import translated
from gateway.journal.lottexts import Compositions
from gateway.model import NumberedEvent, Signal

KINDS = frozenset(
    {"LotMade", "LotChanged", "lot_held", "lot_released", "lot_suspect", "lot_result"}
)  # fmt: skip
_LOTS = 50  # asked for in one statement
PAGE = 1_000  # rows of one statement
FIRST = (-(2**63), -1)


class LotEvent(NamedTuple):
    """An event about a lot, and when it was recorded."""

    numbered: NumberedEvent
    recorded_ns: int


class Looked(NamedTuple):
    """What one look gave."""

    events: Iterator[LotEvent]
    after: tuple[int, int] | None  # where the next look goes on: (time, seq); None: there is no more


class LotEvents:
    """One connection of its own to a journal or replica. Not for two threads at once. Raises JournalError."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        self._db = open_for_reading(folder)
        self._compositions = Compositions(self._db, self.path)

    def close(self) -> None:
        self._db.close()

    def look(self, after: tuple[int, int], to_ns: int, rows_most: int = PAGE) -> Looked:
        """Events about lots in the next page behind (time, seq), before a time; each is decoded when it is taken."""
        rows = self._all(_PAGE, (*after, to_ns, rows_most))
        last = (int(rows[-1][2]), int(rows[-1][0])) if len(rows) == rows_most else None
        return Looked((self._of(row) for row in rows if row[3] in KINDS), last)

    def between(self, from_ns: int, to_ns: int) -> Iterator[LotEvent]:
        """Events about lots by time."""
        after: tuple[int, int] | None = (from_ns, -1)
        while after is not None:
            events, after = self.look(after, to_ns)
            yield from events

    def of_lots(self, lots: Sequence[str]) -> list[int]:
        """Numbers of the events that name one of these lots: as what changed, or as what went into something."""
        found: set[int] = set()
        for first in range(0, len(lots), _LOTS):
            some = json.dumps(lots[first : first + _LOTS])
            for asked in _OF_LOT:
                found.update(int(row[0]) for row in self._all(asked, (some,)))
        return sorted(found)

    def numbered(self, seqs: Sequence[int]) -> list[LotEvent]:
        """Events about lots by number, in the order asked for."""
        found = []
        for seq in seqs:
            rows = self._all(_ONE, (seq,))
            found += [self._of(row) for row in rows if row[3] in KINDS]
        return found

    def numbered_between(self, first: int, last: int) -> list[LotEvent]:
        """Events about lots with numbers in [first, last]."""
        return [self._of(row) for row in self._all(_NUMBERED, (first, last)) if row[3] in KINDS]

    def kind(self, lot: str) -> str:
        """The kind of a lot that is whole; "" where no event says that it is."""
        rows = self._all(
            "SELECT kind FROM made WHERE lot = ? ORDER BY version DESC, seq DESC LIMIT 1", (lot,)
        )
        return str(rows[0][0]) if rows else ""

    def amended(self, lot: str, version: int, seq: int) -> NumberedEvent | None:
        """The version that an event about a lot amends: the newest of a lower number that was there before it."""
        rows = self._all(_BEFORE, (lot, version, seq))
        return event_of(*rows[0]) if rows else None

    def signalled(self, from_ns: int, to_ns: int) -> set[str]:
        """Tags in which a chart found a special cause in a span of time."""
        found: set[str] = set()
        after: tuple[int, int] = (from_ns, -1)
        while True:
            rows = self._all(_SIGNALS, (*after, to_ns, PAGE))
            events = [event_of(*row[:5]).event for row in rows if row[3] == "Signal"]
            found |= {tag for event in events if isinstance(event, Signal) for tag in _tags(event)}
            if len(rows) < PAGE:
                return found
            after = (int(rows[-1][2]), int(rows[-1][0]))

    def _of(self, row: Sequence[Any]) -> LotEvent:
        seq, cause, time_ns, kind, body, digest, recorded = row
        if kind == "LotMade":
            event = NumberedEvent(seq, cause, self._compositions.event((*row[:5], digest)))
        else:
            event = event_of(seq, cause, time_ns, kind, body)
        return LotEvent(event, int(recorded) if recorded is not None else event.event.time_ns)

    def _all(self, asked: str, given: Sequence[Any]) -> list[tuple[Any, ...]]:
        with translated(self.path):
            rows: list[tuple[Any, ...]] = self._db.execute(asked, tuple(given)).fetchall()
            return rows


def _tags(signal: Signal) -> set[str]:
    return {signal.tag, *signal.contributions}


_ROW = """
    SELECT seq, cause, time_ns, kind,
           CASE WHEN kind IN ('LotMade', 'LotChanged', 'lot_held', 'lot_released', 'lot_suspect', 'lot_result')
                THEN body END,
           composition, (SELECT time_ns FROM inputs WHERE inputs.seq = cause)
    FROM events
"""
_PAGE = f"{_ROW} WHERE (time_ns, seq) > (?, ?) AND time_ns < ? ORDER BY time_ns, seq LIMIT ?"
_NUMBERED = f"{_ROW} WHERE seq BETWEEN ? AND ? ORDER BY seq"
_ONE = f"{_ROW} WHERE seq = ?"
_BEFORE = """
    SELECT told.* FROM told WHERE seq = (
        SELECT seq FROM made WHERE lot = ? AND version < ? AND seq < ? ORDER BY version DESC, seq DESC LIMIT 1
    )
"""
_OF_LOT = (
    "SELECT seq FROM lot_changes WHERE lot IN (SELECT value FROM json_each(?))",
    "SELECT seq FROM lot_parents WHERE parent IN (SELECT value FROM json_each(?))",
    "SELECT seq FROM made WHERE lot IN (SELECT value FROM json_each(?))",
    "SELECT seq FROM made_of WHERE parent IN (SELECT value FROM json_each(?))",
    """SELECT seq FROM events WHERE json_extract(body, '$.subject') IN (SELECT value FROM json_each(?))
       AND kind IN ('lot_held', 'lot_released', 'lot_suspect', 'lot_result')""",
)
_SIGNALS = """
    SELECT seq, cause, time_ns, kind, CASE WHEN kind = 'Signal' THEN body END FROM events
    WHERE (time_ns, seq) > (?, ?) AND time_ns < ? ORDER BY time_ns, seq LIMIT ?
"""

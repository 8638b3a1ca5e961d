"""What the journal knows of a lot: where it was when, and what it was scanned together with."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter, itemgetter

from gateway.journal.codec import event_of
from gateway.model import LotChanged


@dataclass(frozen=True, slots=True)
class Window:
    """A lot at a cell: from the scan that brought it to the one that took it away."""

    cell: str
    role: str  # "material" feeds the cell, "product" is made there
    since_ns: int
    until_ns: int | None  # None: still there


@dataclass(frozen=True, slots=True)
class LotRecord:
    """Everything about one lot. Late scans are in their place: changes are in the order of time, not of arrival."""

    lot: str
    windows: tuple[Window, ...]
    parents: tuple[str, ...]  # as scanned
    children: tuple[str, ...]
    changes: tuple[LotChanged, ...]


@dataclass(frozen=True, slots=True)
class LotLine:
    """One lot in a list."""

    lot: str
    first_ns: int
    last_ns: int
    cell: str  # the last one
    role: str
    state: str  # the last change


def lot_record(db: sqlite3.Connection, lot: str) -> LotRecord | None:
    """None: no event names the lot. One that is only named as a parent or child has no changes."""
    rows = db.execute(_EVENTS_OF_LOT, (lot,)).fetchall()
    events = [event_of(*row).event for row in rows]
    changes = tuple(event for event in events if isinstance(event, LotChanged))
    parents = [row[0] for row in db.execute(_PARENTS, (lot,))]
    children = [row[0] for row in db.execute(_CHILDREN, (lot,))]
    if not (changes or parents or children):
        return None
    return LotRecord(lot, windows_of(changes), tuple(parents), tuple(children), changes)


def windows_of(changes: Iterable[LotChanged]) -> tuple[Window, ...]:
    """Stretches of time at cells: "opened" and "moved" begin one, "closed" ends it.

    A late scan may open what is open already (the earlier time counts) or close what was closed later (so does it).
    """
    done: list[Window] = []
    open_: dict[tuple[str, str], int] = {}
    for change in changes:
        here = (change.cell, change.role)
        if change.change in {"opened", "moved"}:
            open_.setdefault(here, change.time_ns)
        if change.change == "closed" and here in open_:
            done.append(Window(change.cell, change.role, open_.pop(here), change.time_ns))
    done += [Window(cell, role, since, None) for (cell, role), since in open_.items()]
    return tuple(sorted(done, key=lambda window: (window.since_ns, window.cell)))


def lot_windows(db: sqlite3.Connection, t0: int, t1: int) -> Iterator[tuple[str, Window]]:
    """Every lot that was at a cell in [t0, t1), lot by lot, with the windows that touch it. Short reads."""
    for lot, rows in groupby(_changes(db), key=itemgetter(0)):
        changes = [
            LotChanged(time_ns, lot, change, cell, role, "") for _, _, time_ns, change, cell, role in rows
        ]
        changes.sort(key=attrgetter("time_ns"))
        for window in windows_of(changes):
            if window.since_ns < t1 and (window.until_ns is None or window.until_ns > t0):
                yield lot, window


def _changes(db: sqlite3.Connection) -> Iterator[tuple[str, int, int, str, str, str]]:
    """By lot and seq, page by page: whoever reads may be slow."""
    after: tuple[str, int] = ("", -1)
    while page := db.execute(_CHANGES, (*after, _PAGE)).fetchall():
        yield from page
        after = page[-1][:2]


def lot_lines(db: sqlite3.Connection) -> list[LotLine]:
    """Every lot, the newest first."""
    return [LotLine(*row) for row in db.execute(_LOTS)]


def lots_of_code(db: sqlite3.Connection, code: str) -> list[str]:
    """Lots that a scan of exactly this code changed."""
    return [row[0] for row in db.execute(_BY_CODE, (code,))]


_PAGE = 5_000
_CHANGES = """
    SELECT lot, seq, time_ns, change, cell, role FROM lot_changes WHERE (lot, seq) > (?, ?) ORDER BY lot, seq LIMIT ?
"""
_EVENTS_OF_LOT = """
    SELECT events.seq, cause, events.time_ns, kind, body FROM lot_changes JOIN events USING (seq)
    WHERE lot = ? ORDER BY events.time_ns, events.seq
"""
_PARENTS = "SELECT DISTINCT parent FROM lot_parents WHERE lot = ? ORDER BY parent"
_CHILDREN = "SELECT DISTINCT lot FROM lot_parents WHERE parent = ? ORDER BY lot"
_LOTS = """
    SELECT lot, first_ns, last_ns, cell, role, change FROM (
        SELECT *, min(time_ns) OVER whole AS first_ns, max(time_ns) OVER whole AS last_ns,
               row_number() OVER (PARTITION BY lot ORDER BY time_ns DESC, seq DESC) AS place
        FROM lot_changes WINDOW whole AS (PARTITION BY lot)
    ) WHERE place = 1 ORDER BY last_ns DESC, lot
"""
_BY_CODE = """
    SELECT DISTINCT json_extract(body, '$.lot') FROM events
    WHERE kind = 'LotChanged' AND json_valid(body) AND json_extract(body, '$.code') = ? ORDER BY 1
"""

"""Records to rows, inside a transaction that the caller owns. Journal and replica write by these only."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from gateway.journal.codec import InputRow, event_kind, event_text, input_row
from gateway.journal.errors import translated
from gateway.journal.gathering import Gathering
from gateway.journal.made import write_made
from gateway.journal.naming import write_named
from gateway.journal.pack import Packer, by_pack
from gateway.model import (
    AlarmChanged,
    ClockRow,
    GroupId,
    LotChanged,
    LotMade,
    NumberedEvent,
    NumberedInput,
    Reading,
    Setting,
)
from gateway.plain import from_plain
from gateway.proof.canonical import placed
from gateway.rows import Rows, columns_of


@contextlib.contextmanager
def transaction(db: sqlite3.Connection, path: Path) -> Iterator[None]:
    """All of it or nothing; on the disk when it ends."""
    with translated(path):
        db.execute("BEGIN IMMEDIATE")
        try:
            yield
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise


class Written(NamedTuple):
    """What the ledger needs of what was written."""

    columns: list[tuple[str, Rows]]  # readings, by group
    events: list[bytes]  # canonical bytes


class Records:
    """Writes inputs and events; remembers the numbers of groups."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._packer = Packer()
        self._groups: dict[str, int] = {}
        self.forget()

    def forget(self) -> None:
        """A transaction was rolled back: groups and compositions it made are not there."""
        self._groups = dict(self._db.execute("SELECT name, id FROM poll_groups"))
        self._composed: dict[bytes, None] = {}
        self._gathering = Gathering(self._db)

    def write(
        self,
        inputs: Sequence[NumberedInput],
        events: Sequence[NumberedEvent],
        columns: Sequence[tuple[GroupId, Rows]] = (),
    ) -> Written:
        """Readings come among the inputs or as columns, ascending."""
        read = [*columns_of(inputs), *columns]
        self._write_readings(read)
        for seq, given in inputs:
            if not isinstance(given, Reading):
                row, site = input_row(seq, given)
                self._db.execute("INSERT INTO inputs VALUES (?, ?, ?, ?, ?, ?, ?)", row)
                if site:
                    self._db.execute("INSERT OR IGNORE INTO sites VALUES (?, ?)", site)
                if isinstance(given, Setting):
                    self._write_setting(row, given)
        return Written(read, self._write_events(events) if events else [])

    def _write_readings(self, columns: Iterable[tuple[GroupId, Rows]]) -> None:
        rows: list[tuple[Any, ...]] = []
        for group, whole in columns:
            number = self._groups.get(group) or self._new_group(group)
            for window, part in by_pack(whole):
                seq, times = part.seq, part.time_ns
                span = (int(seq[0]), int(seq[-1]))
                place = (number, window, len(part), part.quality.shape[1])
                rows.append((*span, *place, int(times.min()), int(times.max()), self._packer.pack(part)))
        if rows:
            rows.sort(key=lambda row: int(row[0]))  # in the order of the key, to touch the fewest pages
            self._db.executemany("INSERT INTO hot VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)

    def _new_group(self, group: str) -> int:
        number = self._db.execute("INSERT INTO poll_groups (name) VALUES (?)", (group,)).lastrowid
        self._groups[group] = int(number or 0)
        return self._groups[group]

    def _write_setting(self, row: InputRow, setting: Setting) -> None:
        if setting.kind == "config" and row.site:
            name = setting.body.get("hash") or row.site
            self._db.execute("INSERT OR IGNORE INTO configs VALUES (?, ?, ?)", (row.seq, str(name), row.site))
        if setting.kind == "clock":
            clock: ClockRow = from_plain(ClockRow, dict(setting.body))
            columns = (clock.clock_id, clock.boot_id, clock.boottime_ns, clock.offset_ns, clock.synchronised)
            self._db.execute("INSERT OR IGNORE INTO clock_rows VALUES (?, ?, ?, ?, ?)", columns)

    def _write_events(self, events: Sequence[NumberedEvent]) -> list[bytes]:
        """Canonical bytes of each."""
        rows: list[tuple[Any, ...]] = []
        compositions, texts = [], []
        for seq, cause, event in events:
            body, composition, canonical = event_text(event)
            digest = composition.digest if composition else None
            if composition and composition.digest not in self._composed:
                compositions.append(composition)
                self._composed[composition.digest] = None
            rows.append((seq, cause, event.time_ns, event_kind(event), body, digest))
            texts.append(placed(seq, cause, canonical))
        if compositions:
            self._db.executemany("INSERT OR IGNORE INTO compositions VALUES (?, ?)", compositions)
            while len(self._composed) > _COMPOSED_MOST:
                del self._composed[next(iter(self._composed))]
        self._db.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)", rows)
        for seq, cause, event in events:
            if isinstance(event, LotChanged):
                lot = (event.lot, seq, event.time_ns, event.change, event.cell, event.role)
                self._db.execute("INSERT INTO lot_changes VALUES (?, ?, ?, ?, ?, ?)", lot)
                links = [(parent, event.lot, seq) for parent in dict.fromkeys(event.parents)]
                self._db.executemany("INSERT INTO lot_parents VALUES (?, ?, ?)", links)
            elif isinstance(event, LotMade):
                write_made(self._db, seq, cause, event)
                self._gathering.closed(seq, event)
            else:
                write_named(self._db, seq, event)
                if isinstance(event, AlarmChanged):
                    self._db.execute(_NEWEST_ALARM, (event.alarm, event.version, event.state, seq))
        return texts


_COMPOSED_MOST = 256
"""Compositions that are known to be stored: the boxes of a batch come soon after it."""

_NEWEST_ALARM = """
    INSERT INTO alarms VALUES (?, ?, ?, ?)
    ON CONFLICT (alarm) DO UPDATE SET version = excluded.version, state = excluded.state, seq = excluded.seq
    WHERE (excluded.version, excluded.seq) > (alarms.version, alarms.seq)
"""

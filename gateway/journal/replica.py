"""A replica: a journal rebuilt elsewhere, from records that arrive in any order and more than once.

Same files, same tables, same readers. It also keeps which numbers it holds, as intervals, written in the transaction
that writes the records; so what it says to be stored is.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Self

from gateway.journal.arrivals import New, new_columns, new_records, runs_of, seqs_of
from gateway.journal.chunkfile import make_folder
from gateway.journal.database import NAME, open_for_writing
from gateway.journal.errors import JournalCorrupt, translated
from gateway.journal.heads import claim
from gateway.journal.holes import Holes, KnownLost
from gateway.journal.intervals import Interval, IntervalSet
from gateway.journal.lock import FolderLock
from gateway.journal.merging import merge, put_merged
from gateway.journal.pack import WINDOW_NS
from gateway.journal.sealing import has_hot, put_sealed, seal
from gateway.journal.witness import Witness
from gateway.journal.writing import Records, transaction
from gateway.model import EVENT_STREAM, INPUT_STREAM, GroupId, Identity, NumberedEvent, NumberedInput
from gateway.ports import Watermark
from gateway.rows import Rows

_SHOWN = 10  # runs in a message


class Replica:
    """Open for storing. Made by `open`. Not for two threads at once."""

    def __init__(self, folder: Path, identity: Identity, db: sqlite3.Connection, lock: FolderLock) -> None:
        self.folder, self.identity = folder, identity
        self.path = folder / NAME
        self._db, self._lock = db, lock
        self._records = Records(db)
        self._merged_before = 0  # window
        self._held = self._load()
        self._settled: dict[str, IntervalSet] = {}
        self.holes = Holes(db, self.path, self._settled)
        self._settle()
        self.witness = Witness(db, folder, self.path, identity)

    @classmethod
    def open(cls, folder: Path, identity: Identity) -> Replica:
        """The replica of that journal in this folder, made when it is not there. Raises JournalError."""
        make_folder(folder)
        lock = FolderLock(folder)
        with contextlib.ExitStack() as undo:
            undo.callback(lock.release)
            db = open_for_writing(folder)
            undo.callback(db.close)
            with translated(folder / NAME):
                claim(db, folder / NAME, identity, 0)
                made = cls(folder, identity, db, lock)
            undo.pop_all()
        return made

    def _load(self) -> dict[str, IntervalSet]:
        held = {}
        for stream in (INPUT_STREAM, EVENT_STREAM):
            asked = "SELECT first, last FROM stored WHERE stream = ? ORDER BY first"
            rows = self._db.execute(asked, (stream,))
            held[stream] = IntervalSet.of(rows.fetchall())
        return held

    def _settle(self) -> None:
        """By stream what is held or known lost; where nothing is lost, the same object as what is held."""
        self._settled.update(self._held)
        for lost in self.holes.lost():
            if self._settled[lost.stream] is self._held[lost.stream]:
                self._settled[lost.stream] = IntervalSet.of(self._held[lost.stream].intervals())
            self._settled[lost.stream].add(lost.first, lost.last)

    def store(
        self,
        inputs: Sequence[NumberedInput],
        events: Sequence[NumberedEvent],
        columns: Sequence[tuple[GroupId, Rows]] = (),
    ) -> New:
        """Write what is not held yet; returns which that was, when it is on the disk. All or nothing.

        `columns`: readings of one group each, ascending.
        """
        held = self._held[INPUT_STREAM]
        new_inputs, new_events = new_records(held, inputs), new_records(self._held[EVENT_STREAM], events)
        fresh = new_columns(held, columns, [each.seq for each in new_inputs])
        new = New(runs_of(seqs_of(new_inputs, fresh)), runs_of(seqs_of(new_events, [])), new_events)
        if new.inputs or new.events:
            try:
                with transaction(self._db, self.path):
                    self._records.write(new_inputs, new_events, fresh)
                    self._mark(INPUT_STREAM, new.inputs)
                    self._mark(EVENT_STREAM, new.events)
            except BaseException:
                self._records.forget()
                self._held = self._load()
                self._settle()
                raise
        return new

    def _mark(self, stream: str, runs: Sequence[Interval]) -> None:
        if not runs:
            return
        held, settled = self._held[stream], self._settled[stream]
        for run in runs:
            held.add(*run)
            if settled is not held:
                settled.add(*run)
        low, high = held.around(runs[0][0])[0], held.around(runs[-1][1])[1]
        self._db.execute("DELETE FROM stored WHERE stream = ? AND first BETWEEN ? AND ?", (stream, low, high))
        rows = [(stream, *each) for each in held.intervals() if low <= each[0] <= high]
        self._db.executemany("INSERT INTO stored VALUES (?, ?, ?)", rows)

    def lose(self, lost: KnownLost) -> None:
        """An operator gives up numbers of open holes. Raises ValueError where one is held, or nobody has missed it."""
        missing = IntervalSet.of(
            run
            for hole in self.holes.open()
            if hole.stream == lost.stream
            for run in self.holes.missing(hole)
        )
        if not lost.first <= lost.last or missing.missing(lost.first, lost.last):
            runs = ", ".join(f"{first}..{last}" for first, last in missing.intervals()[:_SHOWN]) or "none"
            raise ValueError(
                f"{lost.stream} {lost.first}..{lost.last}: not all are missing; open gaps: {runs}"
            )
        self.holes.lose(lost)
        self._settle()

    def known_lost(self) -> dict[str, list[Interval]]:
        """By stream the numbers that somebody has given up and that never came."""
        found: dict[str, IntervalSet] = {INPUT_STREAM: IntervalSet(), EVENT_STREAM: IntervalSet()}
        for lost in self.holes.lost():
            for first, last in self._held[lost.stream].missing(lost.first, lost.last):
                found[lost.stream].add(first, last)
        return {stream: lost.intervals() for stream, lost in found.items()}

    def watermark(self) -> Watermark:
        """The n of each stream for which 1..n are all held, durably, or known lost."""
        return Watermark(self._settled[INPUT_STREAM].prefix(), self._settled[EVENT_STREAM].prefix())

    def last(self) -> Watermark:
        """The greatest number held of each stream."""
        return Watermark(self._held[INPUT_STREAM].last(), self._held[EVENT_STREAM].last())

    def missing(self, upto: Watermark | None = None) -> dict[str, list[Interval]]:
        """By stream the ranges neither held nor known lost, up to the greatest number held or to `upto`."""
        ends = upto or self.last()
        return {
            INPUT_STREAM: self._settled[INPUT_STREAM].missing(1, ends.input),
            EVENT_STREAM: self._settled[EVENT_STREAM].missing(1, ends.event),
        }

    def seal(self, before_ns: int) -> int:
        """Seal the windows that ended before a time, and merge, in this thread; how many chunks were sealed."""
        return sum(self.sealing(before_ns))

    def sealing(self, before_ns: int) -> Iterator[int]:
        """The same, a step at a time: each is on the disk when it is given. Other work may go on in between."""
        before = before_ns // WINDOW_NS
        damaged: JournalCorrupt | None = None
        if before != self._merged_before:  # nothing is due in between, and a worker has thousands of replicas
            self._merged_before = before
            try:
                for merged in merge(self.folder, before):
                    put_merged(self._db, self.folder, self.path, merged)
                    yield 0
            except JournalCorrupt as error:  # told when what is new is sealed
                damaged = error
        hot = has_hot(self._db, self.path, before)  # asked first: most of thousands have nothing, each minute
        for sealed in seal(self.folder, before) if hot else ():
            yield len(sealed.chunks) if put_sealed(self._db, self.folder, self.path, sealed) else 0
        if damaged is not None:
            raise damaged

    def check(self, now_ns: int) -> int:
        """Compare some blocks that are whole here with the gateway's ledger; how many. Alarms are the witness's."""
        return self.witness.check(self._held[INPUT_STREAM], self._held[EVENT_STREAM], now_ns)

    def cursor(self, name: str) -> Watermark:
        """How far somebody who takes records on is, such as a database."""
        row = self._db.execute("SELECT input, event FROM cursors WHERE name = ?", (name,)).fetchone()
        return Watermark(*row) if row else Watermark()

    def set_cursor(self, name: str, at: Watermark) -> None:
        """Remember it, durably."""
        with transaction(self._db, self.path):
            self._db.execute("INSERT OR REPLACE INTO cursors VALUES (?, ?, ?)", (name, at.input, at.event))

    def close(self) -> None:
        self._db.close()
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

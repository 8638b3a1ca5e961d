"""A life after recovery: does it end where a commit did, with all that was told, record by record, and go on?"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from benchmarks.reliability.power.recovery import Judge, opened
from benchmarks.reliability.power.workload import Life
from gateway.journal import Journal, JournalReader
from gateway.journal.database import NAME
from gateway.journal.heads import last_of
from gateway.journal.verify import verify
from gateway.model import Block, Instant, NumberedInput, Tick
from gateway.ports import Watermark
from tests.unit.journal.plant import T0, key

VERIFIED = 4  # of so many that are recovered whole one has its ledger verified; records are compared in each


class LifeJudge(Judge):
    """Of one life."""

    def __init__(self, folder: Path, life: Life) -> None:
        super().__init__(folder)
        self._life = life
        self._ends = {end: number for number, end in enumerate(life.ends)}

    async def recovered(self, folder: Path) -> tuple[str, int]:
        with opened(folder) as journal:
            end = journal.last()
            if end not in self._ends:
                return f"it ends at {end}, where no commit ended", -1
            inputs = {each.seq: key(each) for each in await journal.inputs(1, end.input)}
            wrong = self._lost(inputs, end, _removed(folder)) or await self._other(journal, inputs, end)
            if not wrong:  # and it goes on: the next commit follows
                at = Instant(T0 + 10**18, 10**18, 1)
                await journal.commit(Block((NumberedInput(end.input + 1, Tick(at)),), ()))
        wrong = wrong or _kept(folder, Watermark(end.input + 1, end.event), proven=not self.whole % VERIFIED)
        return wrong, self._ends[end]

    async def _other(self, journal: Journal, inputs: dict[int, object], end: Watermark) -> str:
        """Events, state and cursors."""
        life = self._life
        if await journal.events(1, end.event) != life.events[: end.event]:
            return "events are not those that were committed"
        found = journal.recover()
        if found.snapshot is not None and life.snapshots.get(found.snapshot_seq) != found.snapshot:
            return "a snapshot is not the one that was written"
        after = [inputs[seq] for seq in sorted(inputs) if seq > found.snapshot_seq]
        if [key(each) for each in found.inputs] != after:
            return "what is to be folded is not what was committed"
        return "" if await journal.cursor("mqtt") in life.cursors else "a cursor was never there"

    def _lost(self, inputs: dict[int, object], end: Watermark, removed: list[tuple[int, int]]) -> str:
        life = self._life
        for seq in range(1, end.input + 1):
            if seq not in inputs:
                gone = seq in life.readings and any(first <= seq <= last for first, last in removed)
                if not gone:
                    return f"input {seq} of {end.input} is lost"
            elif inputs[seq] != life.inputs[seq - 1]:
                return f"input {seq} is not what was committed"
        return ""


def _removed(folder: Path) -> list[tuple[int, int]]:
    """What retention says it took."""
    db = sqlite3.connect(folder / NAME)
    try:
        found: list[tuple[int, int]] = db.execute("SELECT first_seq, last_seq FROM gaps").fetchall()
        return found
    finally:
        db.close()


def _kept(folder: Path, end: Watermark, *, proven: bool) -> str:
    """What is wrong with the journal after one more commit and another start; `proven`: by its ledger too."""
    if proven:
        with JournalReader(folder) as reader:
            findings = verify(reader, None).findings
        if findings:
            return f"verify: {findings[0]}"
    db = sqlite3.connect(folder / NAME)
    try:
        return "" if last_of(db) == end else "what is committed after the recovery is not kept"
    finally:
        db.close()

"""Journals as each released schema wrote them, killed at every write of their way to the newest, and at parts of it.

`tests/databases` keeps a file of each schema. It is opened by the journal as it is now, every write is recorded, and
each beginning of them, with every torn end, and any part of what was not synced is a state that SIGKILL or a power loss
may leave: it has to open, with all that was in it, at once and once more.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.reliability.power.recording import Recorder
from benchmarks.reliability.power.recovery import Judge, opened
from benchmarks.reliability.power.row import judge_all, memory
from benchmarks.reliability.power.states import State, disordered, ordered
from benchmarks.reliability.power.trace import Trace
from benchmarks.reliability.row import Outcome, Row, dice
from gateway.journal import JournalReader
from gateway.journal.database import NAME, migrations
from gateway.ports import Watermark
from tests.unit.journal.kept import DATABASES, NUMBERS, records, today
from tests.unit.journal.plant import same
from tests.unit.wire import samples

ANY = 300  # states of each schema where any part of what was not synced is there


class KeptJudge(Judge):
    """Of the kept file of one schema."""

    def __init__(self, folder: Path, number: int) -> None:
        super().__init__(folder)
        self._number = number

    async def recovered(self, folder: Path) -> tuple[str, int]:
        inputs, events = records(self._number)
        if not (folder / NAME).stat().st_size:
            return "the database is empty", -1
        for _ in range(2):
            with opened(folder) as journal:
                found = journal.recover()
                good = (
                    journal.last() == Watermark(63, len(events))
                    and await journal.cursor("mqtt") == Watermark(20, 1)
                    and (found.snapshot, found.snapshot_seq) == (b"state", 30)
                    and same(list(found.inputs), inputs[30:])
                    and same([today(each) for each in await journal.inputs(1, 99)], inputs)
                    and await journal.events(1, 9) == events
                )
            if not good:
                return "what was in it is not whole", -1
            with JournalReader(folder) as reader:
                lots, made = [each.lot for each in reader.lots()], reader.made.made("B/7")
            if lots != ["L1"] or made != (samples.batch() if self._number > 1 else None):
                return "its lots are not whole", -1
        return "", 0


def run(seed: int, number: int, count: int) -> Outcome:
    """One schema."""
    del count  # all there are
    schema = NUMBERS[number % len(NUMBERS)]
    chance = dice("schemas", seed, number)
    with tempfile.TemporaryDirectory(prefix="lotwatch-schemas-", dir=memory()) as work:
        folder = Path(work).resolve() / "data"
        folder.mkdir()
        begun = {NAME: (DATABASES / f"schema_{schema:03d}.sqlite").read_bytes()}
        (folder / NAME).write_bytes(begun[NAME])
        trace = migrated(folder)

        def states() -> Iterator[State]:
            yield from ordered(trace, begun)
            yield from disordered(trace, chance, ANY, begun)

        outcome = judge_all(states(), trace, KeptJudge(Path(work) / "states", schema), chance)
    outcome.facts["migrations"] += sum(each > schema for each in migrations())
    outcome.facts["states"], outcome.count = outcome.count, 1
    return outcome


def migrated(folder: Path) -> Trace:
    """Open the folder's journal, and every write of it."""
    recorder = Recorder(folder)
    with recorder.on() as trace:
        opened(folder).close()
    return trace


ROW = Row(
    "schemas", "schemas killed at every write of their migrations", "opens, data intact",
    per_run=len(NUMBERS), nightly=len(NUMBERS), budget_s=30, batch=1, run=run,
)  # fmt: skip

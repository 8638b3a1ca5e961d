"""Random histories with crashes: a Python list is the model. Nothing acknowledged is lost, nothing else appears.

A crash is a copy of the folder as it is, WAL included, opened in place of the journal; sealing may be cut short before
or after its chunks are on the disk; a block may fail halfway.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from gateway.journal import Journal, JournalReader
from gateway.journal.merging import Merged, merge
from gateway.journal.pack import WINDOW_NS
from gateway.journal.sealing import Sealed, seal
from gateway.model import Instant, Noted, NumberedEvent, NumberedInput, Reading, Scan, Severity
from gateway.ports import Watermark
from tests.unit.journal.plant import T0, Plant, commit, config, make_group, make_site, open_journal, same


class Histories(RuleBasedStateMachine):
    """One journal, its model, and what a helper process has found but not yet handed over."""

    @initialize()
    def start(self) -> None:
        self.base = Path(tempfile.mkdtemp(prefix="lotwatch-history-"))
        self.lives = 0
        self.plants = [Plant(1), Plant(2, make_group("scale/slow"))]
        self.inputs: list[NumberedInput] = []
        self.events: list[NumberedEvent] = []
        self.snapshot: tuple[bytes | None, int] = (None, 0)
        self.cursor = Watermark()
        self.cursor_safe = Watermark()
        self.found: list[Sealed] = []
        self.larger: list[Merged] = []
        self.time_ns = T0
        self.journal: Journal = open_journal(self.base / "0")
        self.add([config(make_site(*(plant.group for plant in self.plants)), "h1", T0)], 0)

    def add(self, given, events: int, snapshot: bytes | None = None) -> None:
        inputs = [NumberedInput(len(self.inputs) + n, each) for n, each in enumerate(given, 1)]
        notes = [
            NumberedEvent(
                len(self.events) + n, len(self.inputs), Noted(self.time_ns, "n", "s", Severity.INFO, {})
            )
            for n in range(1, events + 1)
        ]
        asyncio.run(commit(self.journal, inputs, notes, snapshot))
        self.inputs += inputs
        self.events += notes
        self.cursor_safe = self.cursor
        if snapshot is not None:
            self.snapshot = snapshot, len(self.inputs)

    @rule(readings=st.integers(0, 40), scans=st.integers(0, 2), events=st.integers(0, 3), snap=st.booleans())
    def append(self, readings, scans, events, snap) -> None:
        given: list = []
        for n in range(readings):
            self.time_ns += 7_000_000_000
            given.append(self.plants[n % 2].reading(self.time_ns, n % 5 if n % 3 == 0 else None))
        given += [Scan("gate", Instant(self.time_ns, self.time_ns - T0, 1), f"L{n}") for n in range(scans)]
        self.add(given, events, b"state" * len(self.inputs) if snap else None)

    @rule(minutes=st.integers(-30, 300) | st.just(1_500))
    def time_jumps(self, minutes) -> None:
        self.time_ns += minutes * 60_000_000_000

    @rule()
    def a_block_fails_halfway(self) -> None:
        unsayable = Noted(self.time_ns, "n", "s", Severity.INFO, {"n": object()})  # type: ignore[dict-item] # the point
        block = [NumberedInput(len(self.inputs) + 1, self.plants[0].reading(self.time_ns))]
        try:
            asyncio.run(commit(self.journal, block, [NumberedEvent(len(self.events) + 1, 0, unsayable)]))
        except TypeError:
            return
        raise AssertionError("it should not have been written")

    @rule(behind=st.integers(0, 3))
    def helper_seals(self, behind) -> None:
        self.found += seal(self.journal.folder, self.time_ns // WINDOW_NS - behind)

    @precondition(lambda self: self.found)
    @rule()
    def writer_takes_one(self) -> None:
        asyncio.run(self.journal.put_sealed(self.found.pop(0)))

    @rule(behind=st.integers(0, 3))
    def helper_merges(self, behind) -> None:
        self.larger += merge(self.journal.folder, self.time_ns // WINDOW_NS - behind)

    @precondition(lambda self: self.larger)
    @rule()
    def writer_takes_a_merged_one(self) -> None:
        asyncio.run(self.journal.put_merged(self.larger.pop(0)))

    @rule(input_=st.integers(0, 50), event=st.integers(0, 5))
    def publisher_moves_on(self, input_, event) -> None:
        self.cursor = Watermark(input_, event)
        asyncio.run(self.journal.set_cursor("mqtt", self.cursor))

    @rule()
    def closes_and_opens(self) -> None:
        self.journal.close()
        self.cursor_safe = self.cursor
        self.journal = open_journal(self.journal.folder)

    @rule(torn=st.binary(max_size=40))
    def crashes(self, torn) -> None:
        self.lives += 1
        after = self.base / str(self.lives)
        shutil.copytree(self.journal.folder, after)
        for file in after.glob("*.chunks"):
            with file.open("ab") as end:
                end.write(torn)
        self.journal.close()
        self.journal = open_journal(after)
        self.found, self.larger = [], []
        self.cursor = self.cursor_safe

    @invariant()
    def everything_is_there(self) -> None:
        if not hasattr(self, "journal"):
            return
        assert self.journal.last() == Watermark(len(self.inputs), len(self.events))
        assert same(asyncio.run(self.journal.inputs(1, 10**6)), self.inputs)
        assert asyncio.run(self.journal.events(1, 10**6)) == self.events
        assert asyncio.run(self.journal.cursor("mqtt")) == self.cursor

    def teardown(self) -> None:
        if not hasattr(self, "journal"):
            return
        found = self.journal.recover()
        assert (found.snapshot, found.snapshot_seq) == self.snapshot
        assert same(list(found.inputs), self.inputs[self.snapshot[1] :])
        self.journal.close()
        with JournalReader(self.journal.folder) as reader:
            assert same(list(reader.inputs(1, 10**6)), self.inputs)
            for group in ("press1/fast", "scale/slow"):
                rows = [rows for rows, _ in reader.rows(group, 0, 2**62)]
                assert sum(map(len, rows)) == sum(
                    isinstance(each, Reading) and each.group == group for _, each in self.inputs
                )
        shutil.rmtree(self.base)


TestHistories = pytest.mark.long(Histories.TestCase)
TestHistories.settings = settings(max_examples=15, stateful_step_count=20, deadline=None)

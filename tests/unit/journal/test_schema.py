"""Every schema there ever was opens, twice; tests/databases keeps one file of each as that schema's lotwatch wrote it.

`python -m tests.unit.journal.test_schema` writes the file of the newest schema, once, when there is a new one.
"""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import sys
from pathlib import Path

import pytest

from gateway.journal import JournalReader
from gateway.journal.database import NAME, migrations, open_for_writing
from gateway.journal.errors import JournalMissing
from gateway.ports import Watermark
from tests.unit.journal.kept import DATABASES, NUMBERS, records, today
from tests.unit.journal.plant import commit, open_journal, same
from tests.unit.wire import samples


def make(folder: Path) -> None:
    """Some of it sealed, a snapshot, a cursor."""
    inputs, events = records()
    journal = open_journal(folder)
    asyncio.run(commit(journal, inputs[:30], snapshot=b"state"))
    asyncio.run(commit(journal, inputs[30:], events))
    asyncio.run(journal.set_cursor("mqtt", Watermark(20, 1)))
    journal.close()


def test_numbers_have_no_hole() -> None:
    assert list(range(1, NUMBERS[-1] + 1)) == NUMBERS
    assert [(DATABASES / f"schema_{number:03d}.sqlite").is_file() for number in NUMBERS] == [True] * len(
        NUMBERS
    )


@pytest.mark.parametrize("number", NUMBERS)
def test_a_journal_of_every_schema_opens_twice(number, folder) -> None:
    folder.mkdir()
    shutil.copy(DATABASES / f"schema_{number:03d}.sqlite", folder / NAME)
    inputs, events = records(number)
    for _ in range(2):
        with open_journal(folder) as journal:
            assert journal.last() == Watermark(63, len(events))
            assert asyncio.run(journal.cursor("mqtt")) == Watermark(20, 1)
            found = journal.recover()
            assert (found.snapshot, found.snapshot_seq, found.snapshot_config_hash) == (b"state", 30, "h1")
            assert same(list(found.inputs), inputs[30:])
            assert same([today(each) for each in asyncio.run(journal.inputs(1, 99))], inputs)
            assert asyncio.run(journal.events(1, 9)) == events
        with JournalReader(folder) as reader:
            assert reader.counts()["values"] == 300
            assert [each.lot for each in reader.lots()] == ["L1"]
            assert [each.alarm for each in reader.alarms()] == ["a1"]
            assert reader.made.made("B/7") == (samples.batch() if number > 1 else None)


@pytest.mark.parametrize("number", NUMBERS)
def test_a_migration_cut_short_leaves_nothing(number, folder, monkeypatch) -> None:
    """Each file and its number are one transaction: when its last statement fails, the schema is the one before."""
    broken = {**migrations(), number: migrations()[number] + "; SELECT no_such_function()"}
    monkeypatch.setattr("gateway.journal.database.migrations", lambda: broken)
    folder.mkdir()
    with pytest.raises(Exception, match="no_such_function"):
        open_for_writing(folder)
    db = sqlite3.connect(folder / NAME)
    assert db.execute("PRAGMA user_version").fetchone()[0] == number - 1
    if number == 1:
        assert db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    db.close()
    monkeypatch.undo()
    open_journal(folder).close()
    open_journal(folder).close()


def test_a_new_journal_between_two_migrations_is_not_there_yet(folder, monkeypatch) -> None:
    first = {1: migrations()[1]}
    folder.mkdir()
    monkeypatch.setattr("gateway.journal.database.migrations", lambda: first)
    open_for_writing(folder).close()
    monkeypatch.setattr("gateway.journal.database.migrations", lambda: {**first, 2: "SELECT 1"})
    with pytest.raises(JournalMissing, match="yet"):
        JournalReader(folder)


if __name__ == "__main__":
    target = DATABASES / f"schema_{NUMBERS[-1]:03d}.sqlite"
    if target.exists():
        sys.exit(f"{target.name} is there already, and is never written again")
    work = DATABASES / "work"
    make(work)
    (work / NAME).rename(target)
    shutil.rmtree(work)

"""Every schema there ever was opens, twice; tests/databases keeps one file of each as that schema's lotwatch wrote it.

`python -m tests.unit.journal.test_schema` writes the file of the newest schema, once, when there is a new one.
"""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.journal import JournalReader
from gateway.journal.database import NAME, migrations, open_for_writing
from gateway.journal.errors import JournalMissing
from gateway.model import (
    AlarmChanged,
    LotChanged,
    Noted,
    NumberedEvent,
    NumberedInput,
    Scan,
    Setting,
    Severity,
    Tick,
)
from gateway.plain import from_plain, to_plain
from gateway.ports import Watermark
from gateway.site import Site
from tests.unit.journal.plant import T0, Plant, commit, config, make_site, open_journal, same
from tests.unit.wire import samples

DATABASES = Path(__file__).parents[2] / "databases"
NUMBERS = sorted(migrations())


def records(number: int = NUMBERS[-1]) -> tuple[list[NumberedInput], list[NumberedEvent]]:
    """What is in the kept file of a schema: lots that are whole came with the second one."""
    readings = Plant(11).readings(2, 60)
    at = readings[-1].input.at
    rest = [NumberedInput(62, Scan("gate", at, "]C1L1", rssi_dbm=-60.5)), NumberedInput(63, Tick(at))]
    events = [
        NumberedEvent(
            1, 62, LotChanged(at.time_ns, "L1", "opened", "hall/line1/press1", "product", "]C1L1", ("R1",))
        ),
        NumberedEvent(2, 40, AlarmChanged(T0, "a1", 1, "active", "stale", Severity.ALARM, "t", "s", "call")),
        NumberedEvent(3, 0, Noted(T0, "gap", "gateway", Severity.INFO, {"seconds": 1.5})),
        NumberedEvent(4, 62, samples.batch()),
    ][: 3 if number < 2 else None]
    return [NumberedInput(1, config(make_site(), "h1")), *readings, *rest], events


def today(numbered: NumberedInput) -> NumberedInput:
    """A site of an older lotwatch lacks what came later; it reads as what that means by default."""
    seq, given = numbered
    if not (isinstance(given, Setting) and given.kind == "config"):
        return numbered
    site: Site = from_plain(Site, given.body["site"])
    return NumberedInput(seq, replace(given, body={**given.body, "site": to_plain(site)}))


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

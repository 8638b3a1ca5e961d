"""The law of the journal: whole blocks, dense numbers, one writer, state only a cache."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3

import pytest

from gateway.clock import VirtualClock
from gateway.journal import Journal, snapshot_due
from gateway.journal.database import NAME
from gateway.journal.errors import (
    JournalBusy,
    JournalCorrupt,
    JournalFailed,
    JournalForeign,
    JournalFull,
    JournalNewer,
    JournalReadOnly,
    translated,
)
from gateway.model import ClockRow, Instant, Noted, NumberedEvent, NumberedInput, Setting, Severity, Tick
from gateway.plain import to_plain
from gateway.ports import Watermark
from tests.unit.journal.plant import T0, Dice, Plant, commit, config, make_site, open_journal, same


def note(seq: int, cause: int = 0) -> NumberedEvent:
    return NumberedEvent(seq, cause, Noted(T0 + seq, "test", "s", Severity.INFO, {"n": seq}))


def ticks(first: int, last: int) -> list[NumberedInput]:
    return [NumberedInput(seq, Tick(Instant(T0 + seq, seq, 1))) for seq in range(first, last + 1)]


async def reopened(journal: Journal, seed: int = 2) -> Journal:
    def again() -> Journal:
        journal.close()
        return open_journal(journal.folder, seed=seed)

    return await asyncio.to_thread(again)


async def test_what_is_committed_is_there_after_reopening(journal) -> None:
    inputs = [NumberedInput(1, config(make_site(), "h1")), *Plant().readings(2, 30)]
    await commit(journal, inputs, [note(1, 1), note(2, 9)])
    await commit(journal, [], [note(3)])
    assert journal.last() == Watermark(31, 3)
    identity = journal.identity
    again = await reopened(journal)
    assert again.identity == identity, "the epoch is minted once"
    assert again.last() == Watermark(31, 3)
    assert same(await again.inputs(1, 99), inputs)
    assert await again.events(1, 99) == [note(1, 1), note(2, 9), note(3)]
    assert same(await again.inputs(4, 5), inputs[3:5])
    assert await again.inputs(40, 50) == []
    await asyncio.to_thread(again.close)


@pytest.mark.parametrize(
    ("inputs", "events"),
    [
        (ticks(2, 3), []),
        ([*ticks(1, 1), *ticks(3, 3)], []),
        ([], [note(2)]),
        ([*ticks(1, 2), *ticks(2, 2)], []),
    ],
)
async def test_a_hole_is_refused(journal, inputs, events) -> None:
    with pytest.raises(ValueError, match="dense"):
        await commit(journal, inputs, events)
    assert journal.last() == Watermark()
    await commit(journal, ticks(1, 2), [note(1)])


async def test_a_block_is_whole_or_not_at_all(journal) -> None:
    await commit(journal, ticks(1, 2))
    unsayable = Noted(T0, "test", "s", Severity.INFO, {"n": 1j})  # type: ignore[dict-item] # no JSON of ours holds it
    with pytest.raises(TypeError):
        await commit(journal, [*ticks(3, 3), *Plant().readings(4, 3)], [NumberedEvent(1, 3, unsayable)])
    assert journal.last() == Watermark(2, 0)
    assert same(await journal.inputs(1, 9), ticks(1, 2))
    plants = Plant().readings(3, 4)
    await commit(journal, plants)
    assert len(await journal.inputs(1, 9)) == 6


async def test_a_commit_nobody_waits_for_is_done_all_the_same(journal) -> None:
    task = asyncio.ensure_future(commit(journal, ticks(1, 500)))
    await asyncio.wait([task], timeout=0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await commit(journal, ticks(501, 502))
    assert len(await journal.inputs(1, 999)) == 502


def test_a_second_writer_is_told_who_has_it(folder, journal) -> None:
    with pytest.raises(JournalBusy, match=f"process {os.getpid()} writes this journal"):
        open_journal(folder)
    journal.close()
    open_journal(folder).close()


def test_another_gateway_is_told_whose_it_is(folder) -> None:
    open_journal(folder).close()
    with pytest.raises(JournalForeign, match="belongs to gateway gw1 of site plant"):
        Journal.open(folder, site="plant", gateway="gw2", clock=VirtualClock(), entropy=Dice())
    open_journal(folder).close()  # and the lock was let go


def test_the_file_is_made_as_the_law_says(folder) -> None:
    open_journal(folder).close()
    db = sqlite3.connect(folder / NAME)
    asked = {
        name: db.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "auto_vacuum", "page_size")
    }
    db.close()
    assert asked == {"journal_mode": "wal", "auto_vacuum": 2, "page_size": 2048}


# --- recovery ------------------------------------------------------------------------------------------------------


async def test_an_empty_journal_recovers_to_nothing(journal) -> None:
    found = await asyncio.to_thread(journal.recover)
    assert (found.snapshot, found.snapshot_seq, found.last, found.last_instant) == (
        None,
        0,
        Watermark(),
        None,
    )
    assert (found.config_hash, found.snapshot_config_hash, found.last_clock_id) == (None, None, 0)
    assert list(found.inputs) == []


@pytest.mark.long
async def test_recovery_is_the_snapshot_and_what_came_after(journal) -> None:
    row = ClockRow(4, "boot", 1, T0, synchronised=True)
    start = [
        NumberedInput(1, config(make_site(), "h1")),
        NumberedInput(2, Setting("clock", Instant(T0, 1, 4), to_plain(row))),
    ]
    readings = Plant().readings(3, 4_000)
    await commit(journal, start)
    await commit(journal, readings[:10], snapshot=b"one" * 1_000)
    await commit(journal, readings[10:20], snapshot=b"two")
    await commit(journal, readings[20:], [note(1)])
    newer = [NumberedInput(4_003, config(make_site(), "h2", T0 + 1))]
    await commit(journal, newer)
    again = await reopened(journal)
    found = await asyncio.to_thread(again.recover)
    assert (found.snapshot, found.snapshot_seq) == (b"two", 22)
    assert (found.snapshot_config_hash, found.config_hash) == ("h1", "h2")
    assert found.last == Watermark(4_003, 1)
    assert found.last_instant == newer[0].input.at
    assert found.last_clock_id == 4
    rest = await asyncio.to_thread(lambda: list(found.inputs))
    assert same(rest, [*readings[20:], *newer])
    assert await asyncio.to_thread(again.site, "h1") == make_site()
    with pytest.raises(JournalCorrupt, match="the config h9 is named but not there"):
        await asyncio.to_thread(again.site, "h9")
    await asyncio.to_thread(again.close)


async def test_two_snapshots_are_kept_and_a_damaged_one_is_passed_over(journal) -> None:
    for seq, body in ((1, b"one"), (2, b"two"), (3, b"three")):
        await commit(journal, ticks(seq, seq), snapshot=body)
    folder = journal.folder
    await asyncio.to_thread(journal.close)

    def hurt() -> None:
        db = sqlite3.connect(folder / NAME)
        assert [row[0] for row in db.execute("SELECT seq FROM snapshots ORDER BY seq")] == [2, 3]
        db.execute("UPDATE snapshots SET body = x'00' WHERE seq = 3")
        db.commit()
        db.close()

    await asyncio.to_thread(hurt)
    again = await asyncio.to_thread(open_journal, folder)
    found = await asyncio.to_thread(again.recover)
    assert (found.snapshot, found.snapshot_seq) == (b"two", 2)
    await asyncio.to_thread(again.close)


def test_a_snapshot_is_due_when_replay_would_take_over_a_second() -> None:
    assert not snapshot_due(10_000, 0.0001)
    assert snapshot_due(10_001, 0.0001)


async def test_cursors_go_with_the_next_commit_or_the_end(journal) -> None:
    assert await journal.cursor("mqtt") == Watermark()
    await journal.set_cursor("mqtt", Watermark(5, 2))
    await commit(journal, ticks(1, 1))
    await journal.set_cursor("sparkplug", Watermark(1, 0))
    again = await reopened(journal)
    assert await again.cursor("mqtt") == Watermark(5, 2)
    assert await again.cursor("sparkplug") == Watermark(1, 0)
    await asyncio.to_thread(again.close)


# --- what can go wrong ---------------------------------------------------------------------------------------------


def test_a_file_that_is_no_database(folder) -> None:
    folder.mkdir()
    (folder / NAME).write_bytes(b"not a database at all, but long enough to look at" * 100)
    with pytest.raises(JournalForeign, match="not a journal"):
        open_journal(folder)


def test_a_database_that_is_no_journal(folder) -> None:
    folder.mkdir()
    db = sqlite3.connect(folder / NAME)
    db.execute("CREATE TABLE mine (x)")
    db.close()
    with pytest.raises(JournalForeign, match="not a journal"):
        open_journal(folder)


def test_a_journal_of_a_newer_lotwatch(folder) -> None:
    open_journal(folder).close()
    db = sqlite3.connect(folder / NAME)
    db.execute("PRAGMA user_version = 999")
    db.close()
    with pytest.raises(JournalNewer, match="schema 999"):
        open_journal(folder)


async def test_a_damaged_journal(folder) -> None:
    journal = await asyncio.to_thread(open_journal, folder)
    await commit(journal, Plant().readings(1, 400))
    await asyncio.to_thread(journal.close)
    path = folder / NAME
    data = bytearray(path.read_bytes())
    data[4096 * 3 :] = b"\xff" * (len(data) - 4096 * 3)
    path.write_bytes(data)

    def use() -> None:
        with open_journal(folder) as again:
            list(again.recover().inputs)

    with pytest.raises(JournalCorrupt, match="restore it from the replica"):
        await asyncio.to_thread(use)


async def test_rows_that_cannot_be_decoded_are_named(journal) -> None:
    await commit(journal, [NumberedInput(1, config(make_site(), "h1")), *ticks(2, 2)], [note(1)])

    def hurt(*changes: str) -> None:
        db = sqlite3.connect(journal.path)
        for change in changes:
            db.execute(change)
        db.commit()
        db.close()

    await asyncio.to_thread(
        hurt, "UPDATE inputs SET body = '{' WHERE seq = 2", "UPDATE events SET body = '[]'"
    )
    with pytest.raises(JournalCorrupt, match="input 2 is damaged"):
        await journal.inputs(2, 2)
    with pytest.raises(JournalCorrupt, match="event 1 is damaged"):
        await journal.events(1, 1)
    await asyncio.to_thread(hurt, "UPDATE sites SET body = x'28B52FFD'")
    with pytest.raises(JournalCorrupt, match="a config is damaged"):
        await journal.inputs(1, 1)


async def test_a_full_disk_loses_nothing_and_the_block_can_come_again(journal) -> None:
    await commit(journal, ticks(1, 10))
    db = journal._db  # noqa: SLF001 # a limit on pages is SQLite's own full disk

    def limit(more: int | None) -> None:
        used = db.execute("PRAGMA page_count").fetchone()[0]
        db.execute(f"PRAGMA max_page_count = {1073741823 if more is None else used + more}").fetchone()

    await journal.write(lambda: limit(2))
    block = Plant().readings(11, 3_000)
    with pytest.raises(JournalFull, match="make room"):
        await commit(journal, block, [note(1)])
    assert journal.last() == Watermark(10, 0)
    await journal.write(lambda: limit(None))
    await commit(journal, block, [note(1)])
    assert len(await journal.inputs(1, 9_999)) == 3_010


def test_a_path_that_is_no_folder(tmp_path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(JournalForeign):
        open_journal(tmp_path / "file" / "data")


@pytest.mark.parametrize(
    ("name", "kind"), [("SQLITE_READONLY_DBMOVED", JournalReadOnly), ("", JournalFailed)]
)
def test_words_of_sqlite_are_translated(folder, name, kind) -> None:
    error = sqlite3.OperationalError("words of SQLite")
    error.sqlite_errorname = name
    with pytest.raises(kind, match=str(folder)), translated(folder):
        raise error


def test_a_copy_of_a_running_journal_opens(folder, journal, tmp_path) -> None:
    """What a power cut leaves: main file and WAL as they are."""
    asyncio.run(commit(journal, Plant().readings(1, 50)))
    shutil.copytree(folder, tmp_path / "copy")
    with open_journal(tmp_path / "copy") as again:
        assert again.last() == Watermark(50, 0)
        assert again.identity == journal.identity

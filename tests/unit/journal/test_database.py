"""How the database is opened: what makes a commit sure, what keeps a card alive, and that who reads writes nothing."""

from __future__ import annotations

import asyncio
import sqlite3

import pytest

from gateway.journal import JournalError, JournalReader
from gateway.journal.database import NAME, check_ours, open_for_reading, open_for_writing
from gateway.journal.errors import JournalForeign, JournalMissing, JournalNewer
from gateway.journal.lotevents import LotEvents
from tests.unit.journal.plant import Plant, commit, open_journal


def pragmas(db: sqlite3.Connection, *names: str) -> list[object]:
    return [db.execute(f"PRAGMA {name}").fetchone()[0] for name in names]


def test_a_commit_is_on_the_disk_and_the_card_is_spared(folder) -> None:
    """Synchronous FULL is 2; pages of 2 KiB and a log of 2,000 of them: docs/decisions/0013."""
    folder.mkdir()
    for _ in range(2):  # made, and opened again
        db = open_for_writing(folder)
        assert pragmas(db, "synchronous", "secure_delete", "journal_mode") == [2, 0, "wal"]
        assert pragmas(db, "page_size", "auto_vacuum", "application_id") == [2_048, 2, 0x4C4F5457]
        assert pragmas(db, "wal_autocheckpoint", "cache_size", "journal_size_limit") == [
            2_000,
            -2_048,
            8_388_608,
        ]
        db.close()


def test_who_reads_cannot_write(journal) -> None:
    asyncio.run(commit(journal, Plant().readings(1, 2)))
    db = open_for_reading(journal.folder)
    assert pragmas(db, "query_only", "cache_size") == [1, -1_024]
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        db.execute("DELETE FROM hot")
    db.close()


def test_who_is_closed_answers_no_more(journal) -> None:
    asyncio.run(commit(journal, Plant().readings(1, 2)))
    with JournalReader(journal.folder) as reader:
        assert reader.last().input == 2
    with pytest.raises(JournalError, match="closed database"):
        reader.last()
    view = LotEvents(journal.folder)
    assert view.kind("L") == ""
    view.close()
    with pytest.raises(JournalError, match="closed database"):
        view.kind("L")


def test_what_is_no_journal_is_told_from_one_that_is_not_there(folder, tmp_path) -> None:
    with pytest.raises(JournalMissing, match=rf"no journal here: name a folder with a {NAME} in it"):
        JournalReader(tmp_path)
    open_journal(folder).close()
    newest = sqlite3.connect(folder / NAME, isolation_level=None)
    check_ours(newest, folder)
    version = newest.execute("PRAGMA user_version").fetchone()[0]
    newest.execute(f"PRAGMA user_version = {version + 1}")
    with pytest.raises(JournalNewer):
        check_ours(newest, folder)
    newest.execute("PRAGMA application_id = 7")
    with pytest.raises(JournalForeign):
        check_ours(newest, folder)
    newest.close()
    (tmp_path / NAME).write_bytes(b"")
    with pytest.raises(JournalMissing, match="somebody is about to make one"):
        JournalReader(tmp_path)

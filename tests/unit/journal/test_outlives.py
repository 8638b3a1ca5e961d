"""What has to outlive a power cut is told to the disk: a new file and the folder that names it, before anybody relies.

fsync(2): syncing a file does not sync the entry of it in its folder.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from gateway.journal import JournalReader
from gateway.journal.chunkfile import append, file_of, sync_folder
from gateway.journal.errors import JournalMissing
from gateway.journal.signer import KEY, open_key
from tests.unit.journal.plant import Dice, open_journal


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Paths that went to the disk, in order, files with all that was to be in them."""
    found: list[Path] = []
    whole = os.fsync

    def fsync(number: int) -> None:
        found.append(Path(f"/proc/self/fd/{number}").readlink())
        assert found[-1].is_dir() or found[-1].stat().st_size > 0, found[-1]
        whole(number)

    monkeypatch.setattr(os, "fsync", fsync)
    return found


def test_a_new_file_of_chunks_and_its_folder(folder, synced) -> None:
    folder.mkdir()
    append(folder, "2027-01", [b"chunk"])
    file = file_of(folder, "2027-01")
    assert synced == [file, folder]
    append(folder, "2027-01", [b"more"])
    assert synced == [file, folder, file]  # the folder names it already
    assert file.read_bytes() == b"chunkmore"


def test_a_key_and_its_folder_and_nobody_else_reads_it(tmp_path, synced, caplog) -> None:
    key = open_key(tmp_path, "lotwatch/v1/plant/gw1/e1", Dice(3))
    assert synced == [tmp_path / f"{KEY}.new", tmp_path, tmp_path / "ledger.pub.new", tmp_path]
    assert stat.S_IMODE((tmp_path / KEY).stat().st_mode) == 0o600
    synced.clear()
    assert open_key(tmp_path, "lotwatch/v1/plant/gw1/e1", Dice(4)).line() == key.line()
    assert synced == []  # nothing new, nothing written
    assert caplog.records == []  # and nothing to be told of


def test_a_folder_made_for_a_journal(tmp_path, synced) -> None:
    open_journal(tmp_path / "data").close()
    assert tmp_path in synced
    sync_folder(tmp_path / "data")
    assert synced[-1] == tmp_path / "data"


def test_reading_where_no_journal_is_makes_none(tmp_path) -> None:
    with pytest.raises(JournalMissing, match=r"no journal here: name a folder with a journal\.sqlite in it"):
        JournalReader(tmp_path)
    assert list(tmp_path.iterdir()) == []

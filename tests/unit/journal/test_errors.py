"""Foreign errors come out as ours, with what to do."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from gateway.journal.chunkfile import make_folder
from gateway.journal.errors import (
    JournalCorrupt,
    JournalError,
    JournalForeign,
    JournalFull,
    JournalReadOnly,
    translated,
)


@pytest.mark.parametrize(
    ("number", "kind", "advice"),
    [
        (errno.ENOSPC, JournalFull, "make room"),
        (errno.EACCES, JournalReadOnly, "permission is denied"),
        (errno.EROFS, JournalReadOnly, "mount it for writing"),
    ],
)
def test_what_the_system_says_becomes_advice(number: int, kind: type[JournalError], advice: str) -> None:
    with pytest.raises(kind, match=advice), translated(Path("x")):
        raise OSError(number, os.strerror(number))


def test_a_message_of_sqlite_that_quotes_damaged_bytes_is_damage() -> None:
    with pytest.raises(JournalCorrupt, match="restore it from the replica"), translated(Path("x")):
        b"\xee".decode("utf-8")


def test_a_file_where_the_folder_should_be_is_told_as_such(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(JournalForeign, match="no folder can be here: name another one"):
            make_folder(folder)

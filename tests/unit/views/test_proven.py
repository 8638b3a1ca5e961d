"""What people entered is in the chain that the box has signed, or the page says that it is not."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from gateway.clock import VirtualClock
from gateway.journal import JournalReader
from gateway.journal.database import NAME
from gateway.journal.signer import signer_of
from gateway.views.audit import acts
from gateway.views.proven import proven
from tests.unit.journal.plant import Dice, open_journal
from tests.unit.repository.plant import fill


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    fill(tmp_path / "data")
    return tmp_path / "data"


def signed(folder: Path) -> Path:
    with open_journal(folder) as journal:
        signer_of(journal, VirtualClock(), Dice(3)).sign()
    return folder


def stands(folder: Path) -> dict[int, str]:
    with JournalReader(folder) as reader:
        return proven(reader, acts(reader, 2**62, 200))


def changed(folder: Path, statement: str) -> Path:
    with sqlite3.connect(folder / NAME) as db:
        db.execute(statement)
    db.close()
    return folder


def test_an_entry_waits_for_a_signed_head_and_then_is_proven(folder: Path) -> None:
    assert stands(folder) == dict.fromkeys((6, 7, 8, 9), "waiting")
    assert stands(signed(folder)) == dict.fromkeys((6, 7, 8, 9), "proven")


def test_an_entry_that_somebody_changed_is_not_what_was_signed(folder: Path) -> None:
    changed(signed(folder), """UPDATE inputs SET body = replace(body, '"17"', '"18"') WHERE seq = 8""")
    assert set(stands(folder).values()) == {"wrong"}  # all four are in one block


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE heads SET note = replace(note, 'plant', 'plane')",
        "UPDATE heads SET note = substr(note, 1, length(note) - 9) || 'AAAAAAA=' || char(10)",
    ],
)
def test_a_head_that_the_box_did_not_sign_proves_nothing(folder: Path, statement: str) -> None:
    changed(signed(folder), statement)
    assert set(stands(folder).values()) == {"wrong"}

"""The box's key: made once, for its owner only, and what is wrong with it is said."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from gateway.journal.errors import JournalCorrupt
from gateway.journal.signer import KEY, open_key
from gateway.proof.note import PublicKey
from tests.unit.journal.plant import Dice

ORIGIN = "lotwatch/v1/plant/gw1/9f"


def test_it_is_made_once(tmp_path) -> None:
    key = open_key(tmp_path, ORIGIN, Dice(1))
    assert open_key(tmp_path, ORIGIN, Dice(2)).line() == key.line()
    assert (tmp_path / KEY).stat().st_mode & 0o777 == 0o600
    public = (tmp_path / "ledger.pub").read_text()
    assert PublicKey.of_line(public) == key.public
    (tmp_path / "ledger.pub").unlink()
    open_key(tmp_path, ORIGIN, Dice(2))
    assert (tmp_path / "ledger.pub").read_text() == public


def test_it_may_lie_elsewhere(tmp_path) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    (tmp_path / KEY).symlink_to(stick / "box.key")
    key = open_key(tmp_path, ORIGIN, Dice(1))
    assert (stick / "box.key").read_text().strip() == key.line()
    assert (tmp_path / KEY).is_symlink()


def test_one_that_others_can_read_is_taken_from_them(tmp_path, caplog) -> None:
    open_key(tmp_path, ORIGIN, Dice(1))
    (tmp_path / KEY).chmod(0o644)
    with caplog.at_level(logging.WARNING):
        open_key(tmp_path, ORIGIN, Dice(1))
    assert "others could read it until now" in caplog.text
    assert (tmp_path / KEY).stat().st_mode & 0o777 == 0o600


def test_on_a_disk_that_knows_no_owners_it_is_told_of_and_used(tmp_path, caplog, monkeypatch) -> None:
    key = open_key(tmp_path, ORIGIN, Dice(1))
    (tmp_path / KEY).chmod(0o644)
    monkeypatch.setattr(Path, "chmod", lambda *_: None)  # as FAT takes it
    assert open_key(tmp_path, ORIGIN, Dice(1)).line() == key.line()
    assert "chmod does not help" in caplog.text


@pytest.mark.parametrize(("text", "said"), [("x", "not a signing key"), ("", "not a signing key")])
def test_one_that_is_damaged(text: str, said: str, tmp_path) -> None:
    (tmp_path / KEY).write_text(text)
    with pytest.raises(JournalCorrupt, match=said):
        open_key(tmp_path, ORIGIN, Dice(1))


def test_one_of_another_journal(tmp_path) -> None:
    open_key(tmp_path, "lotwatch/v1/other/gw1/9f", Dice(1))
    with pytest.raises(JournalCorrupt, match="not of lotwatch/v1/plant"):
        open_key(tmp_path, ORIGIN, Dice(1))

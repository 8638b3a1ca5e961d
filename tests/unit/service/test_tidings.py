from __future__ import annotations

from pathlib import Path

import pytest

from gateway.model import Block, NumberedEvent, Severity
from gateway.service.tidings import NAME, Tidings, leave


def test_what_is_left_is_told_and_taken_away_when_it_is_committed(tmp_path: Path) -> None:
    leave(tmp_path, "upgrade_returned", {"why": "press1"}, 7)
    tidings = Tidings(tmp_path, "gw1")
    found = tidings.found
    assert found is not None
    assert (found.kind, found.subject, found.severity, found.time_ns) == (
        "upgrade_returned",
        "gw1",
        Severity.ALARM,
        7,
    )
    tidings.committed(Block((), ()))
    assert (tmp_path / NAME).exists()
    tidings.committed(Block((), (NumberedEvent(1, 0, found),)))
    assert not (tmp_path / NAME).exists()
    assert Tidings(tmp_path, "gw1").found is None


def test_a_link_that_lies_there_leads_nobody_elsewhere(tmp_path: Path) -> None:
    """An upgrade leaves tidings as root, in a folder in which the gateway's user may make links."""
    data, victim = tmp_path / "data", tmp_path / "shadow"
    data.mkdir()
    victim.write_text("root:*:")
    (data / f"{NAME}.new").symlink_to(victim)
    (data / NAME).symlink_to(victim)
    leave(data, "upgrade_kept", {}, 7)
    assert victim.read_text() == "root:*:"
    assert not (data / NAME).is_symlink()
    assert Tidings(data, "gw1").found is not None


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"\xff", b'{"kind": 1}'])
def test_what_is_none_of_ours_is_left_alone(data: bytes, tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(data)
    assert Tidings(tmp_path, "gw1").found is None
    assert (tmp_path / NAME).exists()

"""Replicas of a worker that has some of the sites: whose they are, and waiting for one that somebody lets go of."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.ingest.replicas import BUSY_TOLD, Replicas, replica_folder
from gateway.journal import Replica
from gateway.journal.errors import JournalBusy
from gateway.model import Identity

NORTH, SOUTH = Identity("north", "gw1", "e5f1"), Identity("south hall", "gw1", "e5f2")


def test_only_ours_are_found_and_opened(tmp_path: Path) -> None:
    everything = Replicas(tmp_path)
    for identity in (NORTH, SOUTH):
        everything.of(identity)
    everything.close()
    assert set(everything.found()) == {NORTH, SOUTH}
    assert Replicas(tmp_path, lambda site: site == "south hall").found() == [SOUTH]


def test_a_replica_that_another_worker_writes_is_an_error_at_once(tmp_path: Path) -> None:
    with (
        Replica.open(replica_folder(tmp_path, NORTH), NORTH),
        pytest.raises(JournalBusy, match="stop it first"),
    ):
        Replicas(tmp_path).of(NORTH)


def test_after_a_takeover_it_is_waited_for(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    before = Replica.open(replica_folder(tmp_path, NORTH), NORTH)
    waits = 0

    def wait() -> bool:
        nonlocal waits
        waits += 1
        if waits == BUSY_TOLD + 1:
            before.close()
        return False

    ours = Replicas(tmp_path, wait=wait)
    assert ours.of(NORTH).identity == NORTH
    assert waits == BUSY_TOLD + 1
    assert "waiting for it, the broker holds what comes meanwhile" in caplog.text
    ours.close()


def test_waiting_ends_when_the_worker_is_told_to_stop(tmp_path: Path) -> None:
    answers = iter([False, False, True])
    with Replica.open(replica_folder(tmp_path, NORTH), NORTH), pytest.raises(JournalBusy):
        Replicas(tmp_path, wait=lambda: next(answers)).of(NORTH)
    assert list(answers) == []

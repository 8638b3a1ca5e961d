"""Replicas are checked and sealed a step at a time, and less often while much comes in."""

from __future__ import annotations

import asyncio

import pytest

from gateway.clock import VirtualClock
from gateway.ingest.replicas import Replicas
from gateway.ingest.upkeep import BUSY_SEAL_NS, SEAL_EVERY_NS, Upkeep
from gateway.journal.errors import JournalFull
from gateway.journal.reader import JournalReader
from gateway.journal.replica import Replica
from gateway.model import NumberedInput
from tests.unit.wire import samples

WINDOWS = 4
PER_WINDOW = 6_000  # of `samples.at`, ten a second


@pytest.fixture
def stage(tmp_path):
    """Some closed windows of one replica, and the clock an hour later."""
    replicas = Replicas(tmp_path)
    inputs = [samples.config(1)]
    for window in range(WINDOWS):
        seqs = (window * PER_WINDOW + 5, window * PER_WINDOW + 9)
        inputs += [NumberedInput(seq, samples.reading(seq)) for seq in seqs]
    replica = replicas.of(samples.IDENTITY)
    replica.store(inputs, [])
    clock = VirtualClock(samples.T0 + 3600 * 10**9)
    yield replica, Upkeep(replicas, clock), clock
    replicas.close()


def hot(replica: Replica) -> int:
    """Packs that are not sealed."""
    with JournalReader(replica.folder) as reader:
        return int(reader._db.execute("SELECT count(*) FROM hot").fetchone()[0])  # noqa: SLF001 # no other way to see


def test_a_window_a_step(stage):
    replica, upkeep, clock = stage
    before = hot(replica)
    assert before >= WINDOWS
    upkeep.turn(busy=False)
    assert hot(replica) == before  # not yet time
    asyncio.run(clock.advance(SEAL_EVERY_NS / 1e9 + 1))
    seen = []
    for _ in range(before):
        upkeep.turn(busy=False)
        seen.append(hot(replica))
    assert seen[0] == before - 1
    assert seen == sorted(seen, reverse=True)
    assert seen[-1] == 0
    with JournalReader(replica.folder) as reader:
        assert [each.seq for each in reader.inputs(1, 10**6)][:3] == [1, 5, 9]


def test_while_much_comes_in_it_waits(stage):
    replica, upkeep, clock = stage
    before = hot(replica)
    asyncio.run(clock.advance(SEAL_EVERY_NS / 1e9 + 1))
    upkeep.turn(busy=True)
    assert hot(replica) == before
    asyncio.run(clock.advance(BUSY_SEAL_NS / 1e9))
    upkeep.turn(busy=True)
    assert hot(replica) == before - 1


def test_a_disk_that_is_full_is_told_and_it_is_tried_again(stage, monkeypatch, caplog):
    replica, upkeep, clock = stage
    before = hot(replica)

    def full(before_ns: int):
        raise JournalFull("no room")
        yield before_ns

    asyncio.run(clock.advance(SEAL_EVERY_NS / 1e9 + 1))
    monkeypatch.setattr(replica, "sealing", full)
    upkeep.turn(busy=False)
    assert "is not sealed, it will be tried again" in caplog.text
    monkeypatch.undo()
    asyncio.run(clock.advance(SEAL_EVERY_NS / 1e9 + 1))
    upkeep.turn(busy=False)
    assert hot(replica) == before - 1

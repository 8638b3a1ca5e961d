"""What could not be written leaves nothing behind, on the disk or in memory: the next one is as if it were first."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from gateway.journal import JournalReader, Replica
from gateway.journal.verify import verify
from gateway.model import Block, Identity, Instant, NumberedEvent, NumberedInput, Tick
from gateway.ports import Watermark
from tests.unit.journal.plant import T0, Plant, commit, config, make_group, make_site, same
from tests.unit.journal.test_ledger import EVENTS

CONFIG = NumberedInput(1, config(make_site(make_group(), make_group("dryer/slow")), "h1"))
READINGS = Plant().readings(2, 5)
SECOND = Plant(2, make_group("dryer/slow")).readings(7, 5)
TELL = [NumberedEvent(1, 0, EVENTS[0])]
BEYOND = NumberedInput(12, Tick(Instant(2**70, 1, 1)))  # no column holds its time


def read(folder: Path) -> list[NumberedInput]:
    with JournalReader(folder) as reader:
        assert verify(reader, None).findings == []
        return list(reader.inputs(1, 99))


def test_an_import_that_fails_at_its_last_block(journal) -> None:
    blocks = [Block((CONFIG, *READINGS), ()), Block(tuple(SECOND), tuple(TELL))]
    for broken in (Block((BEYOND,), ()), Block((NumberedInput(14, BEYOND.input),), ())):
        with pytest.raises((OverflowError, ValueError)):
            journal.take_in([*blocks, broken])
        assert (journal.last(), journal.head().size) == (Watermark(), 0)
        assert read(journal.folder) == []
    journal.take_in(blocks)
    assert (journal.last(), journal.head().size) == (Watermark(11, 1), 3)
    asyncio.run(commit(journal, [NumberedInput(12, Tick(Instant(T0, 1, 1)))]))
    assert same(read(journal.folder)[:-1], [CONFIG, *READINGS, *SECOND])


def test_a_block(journal) -> None:
    asyncio.run(commit(journal, [CONFIG]))
    with pytest.raises(OverflowError):
        asyncio.run(commit(journal, [*READINGS, *SECOND, BEYOND], TELL))
    assert (journal.last(), journal.head().size) == (Watermark(1, 0), 2)
    asyncio.run(commit(journal, [*READINGS, *SECOND], TELL))
    assert same(read(journal.folder), [CONFIG, *READINGS, *SECOND])


def test_what_came_to_a_replica(folder) -> None:
    with Replica.open(folder, Identity("plant", "gw1", "e1")) as replica:
        replica.store([CONFIG, *SECOND[2:]], [])
        before = (replica.watermark(), replica.last(), replica.missing())
        with pytest.raises(OverflowError):
            replica.store([*READINGS, BEYOND], TELL)
        assert (replica.watermark(), replica.last(), replica.missing()) == before
        new = replica.store([*READINGS, *SECOND], TELL)
        assert (new.inputs, new.events) == ([(2, 8)], [(1, 1)])
    assert same(read(folder), [CONFIG, *READINGS, *SECOND])

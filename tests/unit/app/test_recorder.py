"""The recorder: numbers without a hole, urgent at once, a full disk loses nothing silently."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
import pytest

from gateway import recorder as room
from gateway.clock import VirtualClock
from gateway.fold import Fold
from gateway.layout import Field
from gateway.model import Block, Noted, Reading, Scan, Severity, Tick
from gateway.pipeline import Pipeline
from gateway.ports import Watermark
from gateway.recorder import Recorder, StoreBusy
from gateway.site import Bus, Device, Group, Point, ScanPoint, Site

POINT = Point("t", "a/l/c/t", Field("uint16"))
GROUP = Group("d/fast", "d", 10**8, (POINT,), 5 * 10**9)
SITE = Site(
    "s", "g", (Bus("b", "modbus.tcp", "h:1"),), (Device("d", "b", "m", 1, "a/l/c", (GROUP,)),),
    scan_points=(ScanPoint("gate", "a/l/c", "open"),), cells=("a/l/c",),
)  # fmt: skip


class FakeStore:
    """Keeps blocks; says no as often as told."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.refusals = 0

    async def commit(self, block: Block) -> None:
        if self.refusals:
            self.refusals -= 1
            raise StoreBusy("no room")
        self.blocks.append(block)


class Stand:
    """A recorder with its fakes."""

    def __init__(self, profile: str = "disk") -> None:
        self.clock = VirtualClock()
        self.store = FakeStore()
        self.heard: list[Block] = []
        self.recorder = Recorder(
            Fold(Pipeline(SITE)),
            self.store,
            self.clock,
            last=Watermark(10, 5),
            profile=profile,
            committed=self.heard.append,
        )

    def reading(self, value: int = 7) -> Reading:
        raw = np.array([value], dtype=np.uint16)
        return Reading("d/fast", self.clock.now(), 0, raw.astype(float), np.zeros(1, np.uint8), raw)


@asynccontextmanager
async def running() -> AsyncIterator[Stand]:
    stand = Stand()
    task = asyncio.create_task(stand.recorder.run())
    await stand.clock.advance(0)
    yield stand
    stand.recorder.stop()
    await stand.clock.advance(5)
    await task


async def test_readings_wait_for_the_window_and_numbers_go_on_from_the_last() -> None:
    async with running() as stand:
        for _ in range(3):
            stand.recorder.take(stand.reading())
        await stand.clock.advance(0.9)
        assert stand.store.blocks == []
        await stand.clock.advance(0.2)
        assert [record.seq for record in stand.store.blocks[0].inputs] == [11, 12, 13]
    assert stand.heard == stand.store.blocks


async def test_a_scan_commits_at_once_all_that_came_before_it() -> None:
    async with running() as stand:
        stand.recorder.take(stand.reading())
        stand.recorder.take(Scan("gate", stand.clock.now(), "LOT-1"))
        await stand.clock.advance(0)
        (block,) = stand.store.blocks
        assert [type(record.input).__name__ for record in block.inputs] == ["Reading", "Scan"]
        assert [(event.seq, event.cause) for event in block.events] == [(6, 12)]


async def test_a_tick_that_changes_nothing_is_not_kept() -> None:
    async with running() as stand:
        stand.recorder.take(Tick(stand.clock.now()))
        await stand.clock.advance(1.5)
        assert stand.store.blocks == []


async def test_a_note_from_outside_has_no_cause() -> None:
    async with running() as stand:
        stand.recorder.note(Noted(1, "unit_dead", "d", Severity.WARNING, {}))
        await stand.clock.advance(1.5)
        assert stand.store.blocks[0].events[0].cause == 0


async def test_a_full_disk_is_tried_again_and_order_is_kept() -> None:
    async with running() as stand:
        stand.store.refusals = 3
        stand.recorder.take(stand.reading(1))
        await stand.clock.advance(1.1)
        stand.recorder.take(stand.reading(2))
        await stand.clock.advance(5)
    seqs = [record.seq for block in stand.store.blocks for record in block.inputs]
    assert seqs == [11, 12]


async def test_beyond_the_bound_readings_are_refused_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "OPEN_LIMIT", 4)
    async with running() as stand:
        stand.store.refusals = 5
        for _ in range(7):
            stand.recorder.take(stand.reading())
        await stand.clock.advance(12)
    kept = [record for block in stand.store.blocks for record in block.inputs]
    gaps = [event.event for block in stand.store.blocks for event in block.events]
    assert len(kept) == 4
    assert [(gap.kind, gap.facts["readings"]) for gap in gaps if isinstance(gap, Noted)] == [("gap", 3)]


async def test_nobody_hears_of_a_block_before_its_commit() -> None:
    async with running() as stand:
        stand.store.refusals = 1
        stand.recorder.take(stand.reading())
        await stand.clock.advance(1.0)
        assert stand.heard == []
        await stand.clock.advance(2.0)
        assert len(stand.heard) == 1


async def test_what_is_open_at_the_stop_is_committed() -> None:
    async with running() as stand:
        stand.recorder.take(stand.reading())
    assert len(stand.store.blocks) == 1


# --- ends and failures ----------------------------------------------------------------------------------------------


async def test_what_is_taken_while_the_last_commit_goes_on_is_committed_too() -> None:
    async with running() as stand:
        stand.store.refusals = 1  # the commit of the first reading takes a second
        stand.recorder.take(stand.reading(1))
        await stand.clock.advance(1.1)
        stand.recorder.take(stand.reading(2))
        stand.recorder.stop()
    assert [record.seq for block in stand.store.blocks for record in block.inputs] == [11, 12]


async def test_a_full_disk_cannot_keep_the_daemon_from_stopping() -> None:
    stand = Stand()
    stand.store.refusals = 10**9
    task = asyncio.create_task(stand.recorder.run())
    stand.recorder.take(stand.reading())
    await stand.clock.advance(3)
    stand.recorder.stop()
    await stand.clock.advance(10)
    assert task.done()
    with pytest.raises(StoreBusy):
        await task


async def test_a_disk_that_failed_ends_the_run_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    stand = Stand()

    async def broken(block: Block) -> None:
        raise OSError("Input/output error")

    monkeypatch.setattr(stand.store, "commit", broken)
    task = asyncio.create_task(stand.recorder.run())
    stand.recorder.take(stand.reading())
    await stand.clock.advance(1.1)
    assert task.done()
    with pytest.raises(OSError, match="Input/output"):
        await task
    assert stand.heard == []


async def test_notes_are_bounded_while_the_disk_is_full_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "OPEN_NOTES", 4)
    async with running() as stand:
        stand.store.refusals = 5
        stand.recorder.note(Noted(1, "unit_dead", "d", Severity.WARNING, {}))
        await stand.clock.advance(1.1)  # on its way to the disk
        for _ in range(7):
            stand.recorder.note(Noted(1, "unit_dead", "d", Severity.WARNING, {}))
        await stand.clock.advance(12)
    events = [event for block in stand.store.blocks for event in block.events]
    assert [event.seq for event in events] == list(range(6, 6 + len(events)))
    (gap,) = [event.event for event in events if isinstance(event.event, Noted) and event.event.kind == "gap"]
    assert (gap.facts["notes"], gap.facts["readings"]) == (3, 0)


async def test_large_readings_are_bounded_by_their_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "OPEN_BYTES", 40)  # of 11 each
    async with running() as stand:
        stand.store.refusals = 5
        stand.recorder.take(stand.reading())
        await stand.clock.advance(1.1)  # on its way to the disk
        for _ in range(9):
            stand.recorder.take(stand.reading())
        await stand.clock.advance(12)
    assert len([record for block in stand.store.blocks for record in block.inputs]) == 4


async def test_a_long_replay_owes_a_snapshot() -> None:
    stand = Stand()
    recorder = Recorder(
        Fold(Pipeline(SITE)), stand.store, stand.clock, last=Watermark(), profile="disk",
        committed=stand.heard.append, owed_ns=room.REPLAY_LIMIT_NS + 1,
    )  # fmt: skip
    recorder.take(stand.reading())
    recorder.stop()
    await recorder.run()
    assert stand.store.blocks[0].snapshot is not None


async def test_without_room_readings_are_refused_and_people_are_heard() -> None:
    stand = Stand()
    stand.recorder.short = lambda: True
    task = asyncio.create_task(stand.recorder.run())
    stand.recorder.take(stand.reading())
    await stand.clock.advance(room.GRACE_NS / 1e9 - 1)
    stand.recorder.take(stand.reading())
    assert stand.recorder.refused == 0, "a disk that is full for a moment costs no reading"
    await stand.clock.advance(1)
    stand.heard.clear()
    for _ in range(3):
        stand.recorder.take(stand.reading())
        stand.recorder.take(Scan("gate", stand.clock.now(), "A1"))
        await stand.clock.advance(1)
    assert [type(each.input) for block in stand.heard for each in block.inputs] == [Scan] * 3
    assert stand.recorder.refused == 3
    assert not gaps(stand), "while it goes on there is no record a commit"
    stand.recorder.short = lambda: False
    stand.recorder.take(stand.reading())
    await stand.clock.advance(2)
    [gap] = gaps(stand)
    assert (gap.facts["reason"], gap.facts["readings"]) == ("disk", 3)
    stand.recorder.stop()
    await task


async def test_a_gap_that_goes_on_is_told_each_hour_and_at_the_end() -> None:
    stand = Stand("minute")
    stand.recorder.short = lambda: True
    task = asyncio.create_task(stand.recorder.run())
    stand.recorder.take(stand.reading())  # taken
    await stand.clock.advance(room.GRACE_NS / 1e9)
    for _ in range(2):
        stand.recorder.take(stand.reading())
        await stand.clock.advance(3600)
        stand.recorder.take(Scan("gate", stand.clock.now(), "A1"))
        await stand.clock.advance(62)
    stand.recorder.take(stand.reading())
    stand.recorder.take(Scan("gate", stand.clock.now(), "A1"))
    stand.recorder.stop()
    await task
    assert [gap.facts["readings"] for gap in gaps(stand)] == [1, 1, 1]


async def test_a_minute_of_a_busy_site_is_committed_before_it_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(room, "BLOCK_MOST", 5)
    stand = Stand("minute")
    task = asyncio.create_task(stand.recorder.run())
    await stand.clock.advance(2)
    for _ in range(7):
        stand.recorder.take(stand.reading())
    await stand.clock.advance(0)
    assert [len(block.inputs) for block in stand.heard] == [7]
    stand.recorder.take(stand.reading())
    await stand.clock.advance(50)
    assert len(stand.heard) == 1
    await stand.clock.advance(11)
    assert [len(block.inputs) for block in stand.heard] == [7, 1]
    stand.recorder.stop()
    await task


async def test_the_first_commit_waits_for_a_second_whatever_the_window() -> None:
    stand = Stand("minute")
    task = asyncio.create_task(stand.recorder.run())
    stand.recorder.take(stand.reading())
    await stand.clock.advance(1)
    assert len(stand.heard) == 1
    stand.recorder.stop()
    await task


def gaps(stand: Stand) -> list[Noted]:
    told = (each.event for block in stand.heard for each in block.events)
    return [event for event in told if isinstance(event, Noted) and event.kind == "gap"]

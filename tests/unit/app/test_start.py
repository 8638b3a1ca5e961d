"""A run begins with what folding the committed inputs gives: after kills, config changes, clock steps and downtime."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from gateway import recorder as room
from gateway.app_start import Beginning, begin
from gateway.clock import VirtualClock
from gateway.fold import Fold
from gateway.journal import Journal
from gateway.model import (
    Block,
    ClockRow,
    Entry,
    Noted,
    Plain,
    Quality,
    Reading,
    Scan,
    Setting,
    Severity,
    Tick,
)
from gateway.pipeline import Pipeline
from gateway.plain import to_plain
from gateway.recorder import Recorder
from gateway.site import AlarmLimit, Sampling, Site
from tests.unit.fold.line import CELL, characteristic, point, site

COUNTER = f"{CELL}/shots"
ROWS = [
    characteristic("plain", "x"),
    characteristic("own-limits", "x", "ewma", params={"baseline": 3}, key=("recipe",)),
    characteristic("shots", "x", "cusum", sampling=Sampling("counter", counter=COUNTER)),
    characteristic("groups", "x", sampling=Sampling(size=3, on_change="keep"), key=("recipe",)),
    characteristic("lots", "x", "ewma", params={"baseline": 3}, sampling=Sampling("lot")),
    characteristic("grid", "x", "cusum", sampling=Sampling("time", period_ns=3 * 10**9)),
]
POINTS = [
    point("x", high=90.0, max_rate=20.0, frozen_after_ns=6 * 10**9),
    point("shots", "uint16"),
    point("recipe", "uint16"),
]
LIMITS = [AlarmLimit(f"{CELL}/x", "H", 55.0, 1.0, "")]
SITES = [
    site(POINTS, ROWS, LIMITS, other=[point("y")], stale_s=4),
    site([*POINTS, point("z", "int32")], ROWS[1:4], other=[point("y")], stale_s=4),
    site(POINTS[:1], ROWS[:1], LIMITS, stale_s=2),
]

PIPELINES = [Pipeline(each) for each in SITES]  # charts are found on the disk, which no loop may do


class Chance:
    def token(self, nbytes: int) -> bytes:
        return bytes(nbytes)

    def uniform(self) -> float:
        return 0.5


class Box:
    """A gateway that is killed, rebooted and configured anew; beside it a fold of all that it committed."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.random = folder, random.Random(seed)
        self.clock = VirtualClock()
        self.site = SITES[0]
        self.reference = Fold(Pipeline(SITES[0]))
        self.shots = 0
        self.journal: Journal | None = None
        self.going: Block | None = None

    async def commit(self, block: Block) -> None:
        """The store: hands on to the journal, and keeps what may be on the disk when the kill comes."""
        self.going = block
        assert self.journal is not None
        await self.journal.commit(block)

    def heard(self, block: Block) -> None:
        """It is committed, for sure."""
        self.going = None
        for _, given in block.inputs:
            self.reference.take(given)

    def settled(self, journal: Journal) -> None:
        """What was on its way when the kill came is on the disk, or it is not."""
        if self.going is not None and self.going.inputs and self.going.inputs[-1].seq <= journal.last().input:
            self.heard(self.going)
        self.going = None

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Journal]:
        opening = partial(Journal.open, self.folder, site="plant", gateway="gw1")
        journal = await asyncio.to_thread(opening, clock=self.clock, entropy=Chance())
        yield journal
        await asyncio.to_thread(journal.close)

    async def begin(self, journal: Journal) -> Beginning:
        return await asyncio.to_thread(begin, journal, self.site, self.clock)

    def _reading(self) -> Reading:
        groups = self.site.groups()
        group = groups[self.random.choice(sorted(groups))]
        values = [self.random.choice([50.0, 50.5, 49.0, 51.0, 54.0, 57.0, 95.0])]
        self.shots += self.random.choice([0, 1, 1, 3])
        values += [self.shots % 65536, self.random.choice([1, 1, 1, 2]), -self.shots][: len(group.points) - 1]
        raw = [np.array([values[0]], dtype=">f4").view(">u2"), np.array(values[1:3], dtype=np.uint16)]
        raw += [np.array(values[3:], dtype=">i4").view(">u2")]
        quality = np.zeros(len(group.points), dtype=np.uint8)
        words = np.concatenate(raw).astype(np.uint16)
        numbers = np.array(values, dtype=np.float64)
        if self.random.random() < 0.1:
            quality[0], numbers[0], words[:2] = Quality.NO_ANSWER, np.nan, 0
        return Reading(group.id, self.clock.now(), 0, numbers, quality, words)

    def happening(self, recorder: Recorder) -> None:
        match self.random.choice(["read"] * 10 + ["scan", "tick", "note", "ack", "step"]):
            case "read":
                recorder.take(self._reading())
            case "scan":
                place = self.random.choice(["box", "hopper", "hopper-out", "nowhere"])
                recorder.take(Scan(place, self.clock.now(), self.random.choice(["A", "B", "R"])))
            case "tick":
                recorder.take(Tick(self.clock.now()))
            case "note":
                recorder.note(Noted(self.clock.now().time_ns, "unit_dead", "d", Severity.INFO, {}))
            case "ack":
                alarm = next(iter(self.reference.state.alarms.values()), None)
                if alarm is not None:
                    recorder.take(Entry("acknowledge", self.clock.now(), "7", {"alarm": alarm.id}))
            case "step":
                self.clock.step_wall(self.random.choice([-30.0, 3600.0]))
                recorder.take(Setting("clock", self.clock.now(), to_plain(self.clock.row())))

    async def live(self) -> None:
        """One run, killed at some instant."""
        async with self.open() as journal:
            await self._live(journal)

    async def _live(self, journal: Journal) -> None:
        self.journal = journal
        self.settled(journal)
        start = await self.begin(journal)
        assert plain(start.fold) == plain(self.reference)
        recorder = Recorder(
            start.fold,
            self,
            self.clock,
            last=start.last,
            profile="disk",
            committed=self.heard,
            owed_ns=start.owed_ns,
        )
        for setting in start.settings:
            recorder.take(setting)
        running = asyncio.create_task(recorder.run())
        for _ in range(self.random.randint(1, 60)):
            self.happening(recorder)
            await self.clock.advance(self.random.choice([0.1, 0.1, 0.5, 1.0, 5.0]))
            await journal.write(lambda: None)  # a commit that began has ended
            await self.clock.advance(0)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def plain(fold: Fold) -> str:
    return json.dumps(to_plain(fold.state))


@pytest.mark.long
@pytest.mark.parametrize("seed", range(6))
async def test_a_snapshot_and_the_rest_and_all_inputs_from_the_first_give_the_committed_state(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "REPLAY_LIMIT_NS", -1)  # a snapshot with every block
    box = Box(tmp_path, seed)
    for _ in range(6):
        await box.live()
        await box.clock.advance(box.random.choice([1.0, 100.0]))
        box.site = box.random.choice(SITES)
    async with box.open() as journal:
        box.settled(journal)
        with_snapshot = await box.begin(journal)
        assert (await asyncio.to_thread(journal.recover)).snapshot is not None
        await journal.write(lambda: journal._db.execute("DELETE FROM snapshots"))  # noqa: SLF001
        without = await box.begin(journal)
    assert plain(with_snapshot.fold) == plain(box.reference)
    assert plain(without.fold) == plain(box.reference)


async def committed(journal: Journal, start: Beginning, *more: Setting) -> None:
    recorder = Recorder(
        start.fold, journal, start.clock, last=start.last, profile="disk", committed=lambda _: None
    )
    for setting in (*start.settings, *more):
        recorder.take(setting)
    recorder.stop()
    await recorder.run()


async def test_a_snapshot_of_no_use_costs_time_and_not_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(room, "REPLAY_LIMIT_NS", -1)
    box = Box(tmp_path, 1)
    await box.live()
    async with box.open() as journal:
        box.settled(journal)
        old = b'{"is": "State", "of": "another program"}'
        await journal.write(lambda: journal._write_snapshot(journal.last().input, old))  # noqa: SLF001
        start = await box.begin(journal)
    assert plain(start.fold) == plain(box.reference)
    assert "is of no use" in caplog.text


async def test_a_config_that_cannot_be_read_back_does_not_end_the_start(tmp_path: Path) -> None:
    box = Box(tmp_path, 1)
    async with box.open() as journal:
        start = await box.begin(journal)
        body: dict[str, Plain] = {"site": {"is": "Site", "planets": []}, "hash": "strange"}
        await committed(journal, start, Setting("config", box.clock.now(), body))
    async with box.open() as journal:
        kinds = [setting.kind for setting in (await box.begin(journal)).settings]
    assert kinds == ["config", "start"]


async def test_the_newest_config_is_set_again_when_it_is_not_in_force(tmp_path: Path) -> None:
    """Its hash is the newest in the journal, but this program could not fold it when it read it back."""
    box = Box(tmp_path, 1)
    async with box.open() as journal:
        start = await box.begin(journal)
        body: dict[str, Plain] = {
            "site": {"is": "Site", "planets": []},
            "hash": start.settings[0].body["hash"],
        }
        await committed(journal, start, Setting("config", box.clock.now(), body))
    box.site = SITES[0]
    async with box.open() as journal:
        again = await box.begin(journal)
        assert again.fold.pipeline.site == SITES[0]
    assert [setting.kind for setting in again.settings] == ["start"]


async def test_the_clock_row_goes_on_where_it_holds(tmp_path: Path) -> None:
    box = Box(tmp_path, 1)
    async with box.open() as journal:
        await committed(journal, await box.begin(journal))
    await box.clock.advance(60)
    async with box.open() as journal:
        assert [setting.kind for setting in (await box.begin(journal)).settings] == ["start"]
    box.clock.step_wall(3600)
    async with box.open() as journal:
        start = await box.begin(journal)
    assert [setting.kind for setting in start.settings] == ["clock", "start"]
    assert start.settings[0].body["clock_id"] == start.settings[0].at.clock_id == 2
    assert start.settings[1].body["stopped_seconds"] == 60.0  # an hour of it is the step


async def test_the_downtime_over_a_reboot_is_told_by_wall_time(tmp_path: Path) -> None:
    box = Box(tmp_path, 1)
    async with box.open() as journal:
        await committed(journal, await box.begin(journal))
    row: ClockRow = replace(box.clock.row(), clock_id=2, boot_id="another", boottime_ns=5)
    box.clock._row = row  # noqa: SLF001
    await box.clock.advance(60)
    async with box.open() as journal:
        start = await box.begin(journal)
        assert "stopped_seconds" not in start.settings[-1].body
        events = [event for setting in start.settings for event in start.fold.take(setting).events]
    (gap,) = [event for event in events if isinstance(event, Noted) and event.kind == "gap"]
    assert gap.facts["seconds"] == 60.0


async def test_a_site_that_makes_no_pipeline_does_not_begin(tmp_path: Path) -> None:
    bad: Site = site(POINTS, [characteristic("c", "x", params={"sigma": -1.0})])
    box = Box(tmp_path, 1)
    box.site = bad
    async with box.open() as journal:
        with pytest.raises(ValueError, match="sigma"):
            await box.begin(journal)

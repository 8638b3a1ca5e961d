"""A recording through the whole gateway: played as registers, read, journalled, published, ingested, and compared.

Rule: every row arrives, its number and its own time exact, every value equal to the recorded one as the shortest
decimal of its float32; what the recording misses arrives as bad because it is not a number.
"""

from __future__ import annotations

import asyncio
import json
import math
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from gateway.demo.broker import start_broker
from gateway.demo.curtain import caught_up, look
from gateway.demo.process import Child
from gateway.demo.stage import Stage
from gateway.journal import JournalReader, open_readers
from gateway.layout import Layout
from gateway.model import Quality, Reading
from gateway.ports import Clock
from simulators.player import DEVICE, ROW, ROW_TIME
from simulators.recording import Recording, read_recording

PATIENCE_NS = 180_000_000_000  # without a step forward


@dataclass
class Played:
    """What arrived of a recording."""

    rows: int  # recorded
    values: int  # compared
    missing: int = 0  # rows that did not arrive
    wrong: int = 0  # values or times that arrived as others
    seconds: float = 0.0
    examples: list[str] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        return not (self.missing or self.wrong)

    def says(self, example: str) -> None:
        if len(self.examples) < 10:
            self.examples.append(example)


def compare(recording: Recording, replica: Path) -> Played:
    """A recording against a replica (or a folder of them, or a journal)."""
    arrived = rows_of(replica)
    played = Played(len(recording.rows), len(recording.rows) * len(recording.names))
    for number, (when_ms, recorded) in enumerate(zip(recording.times_ms, recording.rows, strict=True), 1):
        if number not in arrived:
            played.missing += 1
            played.says(f"row {number} is not there")
            continue
        came_ms, values, quality = arrived[number]
        if came_ms != when_ms:
            played.wrong += 1
            played.says(f"row {number}: its time is {came_ms}, recorded {when_ms}")
        for name, was, has, judged in zip(recording.names, recorded, values, quality, strict=True):
            if not _same(was, has, judged):
                played.wrong += 1
                played.says(f"row {number}: {name} is {has}, recorded {was}")
    return played


def _same(recorded: float, arrived: str, quality: int) -> bool:
    if math.isnan(recorded):
        return quality == Quality.NOT_A_NUMBER
    return quality < Quality.BAD and arrived == str(np.float32(recorded))


def rows_of(replica: Path) -> dict[int, tuple[int, list[str], list[int]]]:
    """By row: its own time, its values as shortest decimals in their own type, their qualities. First sight counts."""
    found: dict[int, tuple[int, list[str], list[int]]] = {}
    for reader in open_readers(replica):
        with reader:
            site = reader.site()
            if site is None:
                continue
            groups = {name: [p.name for p in group.points] for name, group in site.groups().items()}
            layouts: dict[str, Layout] = {name: group.layout() for name, group in site.groups().items()}
            for _, given in reader.inputs(1, reader.last().input):
                if isinstance(given, Reading) and ROW in groups.get(given.group, ()):
                    _take(found, given, groups[given.group], layouts[given.group])
    return found


def _take(
    found: dict[int, tuple[int, list[str], list[int]]], given: Reading, names: list[str], layout: Layout
) -> None:
    row, when = names.index(ROW), names.index(ROW_TIME)
    if given.quality[row] >= Quality.BAD:
        return
    typed = [column[0] for column in layout.typed(given.raw[None, :])]
    columns = range(when + 1, len(names))
    values = [str(typed[place]) for place in columns]
    found.setdefault(
        int(typed[row]), (int(typed[when]), values, [int(given.quality[place]) for place in columns])
    )


async def through_gateway(file: Path, folder: Path, clock: Clock, *, poll: str = "5ms") -> Played:
    """Play a file through gateway, broker and ingest worker, all processes of their own. Raises ChildDied."""
    recording = await asyncio.to_thread(read_recording, file)
    began_ns = clock.boottime_ns()
    broker = await start_broker(folder, clock)
    stage = Stage(folder, broker, children={"broker": broker.child} if broker.child is not None else {})
    try:
        play = ["play", str(file), "--period", "0.001", "--patient", "--poll", poll]
        await _start(stage, "player", ["-m", "simulators", *play, "--write-site", str(folder)])
        player = stage.children["player"]
        await _until(lambda: bool(_told(player)), stage, clock)
        # A row counts as read when its answer went out: a gateway that stalls must not give it up.
        given = [*broker.settings(), f"devices.{DEVICE}.timeout=60s"]
        site = [str(folder / "site.yaml"), *(part for setting in given for part in ("--set", setting))]
        await _start(stage, "ingest", ["-m", "gateway", "ingest", *site, "--data", str(stage.replicas)])
        await _start(stage, "gateway", ["-m", "gateway", "run", *site, "--data", str(stage.journal)])
        await _until(lambda: "played" in _told(player), stage, clock)
        last = await asyncio.to_thread(_last, stage.journal)
        await _until(lambda: _last(stage.journal) > last + 5, stage, clock)  # the last row is in it too
        await stage.stop("gateway", clock)
        await caught_up(stage, clock)
        await stage.stop("ingest", clock)
    finally:
        for child in reversed(stage.children.values()):
            await child.kill()
    played = await asyncio.to_thread(compare, recording, folder / "replicas")
    played.seconds = (clock.boottime_ns() - began_ns) / 1e9
    return played


async def _start(stage: Stage, name: str, words: list[str]) -> None:
    await stage.start(name, [sys.executable, *words])


async def _until(done: Callable[[], bool], stage: Stage, clock: Clock) -> None:
    """Wait for it as long as the journal grows. Raises ChildDied, TimeoutError."""
    grown, moved_ns = 0, clock.boottime_ns()
    while not await asyncio.to_thread(done):
        stage.check()
        newest, now = await asyncio.to_thread(_last, stage.journal), clock.boottime_ns()
        if newest > grown:
            grown, moved_ns = newest, now
        if now - moved_ns > PATIENCE_NS:
            raise TimeoutError("\n".join(stage.last_words(name) for name in stage.children))
        await clock.sleep_until(now + 50_000_000)


def _told(player: Child) -> dict[str, object]:
    """What the player has said so far, taken together."""
    told: dict[str, object] = {}
    for line in player.last_words().splitlines():
        told |= json.loads(line)
    return told


def _last(folder: Path) -> int:
    """The newest input there."""
    at = look(folder, JournalReader.last)
    return at.input if at is not None else 0

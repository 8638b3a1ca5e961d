"""The gateway of `benchmarks.outage_day`: a journal filled in virtual time, then recorder, journal and publisher as the
daemon runs them.

``python -m benchmarks._day_gateway fill FOLDER SECONDS``: 200 tags in 10 groups, once a second, folded and committed a
block a second, sealed by the helper; the last reading is of now. ``... run FOLDER PORT``: the same plant goes on live,
commit profile `disk`, publishing to a broker; a line on stdout for each reading that is committed: its seq, when it was
on the wire, when it was committed, monotonic nanoseconds. Ends with stdin.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks._plant import SECOND, T0, Plant
from gateway.clock import SystemClock
from gateway.fold import Fold
from gateway.journal import Journal
from gateway.journal.seal import Sealer
from gateway.journal.signer import signer_of
from gateway.model import Block, Input, NumberedEvent, NumberedInput, Reading, Setting
from gateway.pipeline import Pipeline
from gateway.publish.mqtt import MqttPublisher
from gateway.recorder import Recorder
from gateway.site import Broker, Site

GROUPS, TAGS = 10, 20
BLOCKS = 600  # in one transaction of the filling
BEHIND_NS = 2 * SECOND  # the last reading is a little before now


class Chance:
    """The machine's."""

    def token(self, nbytes: int) -> bytes:
        return os.urandom(nbytes)

    def uniform(self) -> float:
        return int.from_bytes(os.urandom(4)) / 2**32


def site_for(port: int) -> Site:
    return replace(Plant(GROUPS, TAGS).site, broker=Broker("127.0.0.1", port))


def opened(folder: Path) -> Journal:
    site = site_for(0)
    clock = SystemClock(accepted=True)
    return Journal.open(folder, site=site.site, gateway=site.gateway, clock=clock, entropy=Chance())


def days(seconds: int, end_ns: int) -> Iterator[Block]:
    """Second after second through the fold, as the recorder numbers what it keeps."""
    plant = Plant(GROUPS, TAGS)
    shift = end_ns - (T0 + seconds * SECOND)
    fold = Fold(Pipeline(plant.site))
    seq = event_seq = 0
    for some in plant.seconds(seconds):
        inputs: list[NumberedInput] = []
        events: list[NumberedEvent] = []
        for _, given in some:
            step = fold.take(_later(given, shift))
            if step.record is None:
                continue
            seq += 1
            inputs.append(NumberedInput(seq, step.record))
            for event in step.events:
                event_seq += 1
                events.append(NumberedEvent(event_seq, seq, event))
        yield Block(tuple(inputs), tuple(events))


def _later(given: Input, shift: int) -> Input:
    if isinstance(given, Reading | Setting):
        return replace(given, at=given.at._replace(time_ns=given.at.time_ns + shift))
    return given


async def fill(folder: Path, seconds: int) -> None:
    clock = SystemClock(accepted=True)
    end_ns = clock.now().time_ns - BEHIND_NS
    journal = opened(folder)
    try:
        waiting: list[Block] = []
        for block in days(seconds, end_ns):
            waiting.append(block)
            if len(waiting) == BLOCKS:
                journal.take_in(waiting)
                waiting.clear()
        journal.take_in(waiting)
        await Sealer(journal, clock).seal(end_ns - 60 * SECOND)
    finally:
        await asyncio.to_thread(journal.close)


async def run(folder: Path, port: int) -> None:
    clock, chance = SystemClock(accepted=True), Chance()
    site = site_for(port)
    journal = await asyncio.to_thread(opened, folder)
    signer = await asyncio.to_thread(signer_of, journal, clock, chance)
    publisher = MqttPublisher(journal, site, clock, chance, ledger=signer)
    wired: dict[int, int] = {}

    def committed(block: Block) -> None:
        publisher.offer(block)
        at = time.monotonic_ns()
        lines = (f"{seq} {wired.pop(given.at.boottime_ns, at)} {at}" for seq, given in block.inputs)
        sys.stdout.write("\n".join(lines) + "\n")
        sys.stdout.flush()

    fold = Fold(Pipeline(site))
    recorder = Recorder(fold, journal, clock, last=journal.last(), profile="disk", committed=committed)
    tasks = [asyncio.create_task(each.run()) for each in (publisher, signer, recorder)]
    tasks.append(asyncio.create_task(live(site, recorder, clock, wired)))
    try:
        await asyncio.to_thread(sys.stdin.buffer.read)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.to_thread(journal.close)


async def live(site: Site, recorder: Recorder, clock: SystemClock, wired: dict[int, int]) -> None:
    """Each group once a second, evenly spread over it."""
    chance = np.random.default_rng(5)
    groups = list(site.groups().values())
    due = clock.boottime_ns()
    while True:
        for group in groups:
            due += SECOND // len(groups)
            await clock.sleep_until(due)
            layout, at = group.layout(), clock.now()
            raw = chance.integers(0, 2_000, layout.words).astype(np.uint16)
            quality = np.zeros(len(group.points), dtype=np.uint8)
            wired[at.boottime_ns] = time.monotonic_ns()
            recorder.take(Reading(group.id, at, 1_000_000, layout.values(raw), quality, raw))


if __name__ == "__main__":
    what, place, number = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    asyncio.run(fill(place, number) if what == "fill" else run(place, number))

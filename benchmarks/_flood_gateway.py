"""The gateway of `benchmarks.ingest_throughput`: commits and publishes live blocks as fast as the link takes them.

``python -m benchmarks._flood_gateway FOLDER PORT GROUPS TAGS BLOCKS compact|json``: each block is one reading of each
of GROUPS groups of TAGS tags, half float32 of random bits, half uint16. Prints the last seq when all is committed, then
publishes on until stdin ends.
"""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks._day_gateway import Chance
from gateway.clock import SystemClock
from gateway.journal import Journal
from gateway.journal.signer import signer_of
from gateway.layout import Field
from gateway.model import Block, NumberedInput, Reading, Setting
from gateway.plain import to_plain
from gateway.publish.mqtt import MqttPublisher
from gateway.site import Broker, Bus, Device, Group, Point, Site
from gateway.site.links import COMPACT

SITE = "flood"
ON_THE_WAY = 2_000  # readings that no broker has acknowledged: more would go by the journal


def site_of(groups: int, tags: int) -> Site:
    devices = []
    for number in range(groups):
        name, cell = f"press{number}", f"hall/line/press{number}"
        points = tuple(
            Point(
                f"r{index}",
                f"{cell}/r{index}",
                Field("float32" if index % 2 else "uint16"),
                "holding",
                2 * index,
            )
            for index in range(tags)
        )
        group = Group(f"{name}/fast", name, 100_000_000, points, 10**10)
        devices.append(Device(name, "bus", "load", 1, cell, (group,)))
    return Site(SITE, "box", (Bus("bus", "modbus.tcp", "127.0.0.1:502"),), tuple(devices))


async def run(folder: Path, port: int, groups: int, tags: int, blocks: int, form: str) -> None:
    clock, chance = SystemClock(accepted=True), Chance()
    broker = Broker("127.0.0.1", port, inflight=200, in_json=COMPACT if form == "json" else ())
    site = replace(site_of(groups, tags), broker=broker)
    journal = await asyncio.to_thread(
        lambda: Journal.open(folder, site=site.site, gateway=site.gateway, clock=clock, entropy=chance)
    )
    signer = await asyncio.to_thread(signer_of, journal, clock, chance)
    publisher = MqttPublisher(journal, site, clock, chance, ledger=signer)
    tasks = [asyncio.create_task(publisher.run()), asyncio.create_task(signer.run())]
    config = Setting("config", clock.now(), {"site": to_plain(site), "hash": "flood"})
    try:
        seq = 1
        first = Block((NumberedInput(1, config),), ())
        await journal.commit(first)
        publisher.offer(first)
        while not publisher.online or publisher.behind():  # noqa: ASYNC110 # a benchmark's own wait
            await asyncio.sleep(0.01)
        random, layout = np.random.default_rng(7), next(iter(site.groups().values())).layout()
        quality = np.zeros(tags, dtype=np.uint8)
        for _ in range(blocks):
            inputs = []
            words = random.integers(0, 2**16, (groups, layout.words)).astype(np.uint16)
            for group, raw in zip(site.groups(), words, strict=True):
                seq += 1
                reading = Reading(group, clock.now(), 1_000_000, layout.values(raw), quality, raw)
                inputs.append(NumberedInput(seq, reading))
            block = Block(tuple(inputs), ())
            await journal.commit(block)
            publisher.offer(block)
            while publisher.behind() > ON_THE_WAY:  # noqa: ASYNC110 # a benchmark's own wait
                await asyncio.sleep(0.002)
        print(seq, flush=True)
        await asyncio.to_thread(sys.stdin.buffer.read)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.to_thread(journal.close)


if __name__ == "__main__":
    place, (address, groups, tags, blocks), wanted = sys.argv[1], map(int, sys.argv[2:6]), sys.argv[6]
    asyncio.run(run(Path(place), address, groups, tags, blocks, wanted))

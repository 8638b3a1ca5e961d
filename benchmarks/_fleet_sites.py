"""Many gateways in one process, for `benchmarks.fleet`: journals, signers and publishers as the daemon has them.

``python -m benchmarks._fleet_sites PORT FOLDER SITES SECONDS``; each site commits 4 groups of 50 float32 once a second.
After the seconds it goes on publishing, without new readings, until stdin ends.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import numpy as np

from gateway.clock import SystemClock
from gateway.journal import Journal
from gateway.journal.signer import signer_of
from gateway.layout import Field
from gateway.model import Block, NumberedInput, Reading, Setting
from gateway.plain import to_plain
from gateway.publish.mqtt import MqttPublisher
from gateway.site import Broker, Bus, Device, Group, Point, Site

GROUPS, POINTS, PERIOD_S = 4, 50, 1.0


class Chance:
    """The machine's."""

    def token(self, nbytes: int) -> bytes:
        return os.urandom(nbytes)

    def uniform(self) -> float:
        return int.from_bytes(os.urandom(4)) / 2**32


def plant(name: str, port: int) -> Site:
    """A site of four presses with fifty float32 each."""
    devices = []
    for number in range(GROUPS):
        press, cell = f"press{number}", f"hall/line/press{number}"
        points = tuple(
            Point(f"r{index}", f"{cell}/r{index}", Field("float32"), "holding", 2 * index)
            for index in range(POINTS)
        )
        group = Group(f"{press}/fast", press, 1_000_000_000, points, 10**10)
        devices.append(Device(press, "bus", "load", 1, cell, (group,)))
    bus = Bus("bus", "modbus.tcp", "127.0.0.1:502")
    return Site(name, "box", (bus,), tuple(devices), broker=Broker("127.0.0.1", port))


async def run_site(name: str, port: int, folder: Path, stop: asyncio.Event, phase: float) -> None:
    """One gateway until `stop`, then its publisher alone."""
    clock, chance = SystemClock(accepted=True), Chance()
    site = plant(name, port)
    journal = await asyncio.to_thread(
        lambda: Journal.open(folder / name, site=name, gateway="box", clock=clock, entropy=chance)
    )
    signer = await asyncio.to_thread(signer_of, journal, clock, chance)
    publisher = MqttPublisher(journal, site, clock, chance, ledger=signer)
    tasks = [asyncio.create_task(publisher.run()), asyncio.create_task(signer.run())]
    try:
        await journal.commit(
            Block(
                (NumberedInput(1, Setting("config", clock.now(), {"site": to_plain(site), "hash": "b"})),), ()
            )
        )
        await asyncio.sleep(phase)
        await _feed(site, journal, publisher, clock, stop)
        await asyncio.Event().wait()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.to_thread(journal.close)


async def _feed(
    site: Site, journal: Journal, publisher: MqttPublisher, clock: SystemClock, stop: asyncio.Event
) -> None:
    random = np.random.default_rng(abs(hash(site.site)) % 2**32)
    groups, last = list(site.groups()), 1
    level = random.uniform(20.0, 250.0, (GROUPS, POINTS))
    due = clock.boottime_ns()
    while not stop.is_set():
        level += random.normal(0.0, 0.02, level.shape)
        inputs = []
        for row, group in zip(level, groups, strict=True):
            last += 1
            values = np.round(row, 2).astype(np.float32)
            raw = values.astype(">f4").view(">u2").astype(np.uint16)
            quality = np.zeros(POINTS, dtype=np.uint8)
            inputs.append(
                NumberedInput(last, Reading(group, clock.now(), 0, values.astype(np.float64), quality, raw))
            )
        block = Block(tuple(inputs), ())
        await journal.commit(block)
        publisher.offer(block)
        due += round(PERIOD_S * 1e9)
        await clock.sleep_until(due)


async def main() -> None:
    port, folder, sites, seconds = int(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
    stop = asyncio.Event()
    tasks = [
        asyncio.create_task(run_site(f"site{number:03d}", port, folder, stop, number / sites))
        for number in range(sites)
    ]
    asyncio.get_running_loop().call_later(seconds, stop.set)
    reading = asyncio.create_task(asyncio.to_thread(sys.stdin.buffer.read))
    done, _ = await asyncio.wait([reading, *tasks], return_when=asyncio.FIRST_COMPLETED)
    for task in done - {reading}:
        task.result()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


if __name__ == "__main__":
    asyncio.run(main())

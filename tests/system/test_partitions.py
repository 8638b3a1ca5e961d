"""Partition workers on a real mosquitto: killed under load, taken over, taken back; everything arrives once."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from gateway.clock import SystemClock
from gateway.ingest.audit import audit
from gateway.ingest.partitions import partition_of
from gateway.journal import Journal, JournalError
from gateway.model import Block
from gateway.publish.mqtt import MqttPublisher
from gateway.site import Broker
from tests.system.test_mqtt_replica import Chance
from tests.unit.wire import samples

DEADLINE_S = 180.0  # on a machine that is busy with something else
SITES = ("north", "south", "east", "west")


class Worker:
    """A process, whose stderr tells which partitions it has had."""

    def __init__(self, port: int, folder: Path, name: str, *more: str) -> None:
        self._command = [sys.executable, "-m", "gateway", "ingest", "--broker", f"mqtt://127.0.0.1:{port}"]
        self._command += ["--data", str(folder / "replicas"), *more]
        self._log = folder / f"{name}.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, stderr=log)

    def end(self, how: signal.Signals) -> int:
        assert self._process is not None
        self._process.send_signal(how)
        return self._process.wait(DEADLINE_S)

    def said(self, words: str) -> int:
        assert self._process is not None
        assert self._process.poll() is None, self._log.read_text("utf-8")
        return self._log.read_text("utf-8").count(words)


class Plant:
    """One site: a journal and its publisher, fed until told to stop."""

    def __init__(self, folder: Path, site: str, broker: Broker) -> None:
        self.folder, self._replicas = folder / site, folder / "replicas"
        clock = SystemClock()
        self._journal = Journal.open(self.folder, site=site, gateway="gw1", clock=clock, entropy=Chance())
        self._publisher = MqttPublisher(
            self._journal, replace(samples.site(broker), site=site), clock, Chance()
        )
        self.last = 0

    async def run(self, stop: asyncio.Event) -> None:
        task = asyncio.create_task(self._publisher.run())
        try:
            while not stop.is_set():
                given = samples.inputs(self.last + 1, self.last + 5)
                if not self.last:
                    given[0] = samples.config(1)
                self.last += 5
                block = Block(tuple(given), ())
                await self._journal.commit(block)
                self._publisher.offer(block)
                await asyncio.sleep(0.05)
            await until(self.whole, f"the replica of {self.folder.name} is whole")
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            self._journal.close()

    def whole(self) -> bool:
        with contextlib.suppress(JournalError):
            return audit(self.folder, self._replicas).clean
        return False


async def until(true: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + DEADLINE_S
    while not await asyncio.to_thread(true):
        assert time.monotonic() < end, f"{what}: not within {DEADLINE_S} s"
        await asyncio.sleep(0.2)  # an audit is work


async def test_a_worker_killed_under_load_is_replaced_and_may_come_back(own_mosquitto, tmp_path):
    assert {partition_of(site, 2) for site in SITES} == {0, 1}
    port, has = own_mosquitto.port, "has partition"
    owner = Worker(port, tmp_path, "owner", "--partition", "0-1/2")
    other = Worker(port, tmp_path, "standby", "--standby", "0-1/2")
    owner.start()
    await until(lambda: owner.said(has) == 2, "the owner has both partitions")
    other.start()
    stop = asyncio.Event()
    plants = [Plant(tmp_path, site, Broker("127.0.0.1", port)) for site in SITES]
    async with asyncio.TaskGroup() as group:
        for plant in plants:
            group.create_task(plant.run(stop))
        await until(lambda: stored(tmp_path) == len(SITES), "something of every site is stored")
        assert other.said(has) == 0  # it left alone what was held
        owner.end(signal.SIGKILL)
        await until(lambda: other.said(has) == 2, "the standby has taken both")
        owner.start()
        await until(lambda: other.said("was taken over by") == 2, "the owner has taken them back")
        await until(lambda: owner.said(has) == 4, "and is subscribed")
        owner.end(signal.SIGTERM)
        await until(lambda: other.said(has) == 4, "the standby has taken both again")
        stop.set()
    assert other.end(signal.SIGTERM) == 0
    for plant in plants:
        report = audit(plant.folder, tmp_path / "replicas")
        assert report.findings == ()
        assert report.compared["input"] == plant.last


async def test_more_partitions_move_sites_and_lose_nothing(own_mosquitto, tmp_path):
    """The session of partition 0 of 1 goes on as 0 of 2, and drops what is partition 1's by then."""
    port, has = own_mosquitto.port, "has partition"
    one = Worker(port, tmp_path, "one", "--partition", "0/1")
    one.start()
    await until(lambda: one.said(has) == 1, "one worker has everything")
    stop = asyncio.Event()
    plants = [Plant(tmp_path, site, Broker("127.0.0.1", port)) for site in SITES]
    async with asyncio.TaskGroup() as group:
        for plant in plants:
            group.create_task(plant.run(stop))
        await until(lambda: stored(tmp_path) == len(SITES), "something of every site is stored")
        assert one.end(signal.SIGTERM) == 0
        two = [Worker(port, tmp_path, f"w{number}", "--partition", f"{number}/2") for number in (0, 1)]
        for worker in two:
            worker.start()
        await until(lambda: [each.said(has) for each in two] == [1, 1], "each has its partition")
        stop.set()
    assert [worker.end(signal.SIGTERM) for worker in two] == [0, 0]
    for plant in plants:
        assert audit(plant.folder, tmp_path / "replicas").findings == ()


def stored(folder: Path) -> int:
    return sum(1 for _ in (folder / "replicas").glob("*/*/journal.sqlite"))

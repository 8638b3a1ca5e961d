"""Publisher, real mosquitto, ingest process, replica: everything arrives, once, equal."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from gateway.clock import SystemClock
from gateway.ingest.audit import audit
from gateway.journal import Journal, JournalError
from gateway.model import Block, NumberedEvent
from gateway.publish.mqtt import MqttPublisher
from gateway.site import Broker
from tests.unit.wire import samples

DEADLINE_S = 180.0  # on a machine that is busy with something else


class Chance:
    def token(self, nbytes: int) -> bytes:
        return os.urandom(nbytes)

    def uniform(self) -> float:
        return 0.5


class Ingest:
    """The worker as a process."""

    def __init__(self, port: int, data: Path, *more: str) -> None:
        self._command = [sys.executable, "-m", "gateway", "ingest", "--broker", f"mqtt://127.0.0.1:{port}"]
        self._command += ["--data", str(data), *more]
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL)

    def end(self, how: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(how)
        return self.process.wait(DEADLINE_S)


@asynccontextmanager
async def publishing(journal: Journal, broker: Broker):
    publisher = MqttPublisher(journal, samples.site(broker), SystemClock(), Chance())
    task = asyncio.create_task(publisher.run())
    try:
        yield publisher
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def commit(journal: Journal, publisher: MqttPublisher, first: int, last: int) -> None:
    given = samples.inputs(first, last)
    events: tuple[NumberedEvent, ...] = ()
    if first == 1:
        given[0] = samples.config(1)
        events = samples.every_kind().events
    block = Block(tuple(given), events)
    await journal.commit(block)
    publisher.offer(block)


async def until(true: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + DEADLINE_S
    while not true():
        assert time.monotonic() < end, f"{what}: not within {DEADLINE_S} s"
        await asyncio.sleep(0.05)


async def until_seen(true: Callable[[], bool], what: str) -> None:
    """The same of files and servers: looked at in a thread, so that the publisher of this loop works on meanwhile."""
    end = time.monotonic() + DEADLINE_S
    while not await asyncio.to_thread(true):
        assert time.monotonic() < end, f"{what}: not within {DEADLINE_S} s"
        await asyncio.sleep(0.05)


@pytest.fixture
def journal(tmp_path):
    made = Journal.open(
        tmp_path / "journal", site="north", gateway="gw1", clock=SystemClock(), entropy=Chance()
    )
    yield made
    made.close()


async def test_a_journal_is_rebuilt_from_mqtt_alone(own_mosquitto, journal, tmp_path):
    worker = Ingest(own_mosquitto.port, tmp_path / "replicas")
    worker.start()
    async with publishing(journal, Broker("127.0.0.1", own_mosquitto.port)) as publisher:
        for block in range(20):
            await commit(journal, publisher, block * 20 + 1, block * 20 + 20)
        await publisher.drained()
        await until_seen(lambda: whole(tmp_path), "the replica is whole")
    assert worker.end(signal.SIGTERM) == 0
    report = audit(tmp_path / "journal", tmp_path / "replicas")
    assert report.findings == ()
    assert report.compared["input"] == 400
    assert report.compared["event"] == len(samples.every_kind().events)


async def test_a_broker_that_forgets_everything_loses_nothing(own_mosquitto, journal, tmp_path):
    """Power cut at the broker, its disk gone: what it had acknowledged is sent again."""
    worker = Ingest(own_mosquitto.port, tmp_path / "replicas")
    async with publishing(journal, Broker("127.0.0.1", own_mosquitto.port)) as publisher:
        await commit(journal, publisher, 1, 50)  # nobody has ever subscribed: taken, and gone
        await until(lambda: publisher.behind() == 0, "the broker has taken it")
        own_mosquitto.kill()
        for left in (tmp_path / "mosquitto").glob("*.db"):
            left.unlink()
        own_mosquitto.start()
        worker.start()
        await commit(journal, publisher, 51, 60)
        await until_seen(lambda: whole(tmp_path), "the replica is whole")
    assert worker.end(signal.SIGTERM) == 0


def whole(folder: Path) -> bool:
    with contextlib.suppress(JournalError):
        return audit(folder / "journal", folder / "replicas").clean
    return False

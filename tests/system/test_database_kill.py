"""The ingest worker with a real database behind it, killed at random: replica and database hold everything."""

from __future__ import annotations

import asyncio
import random
import signal
import time
import urllib.request

from gateway.clock import SystemClock
from gateway.ingest.audit import audit
from gateway.ingest.audit_sources import VictoriaSource
from gateway.journal import Journal
from gateway.model import Block, NumberedInput, Setting
from gateway.plain import to_plain
from gateway.site import Broker, Database
from tests.system.test_mqtt_replica import DEADLINE_S, Chance, Ingest, held, publishing, until_seen
from tests.unit.wire import samples


def flush(url: str) -> None:
    """What the database took becomes visible now, not in ten seconds."""
    with urllib.request.urlopen(f"{url}/internal/force_flush") as answer:
        assert answer.status == 200


async def test_killed_with_a_database_behind(own_mosquitto, victoria, tmp_path):
    site = f"kill-{time.time_ns()}"  # no other test's
    url = f"http://127.0.0.1:{victoria.port}"
    clock = SystemClock()
    journal = Journal.open(tmp_path / "journal", site=site, gateway="gw1", clock=clock, entropy=Chance())
    worker = Ingest(
        own_mosquitto.port, tmp_path / "replicas", "--database", url, "--database-kind", "victoriametrics"
    )
    worker.start()
    chance = random.Random(4)
    try:
        async with publishing(journal, Broker("127.0.0.1", own_mosquitto.port)) as publisher:
            config = Setting("config", samples.at(1), {"site": to_plain(samples.site()), "hash": "h"})
            last = 0
            for life in range(4):
                stored, began = held(tmp_path, journal), time.monotonic()
                seconds, works = (
                    chance.uniform(0.4, 1.0),
                    life % 2 == 1,
                )  # every other one has stored something
                while time.monotonic() < began + seconds or (works and held(tmp_path, journal) <= stored):
                    assert time.monotonic() < began + DEADLINE_S, "a worker stores nothing"
                    given = samples.inputs(last + 1, last + 10)
                    if last == 0:
                        given[0] = NumberedInput(1, config)
                    block = Block(tuple(given), ())
                    await journal.commit(block)
                    publisher.offer(block)
                    last += 10
                    await asyncio.sleep(0.03)
                worker.end(signal.SIGKILL)
                worker.start()
            await publisher.drained()
            source = VictoriaSource(Database(url, kind="victoriametrics"))

            def whole() -> bool:
                if held(tmp_path, journal) != last:
                    return False
                flush(url)
                return audit(tmp_path / "journal", tmp_path / "replicas", database=source).clean

            await until_seen(whole, "replica and database are whole")
        worker.end(signal.SIGTERM)  # the last one may be too young to end in good order
        report = audit(tmp_path / "journal", tmp_path / "replicas", database=source)
        assert report.findings == ()
        assert report.compared["input"] == last
        assert report.compared["database"] > last
    finally:
        journal.close()
        if worker.process is not None and worker.process.poll() is None:
            worker.end(signal.SIGKILL)

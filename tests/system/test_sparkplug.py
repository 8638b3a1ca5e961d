"""Our edge node and our host on a real mosquitto, recorded by a third client; LOTWATCH_CAPTURE=FILE keeps it."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import urllib.parse
import urllib.request
from contextlib import asynccontextmanager
from pathlib import Path

from gateway.clock import SystemClock
from gateway.ingest.sparkplug import HostLink, SparkplugHost
from gateway.ports import Watermark
from gateway.publish.sparkplug import SparkplugPublisher
from gateway.site import Broker, Database, Sparkplug
from gateway.sparkplug.host import rebirth_request
from gateway.tasks import ended
from tests.system.test_mqtt_replica import Chance, Ingest, commit, journal, until, until_seen
from tests.tck.capture import dump, load
from tests.tck.edge_checks import CHECKS
from tests.tck.record import Recorder
from tests.unit.wire import samples

__all__ = ["journal"]  # a fixture

CONNECTIONS = (
    "bdseq",
    "bdseq_grows",
    "will",
    "subscribed",
    "leaves",
    "birth_first",
)  # the recorder sees none of them


class Lines:
    """A database that takes everything."""

    def __init__(self) -> None:
        self.written: list[str] = []

    def write(self, body: str, precision: str) -> None:
        del precision
        self.written += body.splitlines()


@asynccontextmanager
async def hosted(broker: Broker, lines: Lines):
    clock = SystemClock()
    link = await asyncio.to_thread(HostLink, broker, "acme", "scada", clock)
    host = SparkplugHost(link, Database("http://nowhere"), clock, lines)
    await asyncio.to_thread(link.open)
    thread = threading.Thread(target=host.run)
    thread.start()
    try:
        yield host
    finally:
        host.stop()
        await asyncio.to_thread(thread.join)
        await asyncio.to_thread(link.close)


@asynccontextmanager
async def node(journal, broker: Broker):
    settings = Sparkplug("acme", "n1", "scada", (broker,))
    publisher = SparkplugPublisher(journal, samples.site(), settings, SystemClock(), Chance())
    task = asyncio.create_task(publisher.run())
    try:
        yield publisher
    finally:
        await ended(task)


async def test_a_session_on_a_real_broker(own_mosquitto, journal, tmp_path):
    broker, lines = Broker("127.0.0.1", own_mosquitto.port), Lines()
    recorder = await asyncio.to_thread(Recorder, "127.0.0.1", own_mosquitto.port)
    try:
        async with node(journal, broker) as publisher:
            await commit(journal, publisher, 1, 20)
            await asyncio.sleep(0)
            assert recorder.count("NBIRTH") == 0, "it waits for its host"
            async with hosted(broker, lines) as host:
                await until(lambda: recorder.count("DBIRTH") >= 1, "births")
                await commit(journal, publisher, 21, 60)
                await until(lambda: any("value_i=" in line for line in lines.written), "values of the host")
                ask = rebirth_request("acme", "n1", 1)
                born = recorder.count("NBIRTH")
                await asyncio.to_thread(recorder.tell, ask.topic, ask.payload)
                await until(lambda: recorder.count("NBIRTH") > born, "a rebirth")
                await commit(journal, publisher, 61, 80)
                await until(lambda: recorder.count("DDATA") >= 18, "data")
                assert host.counts.dropped == 0
            await until(lambda: recorder.count("NDEATH") >= 1, "the node dies with its host")
            born = recorder.count("NBIRTH")
            async with hosted(broker, lines):
                await until(lambda: recorder.count("NBIRTH") > born, "the next session")
        await until(lambda: recorder.packets[-1].verb == "NDEATH", "a wanted end")
        mark = await journal.cursor("mqtt")
        assert mark == Watermark(), "Sparkplug moves no watermark"
    finally:
        await asyncio.to_thread(recorder.close)
    own = [packet for packet in recorder.packets if packet.verb and packet.verb != "NCMD"]
    kept = Path(os.environ.get("LOTWATCH_CAPTURE", tmp_path / "session.json"))
    await asyncio.to_thread(dump, own, kept)
    session = await asyncio.to_thread(load, kept)
    problems = {
        check.__name__: found
        for check in CHECKS.values()
        if check.__name__ not in CONNECTIONS and (found := list(check(session)))
    }
    assert problems == {}


def exported(port: int) -> str:
    """What the database has of node n1."""
    base = f"http://127.0.0.1:{port}"
    urllib.request.urlopen(f"{base}/internal/force_flush", timeout=60).close()
    match = urllib.parse.quote('{node="n1"}')
    with urllib.request.urlopen(f"{base}/api/v1/export?match[]={match}", timeout=60) as answer:
        text: str = answer.read().decode()
    return text


async def test_ingest_as_host_writes_a_foreign_node_to_the_database(
    own_mosquitto, victoria, journal, tmp_path
):
    worker = Ingest(
        own_mosquitto.port, tmp_path / "replicas",
        "--database", f"http://127.0.0.1:{victoria.port}", "--database-kind", "victoriametrics",
        "--sparkplug", "acme", "--sparkplug-host", "scada",
    )  # fmt: skip
    worker.start()
    async with node(journal, Broker("127.0.0.1", own_mosquitto.port)) as publisher:
        await commit(journal, publisher, 1, 20)
        await until_seen(lambda: '"point":"melt_temp"' in exported(victoria.port), "values in the database")
    await until_seen(
        lambda: "[160" in exported(victoria.port).replace(",160", "[160"), "stale after the death"
    )
    assert worker.end(signal.SIGTERM) == 0
    assert not list((tmp_path / "replicas").glob("*/journal*")), "no replica is made of it"

"""Holes on a real broker: a replica that is lost with its host, and records that nobody has any more."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

import orjson
import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from gateway.ingest.replicas import replica_folder
from gateway.journal import JournalReader
from gateway.journal.replica import Replica
from gateway.model import Block
from gateway.ports import Watermark
from gateway.publish.session import LIVE_EXPIRY_S
from gateway.site import Broker
from gateway.wire import Stored, parse, parse_stored
from tests.system.test_alarm_command import lotwatch
from tests.system.test_mqtt_replica import (
    DEADLINE_S,
    Ingest,
    commit,
    journal,
    publishing,
    until_seen,
    whole,
)
from tests.unit.wire import samples

__all__ = ["journal"]  # a fixture
CONFIG = """\
site: north
gateway: ingest
lines: []
buses: []
devices: []
database: {{url: "{url}", bucket: {store}, kind: influxdb1}}
"""
EVENTS = len(samples.every_kind().events)


class Said:
    """What ingest workers say to be stored, in order."""

    def __init__(self, port: int) -> None:
        self.stored: list[Stored] = []
        self._client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
        self._client.on_message = lambda _client, _data, message: self.stored.append(
            parse_stored(bytes(message.payload))
        )
        self._client.connect("127.0.0.1", port)
        self._client.subscribe("lotwatch/v1/+/stored", qos=1)
        self._client.loop_start()

    def database(self) -> Watermark | None:
        return self.stored[-1].database if self.stored else None

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


def query(url: str, text: str, store: str = "") -> Any:
    """Ask an InfluxDB 1.x."""
    words = urllib.parse.urlencode({"q": text, "db": store})
    with urllib.request.urlopen(f"{url}/query?{words}", data=b"", timeout=DEADLINE_S) as answer:
        return orjson.loads(answer.read())


def points(url: str, store: str) -> dict[str, int]:
    """How many points of readings there are."""
    [result] = query(url, 'SELECT count("quality") FROM "reading"', store)["results"]
    return {each["name"]: each["values"][0][1] for each in result.get("series", [])}


async def test_a_replica_lost_with_its_host_is_rebuilt_from_one(own_mosquitto, influx1, journal, tmp_path):
    """The broker keeps the watermark of the worker before; the new one says what it holds, and asks from 1."""
    url, store = f"http://127.0.0.1:{influx1.port}", f"rebuilt_{os.getpid()}"
    await asyncio.to_thread(query, url, f'CREATE DATABASE "{store}"')
    config = tmp_path / "ingest.yaml"
    config.write_text(CONFIG.format(url=url, store=store))
    said = Said(own_mosquitto.port)
    async with publishing(journal, Broker("127.0.0.1", own_mosquitto.port)) as publisher:
        worker = Ingest(own_mosquitto.port, tmp_path / "replicas", str(config))
        worker.start()
        await commit(journal, publisher, 1, 200)
        await until_seen(lambda: said.database() == Watermark(200, EVENTS), "the database has it all")
        before = await asyncio.to_thread(points, url, store)
        worker.end(signal.SIGKILL)
        await asyncio.to_thread(shutil.rmtree, tmp_path / "replicas")
        assert said.stored[-1].replica == Watermark(200, EVENTS), "retained at the broker"

        worker.start()
        await commit(journal, publisher, 201, 210)  # live goes on beside
        await until_seen(lambda: whole(tmp_path), "the replica is whole again")
        await until_seen(lambda: said.database() == Watermark(210, EVENTS), "and the database")
    assert worker.end(signal.SIGTERM) == 0
    said.close()
    after = await asyncio.to_thread(points, url, store)
    readings = len([each for each in samples.inputs(201, 210) if each.seq % 10])
    assert after == {"reading": before["reading"] + readings * len(samples.POINTS)}, "nothing is there twice"
    marks = [each.replica.input for each in said.stored]
    lost = next(place for place in range(marks.index(200), len(marks)) if marks[place] < 200)
    assert marks[lost:] == sorted(marks[lost:]), "no more than what is there, and from then on it only grows"


async def test_what_nobody_has_any_more_stays_open_until_a_person_gives_it_up(
    own_mosquitto, journal, tmp_path
):
    """An older copy of the journal was put back: the replica has what came after it, and lacks what lies between."""
    replicas = tmp_path / "replicas"
    folder = replica_folder(replicas, journal.identity)
    with Replica.open(folder, journal.identity) as replica:
        replica.store([samples.config(1), *samples.inputs(2, 20), *samples.inputs(81, 90)], [])
    worker = Ingest(own_mosquitto.port, replicas)
    worker.start()
    async with publishing(journal, Broker("127.0.0.1", own_mosquitto.port)) as publisher:
        await commit(journal, publisher, 1, 50)
        await until_seen(lambda: bool(gone(folder)), "the gateway has answered")
        assert gone(folder) == [("input", 51, 80, "beyond")]
        shown = await asyncio.to_thread(lotwatch, "gap", "list", "--data", replicas)
        assert shown.returncode == 1
        assert "an older copy of it was put back" in shown.stdout
        words = ("--reason", "restored", "--operator", "17", "--data", replicas)
        done = await asyncio.to_thread(lotwatch, "gap", "accept", "input", "51..80", *words)
        assert done.returncode == 0, done.stderr
    assert worker.end(signal.SIGTERM) == 0
    with Replica.open(folder, journal.identity) as replica:
        assert replica.watermark() == Watermark(90, EVENTS)


def gone(folder: Path) -> list[tuple[str, int, int, str]]:
    with JournalReader(folder) as reader:
        return [(hole.stream, hole.first, hole.last, hole.gone) for hole in reader.holes() if hole.gone]


class Expiries:
    """Message expiry of what a subscriber is given, by seq of the input."""

    def __init__(self, port: int) -> None:
        self.by_seq: dict[int, int | None] = {}
        self._client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
        self._client.on_message = self._on_message
        self._client.connect("127.0.0.1", port)
        self._client.subscribe("lotwatch/v1/+/reading", qos=1)
        self._client.loop_start()

    def _on_message(self, _client: Any, _data: Any, message: paho.MQTTMessage) -> None:
        expiry = getattr(message.properties, "MessageExpiryInterval", None)
        for seq in parse(message.topic, bytes(message.payload)).seqs():
            self.by_seq[seq] = expiry

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


async def test_a_broker_may_forget_live_values_and_never_the_backlog(own_mosquitto, journal):
    given = [samples.config(1), *samples.inputs(2, 10)]
    await journal.commit(Block(tuple(given), ()))  # before anybody publishes: the past
    tap = Expiries(own_mosquitto.port)
    async with publishing(journal, Broker("127.0.0.1", own_mosquitto.port)) as publisher:
        await until_seen(lambda: tap.by_seq.keys() >= set(range(2, 10)), "the backlog is there")
        await commit(journal, publisher, 11, 19)
        await until_seen(lambda: tap.by_seq.keys() >= set(range(11, 20)), "and what is live")
    tap.close()
    assert {tap.by_seq[seq] for seq in range(2, 10)} == {None}
    assert {tap.by_seq[seq] for seq in range(11, 20)} <= set(range(LIVE_EXPIRY_S - 600, LIVE_EXPIRY_S + 1))

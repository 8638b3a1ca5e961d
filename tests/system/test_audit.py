"""`lotwatch audit` from journal to database, on real servers: a whole span is proven, what is planted is found.

Planted are a point that is deleted in the database, a point that is there twice, a record that is deleted in the
replica, and a record that is sent once more under another number.
"""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from gateway.clock import SystemClock
from gateway.ingest.probestore import Influx1Store
from gateway.ingest.replicas import replica_folder
from gateway.journal import Journal, JournalReader
from gateway.model import Block, NumberedInput
from gateway.site import Broker, Database
from gateway.wire import Eras, messages
from tests.system.test_mqtt_replica import DEADLINE_S, Chance, Ingest, commit, publishing

RECORDS = 200
TRIED_S = 0.3


class Plant:
    """A journal whose records are in a replica and in a database of its own."""

    def __init__(self, folder: Path, broker: int, database: Database) -> None:
        self.folder, self.broker, self.database = folder, broker, database

    def audit(self, *options: str) -> tuple[int, str, str]:
        command = [sys.executable, "-m", "gateway", "audit", "--journal", str(self.folder / "journal")]
        command += ["--replica", str(self.folder / "replicas"), "--database", self.database.url]
        command += ["--database-kind", "influxdb1", "--bucket", self.database.bucket, *options]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert "Traceback" not in done.stderr
        return done.returncode, done.stdout, done.stderr

    def whole(self) -> None:
        end = time.monotonic() + DEADLINE_S
        while (done := self.audit())[0]:
            assert time.monotonic() < end, done
            time.sleep(TRIED_S)  # between looks at what other processes do

    def journal(self) -> JournalReader:
        return JournalReader(self.folder / "journal")

    def send_again(self, seq: int, under: int) -> None:
        """What input `seq` says, as another input."""
        with self.journal() as reader:
            inputs, identity = list(reader.inputs(1, seq)), reader.identity
        eras = Eras()
        eras.see(inputs)
        block = Block((NumberedInput(under, inputs[-1].input),), ())
        client = paho.Client(CallbackAPIVersion.VERSION2)
        client.connect("127.0.0.1", self.broker)
        client.loop_start()
        for message in messages(identity, block, eras):
            client.publish(message.topic, message.payload, qos=1).wait_for_publish(DEADLINE_S)
        client.disconnect()
        client.loop_stop()

    def query(self, method: str, query: str) -> list:
        store = Influx1Store(self.database)
        try:
            return store.query(method, query)
        finally:
            store.close()

    def write(self, line: str) -> None:
        store = Influx1Store(self.database)
        try:
            store.write([line])
        finally:
            store.close()


@pytest.fixture
def plant(own_mosquitto, influx1, tmp_path):
    """With everything where it belongs, and the worker still running."""
    database = Database(
        f"http://127.0.0.1:{influx1.port}", bucket="lotwatch", kind="influxdb1", writer="direct"
    )
    made = Plant(tmp_path, own_mosquitto.port, database)
    made.query("POST", "DROP DATABASE lotwatch")
    made.query("POST", "CREATE DATABASE lotwatch")
    kind = ["--database", database.url, "--database-kind", "influxdb1", "--database-writer", "direct"]
    worker = Ingest(own_mosquitto.port, tmp_path / "replicas", *kind)
    worker.start()
    try:
        asyncio.run(fill(made))
        yield made
    finally:
        worker.end(signal.SIGTERM)


async def fill(plant: Plant) -> None:
    folder, port = plant.folder, plant.broker
    journal = await asyncio.to_thread(
        lambda: Journal.open(
            folder / "journal", site="north", gateway="gw1", clock=SystemClock(), entropy=Chance()
        )
    )
    try:
        async with publishing(journal, Broker("127.0.0.1", port)) as publisher:
            for first in range(1, RECORDS, 20):
                await commit(journal, publisher, first, first + 19)
            await asyncio.to_thread(plant.whole)
    finally:
        await asyncio.to_thread(journal.close)


def moment(time_ns: int) -> str:
    return datetime.fromtimestamp(time_ns / 1e9, UTC).isoformat()


def test_a_span_is_proven_and_what_is_planted_is_found(plant):
    code, out, err = plant.audit()
    assert (code, out) == (0, "")
    assert f"compared {RECORDS} inputs, " in err
    assert ": 0 findings" in err

    rows = plant.query("GET", "SELECT value FROM reading GROUP BY *")[0]["series"]
    series = next(each for each in rows if len(each["values"]) > 10)
    tags = series["tags"]
    where = " AND ".join(f"\"{name}\"='{value}'" for name, value in tags.items() if value)
    gone, twice = series["values"][3], series["values"][7]
    plant.query("POST", f"DELETE FROM reading WHERE {where} AND time = {gone[0]}")
    keys = ",".join(f"{name}={value}" for name, value in sorted({**tags, "copy": "1"}.items()) if value)
    plant.write(f"reading,{keys} value={twice[1]} {twice[0]}")
    code, out, _ = plant.audit()
    tag = "/".join(tags[name] for name in ("area", "line", "cell", "point") if tags.get(name))
    assert code == 1
    assert f"database: gap: {tag} value {gone[0]}: {gone[1]} is missing\n" in out
    assert f"database: gap: {tag} quality {gone[0]}: " in out
    assert f"database: duplicate: {tag} value {twice[0]}: {twice[1]} beside {twice[1]}\n" in out
    assert len(out.splitlines()) == 3

    assert plant.audit("--to", moment(min(gone[0], twice[0]) - 1_000))[0] == 0  # a span before them is whole
    assert plant.audit("--from", moment(twice[0] - 1_000))[0] == 1

    with plant.journal() as reader:
        identity, last = reader.identity, reader.last().input
    with sqlite3.connect(replica_folder(plant.folder / "replicas", identity) / "journal.sqlite") as db:
        db.execute("DELETE FROM events WHERE seq = 3")
    plant.send_again(17, last + 1)
    found = f"replica: duplicate: input {last + 1}: input 17 once more\n"
    end = time.monotonic() + DEADLINE_S
    while found not in (said := plant.audit())[1]:
        assert time.monotonic() < end, said
        time.sleep(TRIED_S)  # between looks at what other processes do
    code, out, err = said
    assert code == 1
    assert "replica: gap: event 3: 1 missing\n" in out
    assert "5 findings" in err

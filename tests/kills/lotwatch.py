"""lotwatch itself in the harness: its commands, the watermark that it is waited for by, and what it then holds."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import orjson
import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from gateway.ingest.eventlines import CHANGES
from gateway.ingest.probestore import Influx1Store, VictoriaStore
from gateway.journal import JournalError, JournalReader, open_readers
from gateway.ports import Watermark
from gateway.site import Database
from gateway.wire import NotOurs, parse_stored, site_topic
from tests.kills.stage import SITE, Stage
from tests.system.servers import HOST

PYTHON = [sys.executable, "-m", "gateway"]
OPENED = CHANGES["opened"]


class Lotwatch:
    """`lotwatch run` and `lotwatch ingest`."""

    ready = "ingest is subscribed"

    def commands(self, stage: Stage) -> dict[str, list[str]]:
        config = stage.plant.write_site(SITE)
        links, database = stage.links, database_of(stage)
        prepare(stage)
        broker = links["worker-broker"].port
        return {
            "worker": [
                *PYTHON, "ingest", "--broker", f"mqtt://{HOST}:{broker}", "--data", str(stage.replicas),
                "--database", f"http://{HOST}:{links['worker-database'].port}",
                "--database-kind", database.kind, "--database-writer", "direct",
            ],
            "gateway": [
                *PYTHON, "run", str(config), "--accept-clock", "--verbose", "--data", str(stage.journal),
                "--set", f"broker.port={links['gateway-broker'].port}",
            ],
        }  # fmt: skip


def database_of(stage: Stage) -> Database:
    """The stage's database, past the link."""
    return Database(stage.database_url(), kind=stage.wishes.database, writer="direct")


def prepare(stage: Stage) -> None:
    """InfluxDB 1.x takes points for a database that is there."""
    database = database_of(stage)
    if database.kind == "influxdb1":
        with contextlib.closing(Influx1Store(database)) as store:
            store.query("POST", f"CREATE DATABASE {database.bucket}")


def journal_last(folder: Path) -> Watermark:
    """Newest seqs; zeros before there is a journal."""
    with contextlib.suppress(JournalError), JournalReader(folder) as reader:
        return reader.last()
    return Watermark()


def replica_last(folder: Path) -> Watermark:
    with contextlib.suppress(JournalError):
        readers = open_readers(folder)
        try:
            return readers[0].last()
        finally:
            for reader in readers:
                reader.close()
    return Watermark()


def held(folder: Path, wanted: Watermark) -> bool:
    """Whether the replica has each record up to there."""
    with contextlib.suppress(JournalError):
        readers = open_readers(folder)
        try:
            have = readers[0].held()
            return not (have["input"].missing(1, wanted.input) or have["event"].missing(1, wanted.event))
        finally:
            for reader in readers:
                reader.close()
    return False


class Told:
    """Hears `stored` at the broker: how far the worker says that everything is durable, replica and database."""

    def __init__(self, stage: Stage) -> None:
        self._at = Watermark()
        self._lock = threading.Lock()
        self._client = client = paho.Client(CallbackAPIVersion.VERSION2)
        topic = site_topic(SITE, "stored")
        client.on_connect = lambda client, *_: client.subscribe(topic, 1)
        client.on_message = self._on_message
        client.reconnect_delay_set(1, 1)
        client.connect(HOST, stage.broker_port())
        client.loop_start()

    def _on_message(self, _client: Any, _data: Any, message: paho.MQTTMessage) -> None:
        with contextlib.suppress(NotOurs):
            said = parse_stored(bytes(message.payload))
            held = said.database or Watermark()
            with self._lock:
                self._at = Watermark(min(said.replica.input, held.input), min(said.replica.event, held.event))

    @property
    def at(self) -> Watermark:
        with self._lock:
            return self._at

    def covers(self, wanted: Watermark) -> bool:
        at = self.at
        return at.input >= wanted.input and at.event >= wanted.event

    def close(self) -> None:
        client = self._client
        client.disconnect()
        client.loop_stop()
        client.on_connect = client.on_message = None


def lots_in(database: Database, site: str) -> dict[str, int]:
    """How often each lot was opened, as the database has it. Raises WriteFailed."""
    return _influx_lots(database, site) if database.kind == "influxdb1" else _victoria_lots(database, site)


def _influx_lots(database: Database, site: str) -> dict[str, int]:
    with contextlib.closing(Influx1Store(database)) as store:
        found = store.query("GET", f"SELECT change_code FROM lot WHERE site='{site}' GROUP BY lot")
    rows = found[0].get("series", [])
    return {each["tags"]["lot"]: sum(row[1] == OPENED for row in each["values"]) for each in rows}


def _victoria_lots(database: Database, site: str) -> dict[str, int]:
    query = urlencode({"match[]": f'lot_change_code{{site="{site}"}}'})
    with contextlib.closing(VictoriaStore(database)) as store:
        store.ask("GET", "/internal/force_flush")
        rows = [orjson.loads(line) for line in store.ask("GET", f"/api/v1/export?{query}").body.splitlines()]
    counted: Counter[str] = Counter()
    for row in rows:
        counted[row["metric"]["lot"]] += row["values"].count(OPENED)
    return dict(counted)

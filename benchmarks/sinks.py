"""A replica into VictoriaMetrics, to the durable watermark: points a second through each writer.

``python -m benchmarks.sinks [--readings 3000] [--rounds 3]``. Readings of 200 values, half float32 and half uint16, are
stored in a replica; then the sink of `lotwatch ingest` writes them, and its watermark, which moves at a snapshot of
the database, must reach the last of them. A point is a line: a value and its quality, two samples. Peer:
influxdb-client's batching mode, given a fifth of the same lines and closed when it has written them; it knows of no
watermark. In each round all take turns, on fresh sites of one database; medians. InfluxDB 1.x is measured too, where
there is one.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from influxdb_client.client.influxdb_client import InfluxDBClient
from influxdb_client.client.write_api import WriteOptions

from benchmarks._table import Row, machine, print_table
from gateway.clock import SystemClock
from gateway.ingest.database import DatabaseSink
from gateway.ingest.kinds import KINDS
from gateway.ingest.lines import Lines, numbered
from gateway.ingest.probestore import Influx1Store
from gateway.ingest.replicalines import blocks_of
from gateway.ingest.replicas import Replicas, replica_folder
from gateway.journal.reader import JournalReader
from gateway.layout import Field
from gateway.model import INPUT_STREAM, Identity, Instant, NumberedInput, Reading, Setting
from gateway.plain import to_plain
from gateway.ports import Watermark
from gateway.site import Bus, Database, Device, Group, Point, Site
from tests.system import servers

VALUES = 200
T0 = 1_760_000_000_000_000_000
PERIOD_NS = 100_000_000
STORED = 100  # readings in a transaction
LIMIT_S = 120.0


def plant(name: str) -> Site:
    points = tuple(
        Point(
            f"r{index}",
            f"hall/line/cell/r{index}",
            Field("float32" if index % 2 else "uint16"),
            "holding",
            2 * index,
        )
        for index in range(VALUES)
    )
    group = Group("dev/fast", "dev", PERIOD_NS, points, 10**9)
    device = Device("dev", "bus", "load", 1, "hall/line/cell", (group,))
    return Site(name, "box", (Bus("bus", "modbus.tcp", "127.0.0.1:502"),), (device,))


def fill(replicas: Replicas, identity: Identity, readings: int) -> None:
    """The replica of one site; the same numbers in each."""
    site, chance = plant(identity.site), np.random.default_rng(7)
    words = site.devices[0].groups[0].layout().words
    given = [NumberedInput(1, Setting("config", at(1), {"site": to_plain(site), "hash": "b"}))]
    quality = np.zeros(VALUES, dtype=np.uint8)
    level = 20.0 + 200.0 * chance.random(VALUES)
    for seq in range(2, readings + 2):
        values = np.round(level + chance.normal(0.0, 0.5, VALUES), 2)
        values[1::2] = values[1::2].astype(np.float32)
        values[0::2] = np.floor(values[0::2])
        raw = np.zeros(words, dtype=np.uint16)
        given.append(NumberedInput(seq, Reading("dev/fast", at(seq), 0, values, quality, raw)))
    for start in range(0, len(given), STORED):
        replicas.of(identity).store(given[start : start + STORED], [])


def at(seq: int) -> Instant:
    return Instant(T0 + seq * PERIOD_NS, seq * PERIOD_NS, 1)


def sunk(identity: Identity, data: Path, database: Database, readings: int) -> float:
    """Seconds until the watermark has all."""
    sink = DatabaseSink(database, data, SystemClock())
    began = time.monotonic()
    sink.begin(identity, Watermark())
    while sink.accepted(identity).input < readings + 1:
        if not sink.turn():
            time.sleep(0.01)
        if sink.failing or time.monotonic() > began + LIMIT_S:
            raise SystemExit(f"{database.url}: {sink.failing or 'the watermark stands still'}")
    took = time.monotonic() - began
    sink.stop()
    sink.run()
    return took


def batched(identity: Identity, data: Path, database: Database, readings: int) -> float:
    """Seconds of influxdb-client's batching mode, as its documentation shows it."""
    lines = Lines(identity.site, "box", KINDS[database.kind], "ms")
    with JournalReader(replica_folder(data, identity)) as reader:
        blocks, _ = blocks_of(reader, lines, INPUT_STREAM, (1, readings + 1))
        given = [line for _, line in numbered(blocks)]
    began = time.monotonic()
    with (
        InfluxDBClient(database.url, token="none", org="o") as client,
        client.write_api(WriteOptions(batch_size=5_000, flush_interval=1_000)) as api,
    ):
        for start in range(0, len(given), VALUES):  # a message at a time
            api.write("b", "o", given[start : start + VALUES], write_precision="ms")
    return time.monotonic() - began


def encoded(identity: Identity, data: Path, readings: int) -> float:
    """Seconds to read the replica and make the lines, and no more."""
    lines = Lines(identity.site, "box", KINDS["victoriametrics"], "ms")
    began = time.monotonic()
    with JournalReader(replica_folder(data, identity)) as reader:
        for first in range(1, readings + 2, 250):
            blocks, _ = blocks_of(reader, lines, INPUT_STREAM, (first, min(first + 249, readings + 1)))
            "\n".join(block.text for block in blocks).encode()
    return time.monotonic() - began


def measured(folder: Path, readings: int, rounds: int) -> dict[str, float]:
    """Points a second by name, medians of the rounds."""
    running = [
        server for name, start in STARTS.items() if (server := start_one(name, start, folder)) is not None
    ]
    if not running:
        raise SystemExit("no victoria-metrics on this machine: .ci/debian.sh brings it")
    try:
        base = Database(f"http://127.0.0.1:{running[0].port}", kind="victoriametrics")
        jobs: dict[str, Callable[[Identity, Path], float]] = {
            "batching": lambda who, data: 5 * batched(who, data, base, readings // 5),
            "client": lambda who, data: sunk(who, data, base, readings),
            "direct": lambda who, data: sunk(who, data, replace(base, writer="direct"), readings),
            "lines": lambda who, data: encoded(who, data, readings),
        }
        if len(running) > 1:
            old = Database(f"http://127.0.0.1:{running[1].port}", kind="influxdb1", writer="direct")
            Influx1Store(old).query("POST", "CREATE DATABASE lotwatch")
            jobs["influxdb1"] = lambda who, data: sunk(who, data, old, readings)
        took: dict[str, list[float]] = {name: [] for name in jobs}
        for turn in range(rounds):
            for name, job in jobs.items():
                who, data = Identity(f"{name}-{turn}", "box", "e1"), folder / f"{name}-{turn}"
                replicas = Replicas(data)
                fill(replicas, who, readings)
                replicas.close()
                took[name].append(job(who, data))
        return {name: readings * VALUES / statistics.median(seconds) for name, seconds in took.items()}
    finally:
        for server in running:
            server.stop()


STARTS = {"victoria-metrics": servers.victoria, "influxd": servers.influx1}


def start_one(name: str, start: Callable[[str, Path], servers.Server], folder: Path) -> servers.Server | None:
    program = servers.find_program(name)
    if program is None:
        return None
    (folder / name).mkdir()
    server = start(program, folder / name)
    server.start()
    return server


def rows(got: dict[str, float], readings: int) -> list[Row]:
    peer = got["batching"]
    name = f"influxdb-client batching, no watermark: {peer:,.0f}"

    def row(what: str, key: str, reach: float) -> Row:
        return Row(
            what, name, f">= {reach:,.0f}", f"{got[key]:,.0f}", f"x {got[key] / peer:.1f}", got[key] >= reach
        )

    table = [
        row(
            f"{readings * VALUES:,} points to VictoriaMetrics, to the watermark: points/s, influxdb-client",
            "client",
            150e3,
        ),
        row("  the direct writer", "direct", 250e3),
        Row("  replica to lines alone", "-", "-", f"{got['lines']:,.0f}"),
    ]
    if "influxdb1" in got:
        table.append(Row("the same into InfluxDB 1.6, direct", "-", "-", f"{got['influxdb1']:,.0f}"))
    return table


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sinks")
    parser.add_argument("--readings", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory(prefix="lotwatch-bench-") as place:
        got = measured(Path(place), given.readings, given.rounds)
    print(machine())
    print_table(rows(got, given.readings))


if __name__ == "__main__":
    main()

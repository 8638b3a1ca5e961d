"""Sustained from the gateway's journal to the stored watermark of a replica: values a second, 200 values a message.

``python -m benchmarks.ingest_throughput [--values 6000000] [--rounds 1]``. A gateway's journal and publisher in a
process of their own commit and publish blocks of 100 readings of 200 values (half float32 of random bits, half uint16),
live, as fast as the link takes them: real mosquitto, real ``lotwatch ingest``, its replica on the disk. From the first
commit to the `stored` message that has them all. Beside it JSON payloads, and influxdb-client's batching mode, which is
given the first of the same values as lines, ready made, and closed when it has written them to VictoriaMetrics; it
knows of no watermark. CPU seconds say what a machine with more free cores would give.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks._behind import Behind, cpu_s
from benchmarks._flood_gateway import SITE
from benchmarks._table import Row, machine, print_table
from benchmarks.sinks import batched
from gateway.site import Database
from tests.system import servers

GROUPS, TAGS = 100, 200
LIMIT_S = 300.0
PEER_SHARE = 20  # of the readings, for the peer: so many times fewer


@dataclass(frozen=True)
class Got:
    """One run."""

    rate: float
    cpu: dict[str, float]
    peer: float


def measure(values: int, form: str, *, peer: bool) -> Got:
    blocks = max(values // (GROUPS * TAGS), 1)
    with tempfile.TemporaryDirectory(prefix="lotwatch-bench-") as place:
        folder = Path(place)
        with Behind(folder, SITE, database=False, readings=False) as behind:
            sizes = [str(behind.broker.port), str(GROUPS), str(TAGS), str(blocks), form]
            command = [sys.executable, "-m", "benchmarks._flood_gateway", str(folder / "journal"), *sizes]
            gateway = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            assert gateway.stdin is not None
            assert gateway.stdout is not None
            try:
                until(lambda: behind.heard.in_replica(1) is not None)
                began = time.monotonic()
                pids = {"gateway": gateway.pid, "ingest": behind.ingest.pid, "mosquitto": behind.broker.pid}
                before = {name: cpu_s(pid) for name, pid in pids.items()}
                last = int(gateway.stdout.readline())
                until(lambda: behind.heard.in_replica(last) is not None)
                ended = behind.heard.in_replica(last) or began
                used = {name: cpu_s(pid) - before[name] for name, pid in pids.items()}
            finally:
                gateway.stdin.close()
                gateway.wait(60)
        slow = by_client(folder, behind, (last - 1) // PEER_SHARE) if peer else 0.0
    return Got((last - 1) * TAGS / (ended - began), used, slow)


def by_client(folder: Path, behind: Behind, readings: int) -> float:
    """Points a second of influxdb-client's batching mode, of the first readings of the replica."""
    program = servers.find_program("victoria-metrics")
    if program is None:
        return float("nan")
    (folder / "victoria").mkdir()
    server = servers.victoria(program, folder / "victoria")
    server.start()
    try:
        database = Database(f"http://127.0.0.1:{server.port}", kind="victoriametrics")
        took = batched(behind.heard.stored[-1][1].identity, folder / "replica", database, readings)
    finally:
        server.stop()
    return readings * TAGS / took


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not true():
        if time.monotonic() > deadline:
            raise SystemExit(f"the watermark stands still for {LIMIT_S:g} s")
        time.sleep(0.01)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ingest_throughput")
    parser.add_argument("--values", type=int, default=6_000_000)
    parser.add_argument("--rounds", type=int, default=1)
    given = parser.parse_args()
    print(machine())
    mine = [measure(given.values, "compact", peer=True) for _ in range(given.rounds)]
    plain = measure(given.values // 4, "json", peer=False)
    print(machine())
    rate = statistics.median(got.rate for got in mine)
    peer = statistics.median(got.peer for got in mine)
    cores = ", ".join(f"{name} {seconds:.1f}" for name, seconds in mine[-1].cpu.items())
    print_table(
        [
            Row(f"{given.values:,} values, 200 a message, journal to the replica's watermark: values/s",
                f"influxdb-client batching, no watermark: {peer:,.0f} points/s", ">= 300,000", f"{rate:,.0f}",
                f"x {rate / peer:.1f}", rate >= 300_000),
            Row("  CPU seconds meanwhile", "-", "-", cores),
            Row("the same as JSON (a quarter of the values)", "-", "-", f"{plain.rate:,.0f}"),
        ]
    )  # fmt: skip


if __name__ == "__main__":
    main()

"""An outage of a day, 200 tags at 1 Hz: how soon the first message is out, and the backlog stored; what live ones feel.

``python -m benchmarks.outage_day [--hours 24] [--database] [--journal FOLDER]``. The journal is filled in virtual time
through fold, journal and the sealing helper; then recorder, journal and publisher run as in the daemon, in a process of
their own, live readings going on, while nothing answers at the broker's port. Then a relay lets them through to a real
mosquitto, behind which a real ``lotwatch ingest`` fills a replica and, with --database, VictoriaMetrics. Times are from
the moment the port answers to the `stored` message that says so. Latency is from a live reading's instant on the wire
to its arrival at a subscriber. --journal keeps the filled journal for other runs.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks._behind import Behind, Heard, cpu_s
from benchmarks._day_gateway import GROUPS, TAGS
from benchmarks._table import Row, machine, print_table
from benchmarks.outage import Relay
from gateway.wire import parse

SITE = "plant"
Cpu = dict[str, float]
WAIT_S = 3.0  # of the outage in real time: the gateway dials, and live readings go on
LIMIT_S = 600.0
AFTER_S = 10.0


@dataclass(frozen=True)
class Result:
    """One run."""

    values: int
    first_s: float
    first_live_s: float
    replica_s: float
    database_s: float
    calm_ms: float
    live_ms: float
    bytes: int
    cpu: tuple[Cpu, Cpu]  # until the replica was whole, until all was


class Gateway:
    """The gateway's process; `committed`: seq to (on the wire, committed), seconds."""

    def __init__(self, folder: Path, port: int) -> None:
        command = [sys.executable, "-m", "benchmarks._day_gateway", "run", str(folder), str(port)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.committed: dict[int, tuple[float, float]] = {}

    def listen(self) -> None:
        """Take its lines until it ends. In a thread."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            seq, wire, commit = map(int, line.split())
            self.committed[seq] = (wire / 1e9, commit / 1e9)

    def end(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(60)


async def outage(journal: Path, folder: Path, *, database: bool) -> Result:
    """The whole of it."""
    with Behind(folder, SITE, database=database) as behind:
        relay, heard = Relay(behind.broker.port), behind.heard
        await relay.start()
        await relay.cut()
        gateway = await asyncio.to_thread(Gateway, journal, relay.port)
        listening = asyncio.create_task(asyncio.to_thread(gateway.listen))
        try:
            await until(lambda: len(gateway.committed) >= GROUPS, "the gateway does not commit")
            await asyncio.sleep(WAIT_S)
            pids = {"gateway": gateway.process.pid, **behind.pids()}
            before = {name: cpu_s(pid) for name, pid in pids.items()}
            await relay.start()
            back = time.monotonic()
            last = max(seq for seq, (_, at) in list(gateway.committed.items()) if at < back)
            await until(lambda: heard.in_replica(last) is not None, "the replica is not whole")
            used = {name: cpu_s(pid) - before[name] for name, pid in pids.items()}
            if database:
                await until(lambda: heard.in_database(last) is not None, "the database is not whole")
            later = {name: cpu_s(pid) - before[name] for name, pid in pids.items()}
            await asyncio.sleep(AFTER_S)
        finally:
            await asyncio.to_thread(gateway.end)
            await listening
            await relay.cut()
        return judged(gateway, heard, back, last, (used, later))


def judged(gateway: Gateway, heard: Heard, back: float, last: int, cpu: tuple[Cpu, Cpu]) -> Result:
    """`back`: when the link was; `last`: the newest record of then."""
    arrived: dict[int, float] = {}
    for at, payload in heard.readings:
        for seq in parse(f"lotwatch/v1/{SITE}/reading", payload).seqs():
            arrived.setdefault(seq, at)
    replica = heard.in_replica(last) or float("nan")
    database = heard.in_database(last) or float("nan")
    end = replica if math.isnan(database) else max(replica, database)
    both = [(gateway.committed[seq][0], at) for seq, at in arrived.items() if seq > last]
    return Result(
        values=last * TAGS,
        first_s=heard.readings[0][0] - back,
        first_live_s=min(at for seq, at in arrived.items() if seq > last - GROUPS) - back,
        replica_s=replica - back,
        database_s=database - back,
        calm_ms=p99([at - wire for wire, at in both if wire >= end]),
        live_ms=p99([at - wire for wire, at in both if wire < end]),
        bytes=sum(len(payload) for _, payload in heard.readings),
        cpu=cpu,
    )


async def until(true: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not true():  # a benchmark's own wait
        if time.monotonic() > deadline:
            raise SystemExit(f"{otherwise} within {LIMIT_S:g} s")
        await asyncio.sleep(0.02)


def p99(seconds: list[float]) -> float:
    """Milliseconds."""
    return float(np.percentile(seconds, 99)) * 1e3 if seconds else float("nan")


def said(cpu: Cpu) -> str:
    return ", ".join(f"{name} {seconds:.1f}" for name, seconds in cpu.items())


def table(hours: float, got: Result, *, database: bool) -> list[Row]:
    rate = f"{got.values / got.replica_s:,.0f} values/s; CPU s: {said(got.cpu[0])}"
    rows = [
        Row(f"outage of {hours:g} h, {got.values:,} values: first message", "ThingsBoard Gateway 35 s", "<= 1 s",
            f"{got.first_s:.2f} s", reached=got.first_s <= 1),
        Row("  first live reading", "-", "<= 1 s", f"{got.first_live_s:.2f} s", reached=got.first_live_s <= 1),
        Row("  drained into the replica, to the watermark", "-", "<= 20 s", f"{got.replica_s:.1f} s", rate,
            got.replica_s <= 20),
        Row("  live p99 meanwhile, wire to subscriber, commit window 1 s", f"afterwards {got.calm_ms:.0f} ms",
            "<= window + 100 ms", f"{got.live_ms:.0f} ms", reached=got.live_ms <= 1_100),
        Row("  bytes a value on the link, live ones included", "-", "-", f"{got.bytes / got.values:.2f}"),
    ]  # fmt: skip
    if database:
        rate = f"{got.values / got.database_s:,.0f} values/s; CPU s: {said(got.cpu[1])}"
        rows.insert(3, Row("  drained into VictoriaMetrics, to the watermark", "-", "<= 100 s",
                           f"{got.database_s:.1f} s", rate, got.database_s <= 100))  # fmt: skip
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.outage_day")
    parser.add_argument("--hours", type=float, default=24.0)
    parser.add_argument("--database", action="store_true", help="VictoriaMetrics behind the replica, too")
    parser.add_argument(
        "--journal", type=Path, help="where the filled journal is kept; its hours are not asked again"
    )
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lotwatch-bench-") as place:
        kept = given.journal or Path(place) / "journal"
        if not kept.exists():
            fill = ["-m", "benchmarks._day_gateway", "fill", str(kept), str(round(given.hours * 3600))]
            subprocess.run([sys.executable, *fill], check=True)
        journal = kept
        if given.journal is not None:
            journal = Path(place) / "journal"
            shutil.copytree(kept, journal)
        print(machine())
        got = asyncio.run(outage(journal, Path(place), database=given.database))
    print(machine())
    print_table(table(given.hours, got, database=given.database))


if __name__ == "__main__":
    main()

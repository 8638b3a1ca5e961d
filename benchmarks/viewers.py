"""People who look at the pages: what the daemon pays for them. CPU, memory, punctuality and its end, from outside.

``python -m benchmarks viewers [--seconds 20]``. The daemon is `lotwatch run` with 10 simulated devices of 20 registers
each, read every 100 ms, mosquitto as its broker, a commit every 100 ms (`ssd`), and pages that anybody on this machine
may look at. Viewers are plain sockets with a stream each on 20 tags. In the last span two files are asked for again and
again, a recall package and a batch record. All CPU comes from /proc of the daemon alone; its helper is a process apart.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import re
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks._table import Row, crowded, print_table
from benchmarks.throughput import SETTLE_S, _cpu_s, _file, _rss_mb, _sleep
from gateway.clock import SystemClock
from gateway.config import load
from gateway.demo.broker import start_broker
from gateway.demo.process import Child
from gateway.door import words
from gateway.door.client import ask
from gateway.model import Plain
from tests.system.servers import HOST, free_port

DEVICES, REGISTERS, TAGS = 10, 20, 20
MANY, FEW = 100, 10
RESIN, BOX = "RESIN-1", "BOX-1"


@dataclass(frozen=True)
class Daemon:
    """The one that is looked at."""

    child: Child
    port: int
    data: Path
    clock: SystemClock
    tags: list[str]

    async def cores(self, seconds: float) -> float:
        """Share of a core that it takes from now on."""
        began_ns, used = self.clock.boottime_ns(), _cpu_s(self.child.pid)
        await _sleep(self.clock, seconds)
        return (_cpu_s(self.child.pid) - used) / ((self.clock.boottime_ns() - began_ns) / 1e9)


@dataclass(frozen=True)
class Late:
    """How many polls have been at most so late, by seconds: the daemon's own histogram, all buses together."""

    counts: dict[float, int]

    def p99_ms(self, before: Late) -> float:
        """The edge below which 99 % of the polls since then were late."""
        since = {edge: count - before.counts[edge] for edge, count in self.counts.items()}
        return 1000 * min(edge for edge, count in since.items() if count >= 0.99 * since[float("inf")])


async def lateness(daemon: Daemon) -> Late:
    """As it is now."""
    said = await asyncio.to_thread(_got, daemon.port, "/metrics")
    counts: dict[float, int] = {}
    for edge, count in re.findall(r'lotwatch_bus_lateness_seconds_bucket{.*?le="(.*?)"} (\d+)', said):
        counts[float(edge)] = counts.get(float(edge), 0) + int(count)
    return Late(counts)


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Daemon]:
    """Broker, devices, daemon."""
    clock, port = SystemClock(), free_port()
    broker = await start_broker(folder, clock)
    load = ["load", "--devices", str(DEVICES), "--registers", str(REGISTERS), "--separate"]
    command = [sys.executable, "-m", "simulators", *load, "--write-site", str(folder / "site")]
    devices = await Child.start("devices", command, folder)
    children = [child for child in (broker.child, devices) if child]
    try:
        site = await _file(folder / "site" / "site.yaml", devices, clock)
        wishes = [*broker.settings(), "commit=ssd", f"web.port={port}", "web.open=true"]
        given = [part for wish in wishes for part in ("--set", wish)]
        data = folder / "journal"
        run = [sys.executable, "-m", "gateway", "run", str(site), *given, "--data", str(data), "--verbose"]
        daemon = await Child.start("daemon", run, folder)
        children.append(daemon)
        while not await asyncio.to_thread(_answers, port):
            daemon.check()
            await _sleep(clock, 0.2)
        await _sleep(clock, SETTLE_S)
        yield Daemon(daemon, port, data, clock, await asyncio.to_thread(tags_of, site))
    finally:
        for child in children:
            await child.kill()


def tags_of(site: Path) -> list[str]:
    """Some tags that it reads."""
    groups = load(site).groups().values()
    return [point.tag for group in groups for point in group.points][:TAGS]


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError):
        return '"live"' in _got(port, "/health/live")
    return False


def _got(port: int, path: str) -> str:
    with urllib.request.urlopen(f"http://{HOST}:{port}{path}", timeout=120) as answer:
        text: str = answer.read().decode("utf-8", "replace")
    return text


@asynccontextmanager
async def looking(daemon: Daemon, viewers: int, tags: list[str]) -> AsyncIterator[list[int]]:
    """As many streams; how many frames each has had."""
    frames = [0] * viewers
    query = f"GET /live?tags={','.join(tags)} HTTP/1.1\r\nHost: {HOST}:{daemon.port}\r\n\r\n".encode()

    async def look(number: int) -> None:
        reader, writer = await asyncio.open_connection(HOST, daemon.port)
        writer.write(query)
        try:
            while part := await reader.read(1 << 16):
                frames[number] += part.count(b"\ndata: {")
        finally:
            writer.close()

    tasks = [asyncio.create_task(look(number)) for number in range(viewers)]
    try:
        yield frames
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def asking(daemon: Daemon, done: list[str]) -> None:
    """A recall package and a batch record, again and again, as a page asks for them."""
    while True:
        for path in (f"/lot/recall.json?lot={BOX}", f"/lot/report.pdf?lot={BOX}&kind=record"):
            await asyncio.to_thread(_got, daemon.port, path)
            done.append(path)


async def rows(seconds: float) -> list[Row]:
    """The figures."""
    found = []
    with tempfile.TemporaryDirectory(prefix="lotwatch-bench-") as place:
        async with running(Path(place)) as daemon:
            made: dict[str, Plain] = {
                "lot": BOX,
                "kg": 25.0,
                "kind": "box",
                "inputs": [{"lot": RESIN, "kg": 25.0}],
            }
            await asyncio.to_thread(
                ask,
                daemon.data,
                words.request("make", "17", {"lot": RESIN, "kg": 1000.0, "kind": "material"}),
            )
            await asyncio.to_thread(ask, daemon.data, words.request("make", "17", made))
            tags = daemon.tags
            begun = await lateness(daemon)
            alone = await daemon.cores(seconds)
            quiet = (await lateness(daemon)).p99_ms(begun)
            async with looking(daemon, FEW, tags):
                await _sleep(daemon.clock, seconds)
                rss = _rss_mb(daemon.child.pid)
                found.append(
                    Row(f"RSS with {FEW} viewers", "", "<= 95 MB", f"{rss:.1f} MB", reached=rss <= 95)
                )
            async with looking(daemon, MANY, tags) as frames:
                await _sleep(daemon.clock, 2.0)
                before = sum(frames)
                busy = await daemon.cores(seconds)
                rate = (sum(frames) - before) / seconds / MANY
                cost = busy - alone
                found += [
                    Row(f"{MANY} viewers of {TAGS} tags: frames each a second", "", "10", f"{rate:.1f}"),
                    Row("  of a core, beyond what it takes alone", f"{alone:.3f} alone", "<= 0.05",
                        f"{cost:.3f}", reached=cost <= 0.05 and rate >= 9),
                    Row("  CPU of a viewer and frame", "", "", f"{1e6 * cost / (rate * MANY):.0f} us"),
                ]  # fmt: skip
            done: list[str] = []
            async with looking(daemon, FEW, tags):
                task = asyncio.create_task(asking(daemon, done))
                await _sleep(daemon.clock, 2.0)  # the process that makes them has started
                before_files, made_before = await lateness(daemon), len(done)
                await _sleep(daemon.clock, seconds)
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
                p99 = (await lateness(daemon)).p99_ms(before_files)
            files = len(done) - made_before
            async with looking(daemon, FEW, tags):
                await _sleep(daemon.clock, 1.0)
                began = time.perf_counter()
                await daemon.child.stop(daemon.clock)
                took = time.perf_counter() - began
            late = re.search(r"p99 late ([\d.]+) ms, worst ([\d.]+) ms", daemon.child.last_words(50))
            whole = f"p99 {late[1]} ms, worst {late[2]} ms" if late else "not told"
            found += [
                Row(f"p99 poll error, {FEW} viewers, {files} recalls and records made", f"{quiet:.0f} ms alone",
                    "<= 5 ms", f"{p99:.0f} ms at most", reached=p99 <= 5 and files > 1),
                Row("  of the whole run, start and 100 viewers included", "", "", whole),
                Row(f"SIGTERM to its end, {FEW} streams open", "", "<= 1 s", f"{took:.2f} s", reached=took <= 1),
                crowded(),
            ]  # fmt: skip
    return found


def main(arguments: list[str]) -> None:
    """Run by ``python -m benchmarks viewers``."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks viewers")
    parser.add_argument("--seconds", type=float, default=20.0, help="of each span")
    print_table(asyncio.run(rows(parser.parse_args(arguments).seconds)))


if __name__ == "__main__":
    main(sys.argv[1:])

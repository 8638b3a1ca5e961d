"""The whole daemon under load: registers to journal and MQTT. CPU, memory and punctuality, read from outside.

``python -m benchmarks.throughput [seconds]``. The devices are simulated in another process (`python -m simulators
load`), the broker is mosquitto, the daemon is `lotwatch run` with commit profile `disk`, the default; nobody loads the
web. CPU and memory come from /proc, punctuality is what the daemon says of itself when it stops, its start included,
values are counted in the journal afterwards.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks._table import Row, machine, print_table
from gateway.clock import SystemClock
from gateway.demo.broker import start_broker
from gateway.demo.process import Child
from gateway.journal import open_readers

SETTLE_S = 4.0  # connecting, first polls
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Load:
    """What is polled, every 100 ms."""

    devices: int
    registers: int

    @property
    def asked(self) -> int:
        """Values a second."""
        return self.devices * self.registers * 10


@dataclass(frozen=True)
class Measured:
    """What a run gave."""

    values_per_s: float
    cores: float
    rss_mb: float
    p99_ms: float
    worst_ms: float
    overruns: int


async def measure(load: Load, seconds: float) -> Measured:
    """Run the daemon on that load and look at it from outside."""
    clock = SystemClock()
    with tempfile.TemporaryDirectory(prefix="lotwatch-bench-") as place:
        folder = Path(place)
        broker = await start_broker(folder, clock)
        simulate = ["load", "--devices", str(load.devices), "--registers", str(load.registers), "--separate"]
        command = [sys.executable, "-m", "simulators", *simulate, "--write-site", str(folder / "site")]
        devices = await Child.start("devices", command, folder)
        children = [child for child in (broker.child, devices) if child]
        try:
            site = await _file(folder / "site" / "site.yaml", devices, clock)
            settings = [
                part for setting in [*broker.settings(), "commit=disk"] for part in ("--set", setting)
            ]
            run = ["run", str(site), *settings, "--data", str(folder / "journal"), "--verbose"]
            daemon = await Child.start("daemon", [sys.executable, "-m", "gateway", *run], folder)
            children.append(daemon)
            await _sleep(clock, SETTLE_S)
            began_ns, used = clock.boottime_ns(), _cpu_s(daemon.pid)
            await _sleep(clock, seconds)
            daemon.check()
            span_s = (clock.boottime_ns() - began_ns) / 1e9
            cores, rss = (_cpu_s(daemon.pid) - used) / span_s, _rss_mb(daemon.pid)
            await daemon.stop(clock)
            late = re.search(
                r"p99 late ([\d.]+) ms, worst ([\d.]+) ms, overruns (\d+)", daemon.last_words(50)
            )
            if late is None:
                raise SystemExit(f"the daemon did not say how punctual it was:\n{daemon.last_words()}")
            values = await asyncio.to_thread(_values_per_s, folder / "journal")
            return Measured(values, cores, rss, float(late[1]), float(late[2]), int(late[3]))
        finally:
            for child in children:
                await child.kill()


async def _file(path: Path, child: Child, clock: SystemClock) -> Path:
    while not path.exists():  # noqa: ASYNC240 # a benchmark's own wait
        child.check()
        await _sleep(clock, 0.05)
    return path


async def _sleep(clock: SystemClock, seconds: float) -> None:
    await clock.sleep_until(clock.boottime_ns() + round(seconds * 1e9))


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _rss_mb(pid: int) -> float:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text("ascii"))
    return int(found[1]) / 1024 if found else float("nan")


def _values_per_s(journal: Path) -> float:
    """Good values a second between the first and the last reading."""
    with open_readers(journal)[0] as reader:
        counts, span = reader.counts(), reader.span()
    return 0.0 if span is None else counts["values"] / ((span[1] - span[0]) / 1e9)


async def rows(seconds: float) -> list[Row]:
    """Both loads of the figures' table."""
    small = await measure(Load(10, 100), seconds)
    large = await measure(Load(100, 100), seconds)
    peer = "ThingsBoard Gateway (its own run): 5,400-6,200 values/s, 0.38-0.50 core, 68 MB"
    enough = Load(10, 100).asked * 0.99
    return [
        Row("10 devices x 100 registers at 100 ms: values/s", peer, "10,000", f"{small.values_per_s:,.0f}",
            reached=small.values_per_s >= enough),
        Row("  cores", "0.38-0.50", "<= 0.10", f"{small.cores:.3f}", reached=small.cores <= 0.10),
        Row("  RSS", "68 MB", "<= 65 MB", f"{small.rss_mb:.1f} MB", reached=small.rss_mb <= 65),
        Row("  p99 poll error", "-", "<= 5 ms", f"{small.p99_ms:.1f} ms ({small.overruns} overruns)",
            reached=small.p99_ms <= 5),
        Row("100 devices x 100 registers at 100 ms: values/s", "none", "100,000", f"{large.values_per_s:,.0f}",
            reached=large.values_per_s >= Load(100, 100).asked * 0.99),
        Row("  cores", "none", "<= 0.8", f"{large.cores:.2f}", reached=large.cores <= 0.8),
        Row("  p99 poll error", "-", "-", f"{large.p99_ms:.1f} ms ({large.overruns} overruns)"),
    ]  # fmt: skip


if __name__ == "__main__":
    print(machine())
    print_table(asyncio.run(rows(float(sys.argv[1]) if len(sys.argv) > 1 else 60.0)))

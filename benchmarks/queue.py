"""Ten million records that nobody has taken yet: how long the daemon takes to start on them, and how much memory.

``python -m benchmarks queue [--records 10000000] [--folder DIR]``. Readings of ten devices, ten a second each, as 28
hours without a broker leave them, go into a journal by `Journal.take_in` and are sealed, as the daemon would have
done; its newest snapshot is of the last of them. `--folder` keeps it, and a run after it uses what is there. Then
`lotwatch run` on simulated devices, on an empty journal and on the full one in turn, three times each, medians: from
its start to the first request that a device gets, and its memory ten seconds later, without a broker and with one that
takes the backlog.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import re
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks._table import Row, machine, print_table
from gateway.app import SystemEntropy
from gateway.clock import SystemClock
from gateway.config import load
from gateway.demo.broker import start_broker
from gateway.demo.process import Child
from gateway.fold import Fold, pack_state
from gateway.journal import Journal, JournalReader
from gateway.journal.database import NAME
from gateway.journal.pack import WINDOW_NS
from gateway.journal.sealing import seal
from gateway.model import Block, Instant, NumberedInput, Quality, Reading, Setting
from gateway.pipeline import Pipeline
from gateway.plain import digest, to_plain
from gateway.publish.books import CURSOR
from gateway.site import Site
from simulators.load import LoadPort, Units, load_site
from simulators.writesite import write_site
from tests.system.servers import HOST, free_port

DEVICES, REGISTERS = 10, 8
TURNS = 997  # rows that differ
OLD_NS = 3_600_000_000_000  # the newest of them
PATIENCE_S = 120.0
PERIOD_NS = 100_000_000
BLOCK = 2_000
AT_ONCE = 50  # blocks in a transaction
RUNS = 3
SETTLED_S = 10.0
MAY_MB, MAY_S = 10.0, 2.0


class Feed:
    """Readings by number, from `t0` on: words that differ from turn to turn, arrays made once."""

    def __init__(self, site: Site, t0: int) -> None:
        self._groups, self._t0 = list(site.groups()), t0
        self._good = np.full(REGISTERS, Quality.GOOD, np.uint8)
        words = [np.arange(REGISTERS, dtype=np.uint16) * 31 + turn for turn in range(TURNS)]
        self._rows = [(each.astype(np.float64), each.astype(np.uint16)) for each in words]

    def of(self, first: int, count: int) -> tuple[NumberedInput, ...]:
        return tuple(NumberedInput(seq, self._reading(seq)) for seq in range(first, first + count))

    def _reading(self, seq: int) -> Reading:
        turn, device = divmod(seq, DEVICES)
        at = Instant(self._t0 + turn * PERIOD_NS + device * 1_000_003, turn * PERIOD_NS, 1)
        values, raw = self._rows[turn % TURNS]
        return Reading(self._groups[device], at, 0, values, self._good, raw)


def fill(folder: Path, site: Site, records: int) -> None:
    """Config, clock and readings up to `records`, sealed, with a snapshot of the newest state."""
    clock = SystemClock()
    row = clock.row()
    until_ns = clock.now().time_ns - OLD_NS
    t0 = until_ns - records // DEVICES * PERIOD_NS
    with Journal.open(
        folder, site=site.site, gateway=site.gateway, clock=clock, entropy=SystemEntropy()
    ) as journal:
        start, plain = Instant(t0 - 1, 0, 1), to_plain(site)
        known = replace(row, clock_id=1, boottime_ns=0, offset_ns=t0, synchronised=True)
        settings = [
            Setting("config", start, {"site": plain, "hash": digest(plain)}),
            Setting("clock", start, to_plain(known)),
        ]
        head = tuple(NumberedInput(seq, each) for seq, each in enumerate(settings, 1))
        journal.take_in([Block(head, ())])
        feed, done, began = Feed(site, t0), len(head), time.monotonic()
        while done < records - BLOCK:
            starts = range(done + 1, min(done + AT_ONCE * BLOCK, records - BLOCK) + 1, BLOCK)
            journal.take_in(Block(feed.of(at, min(BLOCK, records - BLOCK + 1 - at)), ()) for at in starts)
            done = journal.last().input
        last = feed.of(done + 1, records - done)
        fold = Fold(Pipeline(site))
        for _, given in (*head, *last):
            fold.take(given)
        asyncio.run(journal.commit(Block(last, (), pack_state(fold.state))))
        print(f"{records:,} records committed in {time.monotonic() - began:.0f} s", flush=True)
        for sealed in seal(folder, until_ns // WINDOW_NS):
            asyncio.run(journal.put_sealed(sealed))
        print(f"and sealed, {time.monotonic() - began:.0f} s", flush=True)


class Port(LoadPort):
    """Says when somebody asks it for the first time."""

    def __init__(self, units: Units, asked: asyncio.Event) -> None:
        super().__init__(units, range(1, DEVICES + 1))
        self._asked = asked

    def data_received(self, data: bytes) -> None:
        self._asked.set()
        super().data_received(data)


@dataclass(frozen=True)
class Measured:
    """One run of the daemon."""

    start_s: float  # from the process's start to the first request
    cpu_s: float  # of the daemon until then
    rss_mb: float  # `SETTLED_S` later
    sent: int  # records that the broker took meanwhile


async def measure(config: Path, port: int, journal: Path, *, broker: bool) -> Measured:
    """The daemon once, then killed."""
    clock, asked = SystemClock(), asyncio.Event()
    with tempfile.TemporaryDirectory(prefix="lotwatch-queue-", ignore_cleanup_errors=True) as place:
        running = await start_broker(Path(place), clock) if broker else None
        settings = running.settings() if running else [f"broker.port={free_port()}"]
        command = [
            sys.executable,
            "-m",
            "gateway",
            "run",
            str(config),
            "--accept-clock",
            "--data",
            str(journal),
            "--verbose",
        ]
        command += [part for setting in settings for part in ("--set", setting)]
        units = Units(REGISTERS, clock)
        server = await asyncio.get_running_loop().create_server(lambda: Port(units, asked), HOST, port)
        began = time.monotonic()
        daemon = await Child.start("daemon", command, Path(place))
        try:
            try:
                await asyncio.wait_for(asked.wait(), PATIENCE_S)
            except TimeoutError:
                raise SystemExit(f"it polls nothing:\n{daemon.last_words(30)}") from None
            took, cpu = time.monotonic() - began, _cpu_s(daemon.pid)
            await asyncio.sleep(SETTLED_S)
            daemon.check()
            sent = await asyncio.to_thread(_sent, journal)
            return Measured(took, cpu, _rss_mb(daemon.pid), sent)
        finally:
            await daemon.kill()
            if running is not None and running.child is not None:
                await running.child.kill()
            server.close()


def _sent(journal: Path) -> int:
    """Records that a broker has acknowledged, as the journal remembers."""
    with contextlib.closing(sqlite3.connect(f"{(journal / NAME).as_uri()}?mode=ro", uri=True)) as db:
        row = db.execute("SELECT input FROM cursors WHERE name = ?", (CURSOR,)).fetchone()
    return int(row[0]) if row else 0


def _rss_mb(pid: int) -> float:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text("ascii"))
    return int(found[1]) / 1024 if found else float("nan")


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks queue", description="A start on a long queue."
    )
    parser.add_argument("--records", type=int, default=10_000_000)
    parser.add_argument("--folder", type=Path, help="where the full journal is kept, or is")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lotwatch-queue-", ignore_cleanup_errors=True) as place:
        folder = given.folder or Path(place)
        config = folder / "site" / "site.yaml"
        if not config.exists():
            write_site(folder / "site", load_site(REGISTERS, {free_port(): range(1, DEVICES + 1)}))
        site = load(config)
        port = int(site.buses[0].address.rpartition(":")[2])
        if not (folder / "journal").exists():
            fill(folder / "journal", site, given.records)
        with JournalReader(folder / "journal") as reader:
            queued = reader.last().input
        found: dict[tuple[bool, bool], list[Measured]] = {}
        for turn in range(RUNS):
            for broker in (False, True):
                for full in (False, True):
                    journal = Path(place) / f"run{turn}{broker}{full}"
                    if full:
                        shutil.copytree(folder / "journal", journal)
                    made = asyncio.run(measure(config, port, journal, broker=broker))
                    print(
                        f"{'full' if full else 'empty'}, {'broker' if broker else 'no broker'}: {made}",
                        flush=True,
                    )
                    found.setdefault((full, broker), []).append(made)
    print(machine())
    print_table(_rows(found, queued))
    return 0


def _rows(found: dict[tuple[bool, bool], list[Measured]], queued: int) -> list[Row]:
    def median(full: bool, broker: bool, name: str) -> float:  # noqa: FBT001 # which of four
        return float(statistics.median(getattr(each, name) for each in found[full, broker]))

    rows = []
    for broker, where in ((False, "no broker"), (True, "the broker takes them")):
        start, empty = median(True, broker, "start_s"), median(False, broker, "start_s")
        cpu, before = median(True, broker, "cpu_s"), median(False, broker, "cpu_s")
        more = median(True, broker, "rss_mb") - median(False, broker, "rss_mb")
        sent = f", {median(True, broker, 'sent'):,.0f} taken by then" if broker else ""
        rows += [
            Row(f"{queued:,} queued, {where}: start to the first poll", f"empty journal: {empty:.2f} s",
                f"<= {MAY_S:g} s", f"{start:.2f} s (CPU {cpu:.2f}, empty {before:.2f})", reached=start <= MAY_S),
            Row(f"  RSS {SETTLED_S:g} s later", f"empty journal: {median(False, broker, 'rss_mb'):.1f} MB",
                f"+ <= {MAY_MB:g} MB", f"{more:+.1f} MB{sent}", reached=more <= MAY_MB),
        ]  # fmt: skip
    return rows


if __name__ == "__main__":
    sys.exit(main())

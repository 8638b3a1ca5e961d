"""The journal as historian: bytes a value, one tag over a shift, all tags for 20 minutes, durable inserts.

    python -m benchmarks.historian [--rows 50000] [--folder DIR] [--peer PYTHON] [--no-victoria]

Ten million values of 200 series at 1 Hz with jittered times in ms (benchmarks/_historian_plant.py says what they are)
are committed by a journal with its ledger, sealed, and merged, as the daemon does. Bytes are those of the chunk files
and of the pages of the main file that name them. Each question is asked many times, journal open and files in the page
cache; first, best and median of wall time, and the median of CPU time. Peers in the same run: VictoriaMetrics, given
the same values over its import API (its size is that of a snapshot after its own merging, its times are HTTP answers
read whole), and DuckDB where `--peer` names the Python of a venv with it (one table, sorted by series and time).
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import secrets
import shutil
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import orjson
from numpy.typing import NDArray

from benchmarks._historian_plant import FIELDS, SECOND, T0, Plant
from benchmarks._historian_victoria import Victoria
from benchmarks._table import Row, crowded, machine, print_table
from gateway.clock import VirtualClock
from gateway.journal import Journal, JournalReader
from gateway.journal.database import open_for_reading
from gateway.journal.merging import merge
from gateway.journal.pack import WINDOW_NS
from gateway.journal.sealing import seal
from gateway.model import Block
from tests.system import servers

SHIFT_S, BUCKETS, SOME_S = 8 * 3_600, 1_000, 20 * 60
COMMIT_S = 60  # seconds of readings in a block: 12,000 values
RUNS = 21
DEVICE, NAME_OF = "press3", "pressure1"


class Dice:
    """The system's chance."""

    def token(self, nbytes: int) -> bytes:
        return secrets.token_bytes(nbytes)

    def uniform(self) -> float:
        return 0.5


@dataclass(frozen=True, slots=True)
class Timed:
    """Milliseconds."""

    first: float
    best: float
    median: float
    cpu: float

    def __str__(self) -> str:
        return f"{self.median:.1f} ms (first {self.first:.1f}, best {self.best:.1f}, CPU {self.cpu:.1f})"


def timed(job: Callable[[], object]) -> Timed:
    took, busy = [], []
    for _ in range(RUNS):
        began, spent = time.perf_counter(), time.thread_time()
        job()
        took.append((time.perf_counter() - began) * 1e3)
        busy.append((time.thread_time() - spent) * 1e3)
    return Timed(took[0], min(took), statistics.median(took), statistics.median(busy))


async def fill(folder: Path, plant: Plant) -> dict[str, float]:
    """A journal of everything; values a second of its commits, each on the disk, and what sealing took."""
    journal = await asyncio.to_thread(
        lambda: Journal.open(folder, site="plant", gateway="gw1", clock=VirtualClock(), entropy=Dice())
    )
    await journal.commit(Block((plant.config(),), ()))
    took, busy = [], []
    for start in range(0, plant.rows, COMMIT_S):
        block = [each for second in plant.seconds(start, COMMIT_S) for each in second]
        gc.collect()
        gc.freeze()  # what was made beforehand is no work of the journal's
        began, spent = time.perf_counter(), time.process_time()
        await journal.commit(Block(tuple(block), ()))
        took.append((time.perf_counter() - began) / len(block))
        busy.append((time.process_time() - spent) / len(block))
    tags = len(FIELDS)
    spent = time.process_time()
    late = (T0 + plant.rows * SECOND) // WINDOW_NS + 150
    for sealed in await asyncio.to_thread(lambda: list(seal(folder, late))):
        await journal.put_sealed(sealed)
    sealing = time.process_time() - spent
    small = chunk_bytes(folder)
    spent = time.process_time()
    for _ in range(2):  # the second round drops the files that the first one emptied
        for merged in await asyncio.to_thread(lambda: list(merge(folder, late))):
            await journal.put_merged(merged)
    merging = time.process_time() - spent
    await asyncio.to_thread(journal.close)
    return {
        "wall": tags / statistics.median(took),
        "cpu": tags / statistics.median(busy),
        "sealing": sealing,
        "merging": merging,
        "small": small,
    }


def chunk_bytes(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.glob("*.chunks"))


def index_bytes(folder: Path) -> int:
    """Pages of the main file that are in use, but those of the ledger: proofs are no history."""
    db = open_for_reading(folder)
    page, pages, free = (
        db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_size", "page_count", "freelist_count")
    )
    proofs = 0
    with contextlib.suppress(sqlite3.OperationalError):  # a build of SQLite without dbstat
        asked = "SELECT coalesce(sum(pgsize), 0) FROM dbstat WHERE name IN ('leaves', 'nodes', 'heads')"
        proofs = db.execute(asked).fetchone()[0]
    db.close()
    return int((pages - free) * page - proofs)


def per_second(folder: Path, plant: Plant) -> float:
    """Values a second when each second is a commit of its own."""

    async def live() -> float:
        journal = await asyncio.to_thread(
            lambda: Journal.open(folder, site="plant", gateway="gw1", clock=VirtualClock(), entropy=Dice())
        )
        await journal.commit(Block((plant.config(),), ()))
        took = []
        for second in plant.seconds(0, 300):
            began = time.perf_counter()
            await journal.commit(Block(tuple(second), ()))
            took.append(time.perf_counter() - began)
        await asyncio.to_thread(journal.close)
        return 200 / statistics.median(took)

    return asyncio.run(live())


def peer_duckdb(python: str, folder: Path, plant: Plant) -> dict[str, float]:
    """Bytes a value and milliseconds of DuckDB, by a process of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    for stream in plant.streams:
        np.save(folder / f"{stream.group.device}-time.npy", stream.time_ns // 1_000_000)
        np.save(folder / f"{stream.group.device}-values.npy", stream.values)
    asked = [str(T0 // 1_000_000), str(plant.rows), str(SHIFT_S), str(BUCKETS), str(SOME_S)]
    done = subprocess.run(
        [python, "-c", _DUCKDB, *asked], capture_output=True, text=True, check=True, cwd=folder
    )
    return dict(orjson.loads(done.stdout))


_DUCKDB = """
import glob, json, os, statistics, sys, time
import duckdb, numpy as np
t0, rows, shift, buckets, some = map(int, sys.argv[1:])
db = duckdb.connect("peer.duckdb")
db.execute("CREATE TABLE readings (series USMALLINT, time TIMESTAMP_MS, value DOUBLE)")
began = time.perf_counter()
number = 0
for path in sorted(glob.glob("*-time.npy")):
    times = np.load(path).astype("M8[ms]")
    for column in np.load(path.replace("-time", "-values")).T:
        part = {"series": np.full(len(times), number, "u2"), "time": times, "value": np.ascontiguousarray(column)}
        db.execute("INSERT INTO readings SELECT * FROM part")
        number += 1
db.execute("CHECKPOINT")
insert = number * rows / (time.perf_counter() - began)
db.close()
size = os.path.getsize("peer.duckdb")
db = duckdb.connect("peer.duckdb")
end = t0 + rows * 1000
def timed(query, *given):
    took = []
    for _ in range(15):
        began = time.perf_counter()
        db.execute(query, given).fetchnumpy()
        took.append((time.perf_counter() - began) * 1e3)
    return statistics.median(took)
width = shift * 1000 // buckets
one = timed(
    "SELECT (epoch_ms(time) - ?) // ? AS b, min(value), max(value), avg(value), count(*) FROM readings"
    " WHERE series = 66 AND time >= make_timestamp_ms(?) AND time < make_timestamp_ms(?) GROUP BY b ORDER BY b",
    end - shift * 1000, width, end - shift * 1000, end)
all_ = timed(
    "SELECT * FROM readings WHERE time >= make_timestamp_ms(?) AND time < make_timestamp_ms(?)",
    t0 + 3_600_000, t0 + 3_600_000 + some * 1000)
print(json.dumps({"bytes": size / (number * rows), "one": one, "all": all_, "insert": insert}))
"""


def main() -> int:
    """Fill, seal, merge, ask; the peers beside; print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=50_000, help="of each of the 200 series")
    parser.add_argument("--folder", type=Path, default=Path(".cache/bench/historian"))
    parser.add_argument("--peer", default="", help="the Python of a venv with duckdb")
    parser.add_argument("--no-victoria", action="store_true")
    given = parser.parse_args()
    given.folder = given.folder.resolve()
    shutil.rmtree(given.folder, ignore_errors=True)
    print(machine())
    plant = Plant(given.rows)
    seconds = min(SHIFT_S, given.rows)
    shift = (T0 + (given.rows - seconds) * SECOND, T0 + given.rows * SECOND)
    some = (T0 + 3_600 * SECOND, T0 + (3_600 + SOME_S) * SECOND)
    peers: dict[str, dict[str, float]] = {}
    program = None if given.no_victoria else servers.find_program("victoria-metrics")
    if program:
        peers["VictoriaMetrics"] = victoria(program, given.folder / "victoria", plant, shift, some)
    if given.peer:
        peers["DuckDB"] = peer_duckdb(given.peer, given.folder / "duckdb", plant)
    print_table(ours(given.folder, plant, shift, some, peers))
    shutil.rmtree(given.folder, ignore_errors=True)
    return 0


def victoria(
    program: str, folder: Path, plant: Plant, shift: tuple[int, int], some: tuple[int, int]
) -> dict[str, float]:
    server = Victoria(program, folder)
    try:
        spent = server.fill(plant)
        server.settle()
        assert server.buckets(DEVICE, NAME_OF, *shift, BUCKETS) == np.count_nonzero(inside(plant, shift))
        return {
            "bytes": server.size() / plant.values,
            "one": timed(lambda: server.buckets(DEVICE, NAME_OF, *shift, BUCKETS)).median,
            "all": timed(lambda: server.window(*some)).median,
            "insert": plant.values / spent,
        }
    finally:
        server.stop()


def ours(
    folder: Path,
    plant: Plant,
    shift: tuple[int, int],
    some: tuple[int, int],
    peers: dict[str, dict[str, float]],
) -> list[Row]:
    live = per_second(folder / "live", plant)
    filled = asyncio.run(fill(folder / "ours", plant))
    tag = f"hall/line1/{DEVICE}/{NAME_OF}"

    def beside(key: str, form: str) -> str:
        return ", ".join(f"{name} {format(each[key], form)}" for name, each in peers.items())

    def ratio(key: str, mine: float) -> str:
        theirs = peers.get("VictoriaMetrics", {}).get(key)
        return f"{mine / theirs:.2f}" if theirs else ""

    index = index_bytes(folder / "ours") / plant.values
    a_value = chunk_bytes(folder / "ours") / plant.values + index
    with JournalReader(folder / "ours") as reader:
        check(reader, plant, tag, shift)
        found = reader.readings(tag, *shift, BUCKETS)
        assert int(found.count.sum()) == int(np.count_nonzero(inside(plant, shift)))
        assert len(reader.window(*some)) == len(plant.streams) * len(FIELDS)
        one = timed(lambda: reader.readings(tag, *shift, BUCKETS))
        every = timed(lambda: reader.readings(tag, *shift))
        few = timed(lambda: reader.readings(tag, T0, T0 + plant.rows * SECOND, 3))
        all_ = timed(lambda: reader.window(*some))
        busy = crowded()
    inserted = f"{filled['wall']:,.0f} ({filled['cpu']:,.0f} a CPU second)"
    small = filled["small"] / plant.values
    return [
        Row(
            "bytes a value, times in ms, the index included",
            beside("bytes", ".2f"),
            "<= 0.9",
            f"{a_value:.3f}",
            ratio("bytes", a_value),
            a_value <= 0.9,
        ),
        Row("  of it the index", "", "", f"{index:.3f}"),
        Row("  sealed by ten minutes and not merged, without the index", "", "", f"{small:.3f}"),
        Row(
            f"one tag, 8 h in {BUCKETS:,} buckets: min, max, mean, count",
            beside("one", ".1f"),
            "<= 3 ms",
            str(one),
            ratio("one", one.median),
            one.median <= 3,
        ),
        Row("  every value of it", "", "", str(every)),
        Row("  all there is in 3 buckets, mostly by summaries", "", "", str(few)),
        Row(
            "200 tags, 20 min, every value",
            beside("all", ".0f"),
            "<= 30 ms",
            str(all_),
            ratio("all", all_.median),
            all_.median <= 30,
        ),
        Row(
            f"durable inserts, {COMMIT_S} s in a commit, its leaf included: values/s",
            beside("insert", ",.0f"),
            ">= 1,000,000",
            inserted,
            ratio("insert", filled["wall"]),
            filled["wall"] >= 1e6,
        ),
        Row("  a commit each second", "", "", f"{live:,.0f}"),
        Row(
            "CPU of sealing, and of merging", "", "", f"{filled['sealing']:.1f} s, {filled['merging']:.1f} s"
        ),
        busy,
    ]


def inside(plant: Plant, shift: tuple[int, int]) -> NDArray[np.bool_]:
    """Which readings of the device that is asked for are in a span."""
    time_ns = plant.streams[int(DEVICE.removeprefix("press"))].time_ns
    which: NDArray[np.bool_] = (time_ns >= shift[0]) & (time_ns < shift[1])
    return which


def check(reader: JournalReader, plant: Plant, tag: str, shift: tuple[int, int]) -> None:
    """What is asked of chunks is what was made, to the last bit."""
    stream = plant.streams[int(DEVICE.removeprefix("press"))]
    place = [name for name, _ in FIELDS].index(NAME_OF)
    series = reader.readings(tag, *shift)
    which = inside(plant, shift)
    assert np.array_equal(series.time_ns, stream.time_ns[which])
    assert np.array_equal(series.numbers(), stream.values[which, place])


if __name__ == "__main__":
    sys.exit(main())

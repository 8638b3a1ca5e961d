"""What a day of 20 tags at 1 Hz writes to the disk under profile `card`, sealing included.

    python -m benchmarks.journal_write [--hours 24] [--folder DIR]

The day is compressed: the journal gets each commit as soon as the one before is on the disk, the simulated time of each
record is right, and every ten simulated minutes the helper process seals. Counted is `write_bytes` of /proc/self/io and
of the helper processes: pages handed to the block layer, so a page rewritten by two commits counts twice, as on a card.
The folder must be on a real file system: tmpfs writes nothing. Peer: one row a value, a commit a reading, an index.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import shutil
import sqlite3
import sys
import time
from pathlib import Path

from benchmarks._plant import SECOND, T0, Plant
from benchmarks._table import Row, machine, print_table
from gateway.clock import VirtualClock
from gateway.journal import Journal, JournalReader
from gateway.journal.seal import Sealer
from gateway.model import Block, NumberedInput, Reading

GROUPS, TAGS = 4, 5
COMMIT_EVERY_S = 10
SEAL_EVERY_S = 600
REACH_GB = 0.25
REACH_BYTES = 3.0
DAY_S = 86_400


class Dice:
    """Entropy without any."""

    def token(self, nbytes: int) -> bytes:
        return b"\1" * nbytes

    def uniform(self) -> float:
        return 0.5


def written() -> int:
    """Bytes this process and its dead children sent to the block layer."""
    own = dict(line.split(": ") for line in Path("/proc/self/io").read_text("ascii").splitlines())
    return int(own["write_bytes"]) + resource.getrusage(resource.RUSAGE_CHILDREN).ru_oublock * 512


async def ours(folder: Path, seconds: int, commit_every_s: int = COMMIT_EVERY_S) -> dict[str, float]:
    """The journal, sealed as the daemon seals it."""
    plant, clock = Plant(GROUPS, TAGS), VirtualClock(T0)
    journal = await asyncio.to_thread(
        lambda: Journal.open(folder, site="plant", gateway="gw1", clock=clock, entropy=Dice())
    )
    sealer = Sealer(journal, clock)
    start, begun = written(), time.perf_counter()
    sealing, sealing_s = 0, 0.0
    block: list[NumberedInput] = []
    for second, inputs in enumerate(plant.seconds(seconds), 1):
        block += inputs
        if second % commit_every_s == 0:
            await journal.commit(Block(tuple(block), ()))
            block = []
        if second % SEAL_EVERY_S == 70:
            before, then = written(), time.perf_counter()
            await sealer.seal(T0 + (second - 60) * SECOND)
            sealing += written() - before
            sealing_s += time.perf_counter() - then
    spent = written() - start
    took = time.perf_counter() - begun
    await asyncio.to_thread(journal.close)
    spent_on = {"written": spent, "sealing": sealing, "sealing_s": sealing_s, "took": took}
    return spent_on | await asyncio.to_thread(sizes, folder)


def sizes(folder: Path) -> dict[str, float]:
    """Bytes a value."""
    sealed = sum(file.stat().st_size for file in folder.glob("*.chunks"))
    with JournalReader(folder) as reader:
        values = reader.counts()["values"]
        hot = reader._db.execute("SELECT coalesce(sum(count * points), 0) FROM hot").fetchone()[0]  # noqa: SLF001
    main = (folder / "journal.sqlite").stat().st_size
    return {
        "sealed_bytes_a_value": sealed / max(values - hot, 1),
        "disk_bytes_a_value": (sealed + main) / values,
        "main": main,
    }


def naive(folder: Path, seconds: int) -> int:
    """One row a value, a commit a reading, an index by tag and time; WAL and FULL as well."""
    folder.mkdir(parents=True)
    plant = Plant(GROUPS, TAGS)
    tags = {group.id: [point.tag for point in group.points] for group in plant.groups}
    db = sqlite3.connect(folder / "naive.sqlite", isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("CREATE TABLE readings (tag TEXT, time_ns INTEGER, value REAL, quality INTEGER)")
    db.execute("CREATE INDEX readings_tag_time ON readings (tag, time_ns)")
    start = written()
    for inputs in plant.seconds(seconds):
        for _, given in inputs:
            if isinstance(given, Reading):
                columns = zip(tags[given.group], given.values.tolist(), given.quality.tolist(), strict=True)
                db.execute("BEGIN")
                rows = [(tag, given.at.time_ns, value, quality) for tag, value, quality in columns]
                db.executemany("INSERT INTO readings VALUES (?, ?, ?, ?)", rows)
                db.execute("COMMIT")
    spent = written() - start
    db.close()
    return spent


def main() -> int:
    """Run both, print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--hours", type=float, default=24.0, help="of ours; the peer runs a twelfth of it")
    parser.add_argument("--folder", type=Path, default=Path(".cache/bench/journal_write"))
    given = parser.parse_args()
    shutil.rmtree(given.folder, ignore_errors=True)
    seconds = round(given.hours * 3_600)
    print(machine())
    found = asyncio.run(ours(given.folder / "ours", seconds))
    if not found["written"]:
        print(f"{given.folder} is not on a disk: nothing was written", file=sys.stderr)
        return 1
    peer = naive(given.folder / "naive", seconds // 12) * 12 / seconds * DAY_S / 1e9
    day = found["written"] / seconds * DAY_S / 1e9
    sealing = found["sealing"] / seconds * DAY_S / 1e9
    commits = seconds / COMMIT_EVERY_S
    a_value = found["sealed_bytes_a_value"]
    print_table(
        [
            Row(
                "written a day, 20 tags at 1 Hz, profile card",
                f"rows in SQLite {peer:.2f} GB",
                f"{REACH_GB} GB",
                f"{day:.3f} GB",
                f"{day / peer:.3f}",
                day <= REACH_GB,
            ),
            Row("of it sealing", "", "", f"{sealing:.3f} GB"),
            Row("a commit", "", "", f"{(found['written'] - found['sealing']) / commits / 1e3:.1f} kB"),
            Row(
                "sealed, a value with its time",
                "",
                f"{REACH_BYTES} bytes",
                f"{a_value:.2f} bytes",
                "",
                a_value <= REACH_BYTES,
            ),
            Row("whole folder, a value", "", "", f"{found['disk_bytes_a_value']:.2f} bytes"),
            Row("main file at the end", "", "", f"{found['main'] / 1e6:.1f} MB"),
            Row(
                "a sealing, wall time",
                "",
                "",
                f"{found['sealing_s'] / max(seconds // SEAL_EVERY_S, 1):.2f} s",
            ),
            Row(
                "a commit, wall time",
                "",
                "",
                f"{(found['took'] - found['sealing_s']) / commits * 1e3:.1f} ms",
            ),
        ]
    )
    shutil.rmtree(given.folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""How long the journal's readers take: one tag over a shift, all tags for 20 minutes, a lot's window.

    python -m benchmarks.journal_query [--hours 9] [--folder DIR]

200 tags at 1 Hz in ten groups, more than a shift; sealed but for the last windows, which are committed every second.
Best and median of several runs in one process, the journal opened before; the first run, with nothing cached by us, is
shown too. Peer: the same values as rows of an SQLite table with an index by tag and time.
"""

from __future__ import annotations

import argparse
import shutil
import sqlite3
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks._plant import SECOND, T0, Plant
from benchmarks._table import Row, machine, print_table
from gateway.journal import JournalReader, Replica
from gateway.model import Identity, LotChanged, NumberedEvent, NumberedInput, Reading

GROUPS, TAGS = 10, 20
SHIFT_S = 8 * 3_600
BUCKETS = 1_000
RUNS = 9
HOT_S = 12 * 60  # what is hot at most: a window, the grace and the time between two sealings


def build(folder: Path, seconds: int) -> int:
    """A replica of so many seconds, sealed up to its last windows; how many values."""
    plant = Plant(GROUPS, TAGS)
    with Replica.open(folder, Identity("plant", "gw1", "bench")) as replica:
        block: list[NumberedInput] = []
        for second, inputs in enumerate(plant.seconds(seconds), 1):
            block += inputs
            if second % 300 == 0 or second > seconds - HOT_S:
                replica.store(block, [])
                block = []
        lot = [
            NumberedEvent(
                1, 0, LotChanged(T0 + 3_600 * SECOND, "L1", "opened", "hall/line1/press0", "product", "L1")
            ),
            NumberedEvent(
                2, 0, LotChanged(T0 + 4_200 * SECOND, "L1", "closed", "hall/line1/press0", "product", "L1")
            ),
        ]
        replica.store(block, lot)
        replica.seal(T0 + (seconds - HOT_S) * SECOND)
    return seconds * GROUPS * TAGS


def build_rows(path: Path, seconds: int) -> sqlite3.Connection:
    """One tag in ten of the same, a row a value: the peer's index makes the others irrelevant but for size."""
    plant = Plant(GROUPS, TAGS)
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE readings (tag TEXT, time_ns INTEGER, value REAL, quality INTEGER)")
    first = {group.id: group.points[0].tag for group in plant.groups}
    for inputs in plant.seconds(seconds):
        rows = [
            (first[given.group], given.at.time_ns, float(given.values[0]), 0)
            for _, given in inputs
            if isinstance(given, Reading)
        ]
        db.executemany("INSERT INTO readings VALUES (?, ?, ?, ?)", rows)
    db.execute("CREATE INDEX readings_tag_time ON readings (tag, time_ns)")
    db.commit()
    return db


def timed(job: Callable[[], object]) -> tuple[float, float, float]:
    """First, best and median, in ms."""
    took = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        job()
        took.append((time.perf_counter() - begun) * 1e3)
    return took[0], min(took), statistics.median(took)


def main() -> int:
    """Build, ask, print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--hours", type=float, default=9.0)
    parser.add_argument("--folder", type=Path, default=Path(".cache/bench/journal_query"))
    given = parser.parse_args()
    shutil.rmtree(given.folder, ignore_errors=True)
    seconds = round(given.hours * 3_600)
    print(machine())
    values = build(given.folder / "ours", seconds)
    rows = build_rows(given.folder / "rows.sqlite", seconds)
    end = T0 + seconds * SECOND
    reader = JournalReader(given.folder / "ours")
    tag = reader.tags()[0]
    shift = (end - SHIFT_S * SECOND, end)
    middle = (T0 + 3_600 * SECOND, T0 + 4_800 * SECOND)
    newest = (end - 1_200 * SECOND, end)

    def row_shift() -> object:
        asked = "SELECT time_ns, value FROM readings WHERE tag = ? AND time_ns >= ? AND time_ns < ?"
        found = np.array(rows.execute(asked, (tag, *shift)).fetchall())
        return np.minimum.reduceat(found[:, 1], np.arange(0, len(found), 29))

    def lot_window() -> object:
        lot = reader.lot("L1")
        assert lot is not None
        return reader.window(lot.windows[0].since_ns, lot.windows[0].until_ns or 0)

    peer = timed(row_shift)
    table = []
    for what, reach, job in (
        (f"one tag over 8 h in {BUCKETS} buckets", 50.0, lambda: reader.readings(tag, *shift, BUCKETS)),
        ("one tag over 8 h, every value", 50.0, lambda: reader.readings(tag, *shift)),
        ("20 min of 200 tags, sealed", 100.0, lambda: reader.window(*middle)),
        ("20 min of 200 tags, the newest", 100.0, lambda: reader.window(*newest)),
        ("all tags in a lot's window, 10 min", 100.0, lot_window),
    ):
        first, best, median = timed(job)
        beside = f"rows in SQLite {peer[2]:.0f} ms" if "one tag" in what else ""
        ratio = f"{median / peer[2]:.2f}" if beside else ""
        told = f"{median:.1f} ms (first {first:.1f}, best {best:.1f})"
        table.append(Row(what, beside, f"{reach:.0f} ms", told, ratio, median <= reach))
    assert len(reader.readings(tag, *shift)) >= SHIFT_S - 1
    sealed = sum(file.stat().st_size for file in (given.folder / "ours").glob("*.chunks"))
    a_value = sealed / (values * (seconds - HOT_S) / seconds)
    table.append(
        Row("sealed, a value with its time", "", "3.0 bytes", f"{a_value:.2f} bytes", "", a_value <= 3.0)
    )
    print_table(table)
    reader.close()
    rows.close()
    shutil.rmtree(given.folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

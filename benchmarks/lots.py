"""Genealogy by mass in the journal: a plant of a million lots, closed, found, traced, and its indices made again.

    python -m benchmarks.lots [--lots N] [--folder DIR]

The plant is that of benchmarks/genealogy_plant.py, written as LotMade events by the code of `lotwatch import genealogy`
(minutes for a million: `--folder` keeps the journal, and a run after it uses what is there). Times are CPU times of
one process that has the journal open, one question after another about lots drawn at random; what is loaded is said.
The peer of exposure is what links alone can say, recursive SQL over the same edges in the same file: it has no masses.
The pure parts (mixing, exact solves, any-trace in arrays) are in benchmarks/genealogy.py.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks._table import Row, crowded, machine, print_table
from benchmarks.genealogy_plant import BATCH, MATERIAL, SHIPMENT, plant
from gateway.cli.import_ import lots_made
from gateway.clock import SystemClock
from gateway.journal import Journal, JournalReader
from gateway.journal.database import NAME, open_for_writing
from gateway.journal.rebuild import rebuild_folder
from gateway.journal.writing import Records
from gateway.model import Block, LotMade, NumberedEvent

LOTS = 1_000_000
ASKED = 200
ASKED_SQL = 12  # seconds each
CLOSED = 4_000
KINDS = {"resin": MATERIAL, "batch": BATCH, "shipment": SHIPMENT}


class _Entropy:
    def token(self, nbytes: int) -> bytes:
        return bytes(nbytes)

    def uniform(self) -> float:
        return 0.5


def events(size: int, first: int = 1) -> Iterator[NumberedEvent]:
    made = plant(size)
    graph = replace(made.graph, names=tuple(made.names()))
    return (NumberedEvent(seq, 0, each) for seq, each in enumerate(lots_made(graph), first))


def build(folder: Path, size: int, site: str = "bench") -> None:
    """The journal of the plant, all in one transaction as an import is."""

    def blocks() -> Iterator[Block]:
        some: list[NumberedEvent] = []
        for event in events(size):
            some.append(event)
            if len(some) == 1_000:
                yield Block((), tuple(some))
                some = []
        yield Block((), tuple(some))

    with Journal.open(folder, site=site, gateway="gw1", clock=SystemClock(), entropy=_Entropy()) as journal:
        journal.take_in(blocks())


def timed(work: Callable[[str], object], asked: Sequence[str]) -> tuple[float, float]:
    """CPU milliseconds: median and 99th percentile, of the best of three each."""
    for name in asked[:5]:
        work(name)
    took = []
    for name in asked:
        tries = []
        for _ in range(3):
            began = time.process_time_ns()
            work(name)
            tries.append((time.process_time_ns() - began) / 1e6)
        took.append(min(tries))
    return float(np.percentile(took, 50)), float(np.percentile(took, 99))


def _pair(found: tuple[float, float]) -> str:
    return f"{found[0]:.3g} / {found[1]:.3g} ms"


def names(reader: JournalReader, kind: str, count: int, seed: int = 7) -> list[str]:
    """Lots of a kind, drawn at random; every size of plant names them by kind."""
    prefix = {"resin": "MAT", "batch": "BAT", "shipment": "SHI"}[kind]
    all_ = [name for name in reader.made.names() if name.startswith(prefix)]
    return list(np.random.default_rng(seed).choice(all_, min(count, len(all_)), replace=False))


def asking(folder: Path) -> list[Row]:
    rows = []
    with JournalReader(folder) as reader:
        resins, batches = names(reader, "resin", ASKED), names(reader, "batch", ASKED)
        shipments = names(reader, "shipment", ASKED)
        hits = [len(reader.made.holders(name, 1e-3, "shipment")) for name in resins]
        held = timed(lambda name: reader.made.holders(name, 1e-3, "shipment"), resins)
        peer = by_links(folder, resins[:ASKED_SQL])
        rows.append(
            Row(
                f"shipments holding >= 0.1 % of a resin lot, p50/p99 ({np.mean(hits):.0f} found on average)",
                f"recursive SQL, links only: {_pair(peer)}", "0.5 / 2 ms", _pair(held), f"{peer[0] / held[0]:.0f} x",
                held[0] <= 0.5 and held[1] <= 2.0,
            )
        )  # fmt: skip
        composed = timed(reader.made.composition, batches)
        rows.append(
            Row("composition of a batch, p50/p99", "", "0.05 / 0.2 ms", _pair(composed), "",
                composed[0] <= 0.05 and composed[1] <= 0.2)
        )  # fmt: skip
        began = time.perf_counter()
        links = reader.links()
        first = time.perf_counter() - began
        began = time.perf_counter()
        links = reader.links()
        again = time.perf_counter() - began
        arrays = sum(getattr(links.chains, each).nbytes for each in links.chains.__dataclass_fields__)
        rows.append(
            Row("any-trace: arrays read from the file beside the journal", "", "", f"{again:.2f} s", "")
        )
        rows.append(
            Row(f"... {arrays / 1e6:.0f} MB and {links.names.nbytes / 1e6:.0f} MB of names; this run's first", "", "",
                f"{first:.1f} s", "")
        )  # fmt: skip
        for what, asked, kind, forward, reach in (
            ("any-trace with names, resin to shipments", resins, "shipment", True, (15, 150)),
            ("any-trace with names, shipment to resins", shipments, "material", False, (40, 150)),
        ):
            took = timed(lambda name, f=forward, k=kind: links.reached([name], forward=f, kind=k), asked[:60])  # type: ignore[misc]
            rows.append(
                Row(f"{what}, p50/p99", "", f"{reach[0]} / {reach[1]} ms", _pair(took), "",
                    took[0] <= reach[0] and took[1] <= reach[1])
            )  # fmt: skip
    return rows


def by_links(folder: Path, resins: Sequence[str]) -> tuple[float, float]:
    """The legal set of shipments by recursive SQL over the same table."""
    db = sqlite3.connect(f"file:{folder / NAME}?mode=ro", uri=True)
    db.execute("PRAGMA cache_size = -262144")
    asked = """
        WITH RECURSIVE reached(lot) AS (
            VALUES (?) UNION SELECT made_of.lot FROM made_of JOIN reached ON made_of.parent = reached.lot
        ) SELECT count(*) FROM reached JOIN made USING (lot) WHERE kind = 'shipment'
    """
    took = []
    for name in resins:
        began = time.process_time_ns()
        db.execute(asked, (name,)).fetchone()
        took.append((time.process_time_ns() - began) / 1e6)
    db.close()
    return float(np.percentile(took, 50)), float(np.percentile(took, 99))


def closing() -> list[Row]:
    """What a lot costs when it is closed: its rows, and the CPU of writing them; the disk's wait is not in it."""
    some = list(events(60_000))[-CLOSED - 20_000 :]
    with tempfile.TemporaryDirectory() as name:
        db = open_for_writing(Path(name))
        records = Records(db)
        db.execute("BEGIN")
        records.write([], some[:-CLOSED])
        written, took = [], []
        for event in some[-CLOSED:]:
            before, began = db.total_changes, time.process_time_ns()
            records.write([], [event])
            took.append((time.process_time_ns() - began) / 1e3)
            written.append(db.total_changes - before)
        db.execute("ROLLBACK")
        db.close()
    rows, cost = np.array(written), np.array(took)
    made = [event.event for event in some[-CLOSED:]]
    width = np.mean([len(each.composition.sources) for each in made if isinstance(each, LotMade)])
    over = int((rows > 20).sum())
    return [
        Row("closing a lot: rows, mean / 99 of 100 / most", "", "<= 20",
            f"{rows.mean():.1f} / {np.percentile(rows, 99):.0f} / {rows.max()} ({over} of {len(rows)} are over)",
            "", bool(rows.max() <= 20)),
        Row(f"... CPU of them and the ledger's bytes, mean / median ({width:.0f} sources a lot)", "", "<= 100 us",
            f"{cost.mean():.0f} / {np.median(cost):.0f} us, most {cost.max() / 1e3:.1f} ms", "",
            bool(cost.mean() <= 100)),
        crowded(),
    ]  # fmt: skip


def rebuilding(folder: Path) -> list[Row]:
    words = [sys.executable, "-m", "benchmarks.lots", "--rebuild", str(folder)]
    told = json.loads(subprocess.run(words, capture_output=True, text=True, check=True).stdout)
    return [
        Row(f"indices again from events, {told['events']} lots: CPU", "", "<= 15 s",
            f"{told['cpu']:.1f} s (wall {told['wall']:.1f} s)", "", told["cpu"] <= 15.0),
        Row("... memory", "", "<= 400 MB", f"{told['mb']:.0f} MB", "", told["mb"] <= 400.0),
        crowded(),
    ]  # fmt: skip


def rebuild_here(folder: Path) -> None:
    began, wall = time.process_time(), time.perf_counter()
    count = rebuild_folder(folder)
    cpu, wall = time.process_time() - began, time.perf_counter() - wall
    status = Path("/proc/self/status").read_text("ascii")  # ru_maxrss is that of who started us, if larger
    memory = int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1e3  # type: ignore[index]
    print(json.dumps({"events": count, "cpu": cpu, "wall": wall, "mb": memory}))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--lots", type=int, default=LOTS)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--rebuild", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.rebuild:
        rebuild_here(given.rebuild)
        return
    with contextlib.ExitStack() as undo:
        folder = given.folder or Path(undo.enter_context(tempfile.TemporaryDirectory()))
        took = 0.0
        if not (folder / NAME).is_file():
            began = time.perf_counter()
            build(folder, given.lots)
            took = time.perf_counter() - began
        size = sum(path.stat().st_size for path in folder.iterdir() if path.name.startswith(NAME))
        rows = closing() + asking(folder) + rebuilding(folder)
        kept = f"built in {took:.0f} s" if took else "kept from a run before"
        with JournalReader(folder) as reader:
            count = reader.made.count()
        rows.append(
            Row(f"the journal of {count} lots, {kept}", "", "", f"{size / count:.0f} bytes a lot", "")
        )
    print_table(rows)
    print(machine())


if __name__ == "__main__":
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    main()

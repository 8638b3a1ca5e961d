"""The ledger: what a leaf costs the commit, what a proof costs, and a recall package of any lot.

    python -m benchmarks.proof [--leaves N] [--lots N] [--folder DIR] [--peer PYTHON]

The plant of the recall is that of benchmarks/genealogy_plant.py, written as `lotwatch import genealogy` writes it.
`--folder` keeps the journals on that disk, and a run after it uses the plant that is there. The peer of proofs is RFC
6962's recursion in plain Python over the same leaves in memory, and, where `--peer` names the Python of a venv with it,
pymerkle appending to its own SQLite. Times of one process; the machine's load is said.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import random
import secrets
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import numpy as np

from benchmarks._plant import T0, Plant
from benchmarks._table import Row, machine, print_table
from gateway.cli.import_ import _LOTS_A_BLOCK, lots_made
from gateway.cli.recall import epcis_of
from gateway.clock import SystemClock, VirtualClock
from gateway.journal import Journal, JournalReader
from gateway.journal.database import NAME, open_for_writing
from gateway.journal.ledger import Ledger
from gateway.journal.signer import sign_now
from gateway.journal.writing import transaction
from gateway.model import Block, Identity, Noted, NumberedEvent, Severity
from gateway.proof.leaf import Leaf, Span
from gateway.proof.merkle import node_hash
from gateway.recall.build import build
from gateway.recall.check import check
from gateway.recall.hurry import in_a_hurry
from gateway.recall.package import package_bytes
from gateway.recall.summary import lines

EVENTS, BATCH = 200_000, 10_000
TAGS, GROUPS, SECONDS = 200, 50, 20  # 10,000 values a second
ASKED = 300


class Dice:
    """The system's chance."""

    def token(self, nbytes: int) -> bytes:
        return secrets.token_bytes(nbytes)

    def uniform(self) -> float:
        return 0.5


def opened(folder: Path) -> Journal:
    return Journal.open(folder, site="bench", gateway="gw1", clock=VirtualClock(), entropy=Dice())


# --- the log --------------------------------------------------------------------------------------------------------


def logging(folder: Path, peer: str) -> list[Row]:
    """Events a second, ten thousand in a commit that is on the disk."""
    facts = [{"late_ms": number * 0.37, "polls": number} for number in range(EVENTS)]
    events = [
        NumberedEvent(
            number + 1, 0, Noted(T0 + number, "poll_overrun", f"plc{number % 7}", Severity.WARNING, fact)
        )
        for number, fact in enumerate(facts)
    ]
    blocks = [Block((), tuple(events[at : at + BATCH])) for at in range(0, EVENTS, BATCH)]
    gc.collect()
    gc.freeze()  # what was made beforehand is no work of the journal's
    with opened(folder / "log") as journal:
        rates, busy = [], []
        for part in blocks:  # the best of twenty is what the disk and other processes leave us
            began, spent = time.perf_counter(), time.process_time()
            asyncio.run(commit(journal, [part]))
            rates.append(BATCH / (time.perf_counter() - began))
            busy.append(BATCH / (time.process_time() - spent))
    said = "none named: --peer"
    ratio = ""
    if peer:
        done = subprocess.run([peer, "-c", _PYMERKLE], capture_output=True, text=True, check=True, cwd=folder)
        theirs = float(done.stdout)
        said, ratio = f"pymerkle, SQLite: {theirs:,.0f}", f"{np.median(rates) / theirs:.0f} x"
    return [
        Row(
            "events/s into the journal, leaf and disk included",
            said,
            ">= 50,000",
            f"{np.median(rates):,.0f} (best {max(rates):,.0f}; {np.median(busy):,.0f} a CPU second)",
            ratio,
            bool(np.median(rates) >= 50_000),
        )
    ]


async def commit(journal: Journal, blocks: list[Block]) -> None:
    for block in blocks:
        await journal.commit(block)


_PYMERKLE = """
import os, time
from pymerkle import SqliteTree
if os.path.exists("peer.db"): os.remove("peer.db")
row = b'{"cause":0,"event":{"facts":{"late_ms":%d.37},"kind":"poll_overrun","subject":"plc1"},"seq":%d}'
rows = [row % (n, n) for n in range(3000)]
with SqliteTree("peer.db") as tree:
    began = time.perf_counter()
    for row in rows:
        tree.append_entry(row)
    print(len(rows) / (time.perf_counter() - began))
"""


# --- the hot path ---------------------------------------------------------------------------------------------------


def readings(folder: Path) -> list[Row]:
    """CPU of commits of 10,000 values a second, and how much of it is the leaf."""
    plant = Plant(GROUPS, TAGS)
    blocks = [Block(tuple(inputs), ()) for inputs in plant.seconds(SECONDS)]
    spent = 0.0
    with opened(folder / "readings") as journal:
        ledger = journal._ledger  # noqa: SLF001 # what is measured
        whole = ledger.commit

        def measured(*given: object) -> None:
            nonlocal spent
            began = time.thread_time()
            whole(*given)  # type: ignore[arg-type]
            spent += time.thread_time() - began

        ledger.commit = measured  # type: ignore[method-assign,assignment]
        began = time.process_time()
        asyncio.run(commit(journal, blocks))
        took = (time.process_time() - began) / SECONDS
    values = GROUPS * TAGS
    leaf = spent / SECONDS
    return [
        Row(
            f"commit of {values:,} values/s: CPU of a core",
            f"without the leaf: {took - leaf:.4f}",
            "<= 0.10",
            f"{took:.4f}, of which the leaf {leaf:.4f}",
            f"{took / (took - leaf):.2f} x",
            took <= 0.10,
        )
    ]


# --- proofs ---------------------------------------------------------------------------------------------------------


def proofs(folder: Path, count: int) -> list[Row]:
    """Proofs out of the tables of a ledger with so many leaves."""
    where = folder / "leaves"
    where.mkdir()
    identity = Identity("bench", "gw1", "00")
    db = open_for_writing(where)
    db.executemany("INSERT INTO meta VALUES (?, ?)", [("site", "bench"), ("gateway", "gw1"), ("epoch", "00")])
    ledger = Ledger(db, identity)
    hashes = []
    with transaction(db, where / NAME):
        for n in range(count):
            roots = (sha256(b"%d" % n).digest() if n else b"", b"", b"")
            leaf = Leaf(n, Span(n * 12, 12 if n else 0), Span(n // 5, 0), roots)
            ledger.put(leaf)
            hashes.append(leaf.hash(ledger.origin))
    db.close()
    dice = random.Random(5)
    with JournalReader(where) as reader:
        view = reader.ledger
        size = [0]

        def inclusion() -> None:
            view.refresh()
            size[0] = 32 * len(view.inclusion(dice.randrange(count), count)) + 200

        def consistency() -> None:
            view.refresh()
            size.append(32 * len(view.consistency(dice.randrange(1, count), count)))

        included, consistent = timed(inclusion), timed(consistency)
        largest = max(size)
    peer = min(hashes_taken(hashes[: count // 10]) for _ in range(3))
    said = f"RFC 6962 recursion, {count // 10:,} leaves in memory: {peer:,.0f} ms"
    return [
        Row(
            f"inclusion proof, {count:,} leaves on the disk, p50 / p99",
            said,
            "< 2 ms",
            f"{included[0]:.2f} / {included[1]:.2f} ms",
            f"{included[0] / peer:.4f} x",
            included[1] < 2,
        ),
        Row(
            "consistency proof, p50 / p99",
            "",
            "< 2 ms",
            f"{consistent[0]:.2f} / {consistent[1]:.2f} ms",
            "",
            consistent[1] < 2,
        ),
        Row("bytes of any proof, the leaf's own with it", "", "< 1,500", f"{largest}", "", largest < 1_500),
    ]


def hashes_taken(hashes: list[bytes]) -> float:
    """Milliseconds of one inclusion path by the RFC's own recursion."""

    def root(some: list[bytes]) -> bytes:
        if len(some) == 1:
            return some[0]
        half = 1 << (len(some) - 1).bit_length() - 1
        return node_hash(root(some[:half]), root(some[half:]))

    def path(index: int, some: list[bytes]) -> list[bytes]:
        if len(some) == 1:
            return []
        half = 1 << (len(some) - 1).bit_length() - 1
        if index < half:
            return [*path(index, some[:half]), root(some[half:])]
        return [*path(index - half, some[half:]), root(some[:half])]

    began = time.perf_counter()
    path(len(hashes) // 3, hashes)
    return (time.perf_counter() - began) * 1e3


def timed(work: Callable[[], None]) -> tuple[float, float]:
    """Milliseconds: median and 99th percentile, of the best of three after each other."""
    took = []
    for _ in range(ASKED):
        tries = []
        for _ in range(3):
            began = time.perf_counter()
            work()
            tries.append((time.perf_counter() - began) * 1e3)
        took.append(min(tries))
    return float(np.percentile(took, 50)), float(np.percentile(took, 99))


# --- recalls --------------------------------------------------------------------------------------------------------


def plant_of(folder: Path, lots: int) -> Path:
    """The journal of the plant, made where it is not there."""
    where = folder / f"plant-{lots}"
    if (where / "ledger.key").is_file():
        return where
    from dataclasses import replace  # noqa: PLC0415

    from benchmarks.genealogy_plant import plant  # noqa: PLC0415

    made = plant(lots)
    graph = replace(made.graph, names=tuple(made.names()))

    def blocks() -> Iterator[Block]:
        some: list[NumberedEvent] = []
        for seq, each in enumerate(lots_made(graph), 1):
            some.append(NumberedEvent(seq, 0, each))
            if len(some) == _LOTS_A_BLOCK:
                yield Block((), tuple(some))
                some = []
        yield Block((), tuple(some))

    with Journal.open(where, site="bench", gateway="gw1", clock=SystemClock(), entropy=Dice()) as journal:
        journal.take_in(blocks())
        sign_now(journal, SystemClock(), Dice())
    return where


def recalls(folder: Path, lots: int) -> list[Row]:
    """Packages of lots of each kind, drawn at random, with their EPCIS events; the slowest counts."""
    dice = random.Random(11)
    made, checked, sizes, boxes = [], [], [], []
    busy: list[tuple[float, float]] = []  # CPU seconds of both, where the machine is not ours alone
    with JournalReader(plant_of(folder, lots)) as reader, in_a_hurry():
        names = reader.made.names()
        for prefix in ("MAT", "BAT", "BOX", "REG", "MAT"):
            some = [name for name in names if name.startswith(prefix)]
            for lot in dice.sample(some, min(4, len(some))):
                began, spent = time.perf_counter(), time.process_time()
                plain = build([reader], lot, lot, least=1e-3, made_ns=T0)
                plain["epcis"] = epcis_of(reader.folder, plain, T0)
                data = package_bytes({**plain, "summary": "\n".join(lines(plain))})
                made.append(time.perf_counter() - began)
                half = time.process_time()
                began = time.perf_counter()
                found = check(data)
                busy.append((half - spent, time.process_time() - half))
                checked.append(time.perf_counter() - began)
                sizes.append(len(data))
                boxes.append(len(found.answer["lots"]))
    told = f"{lots:,} lots; {max(boxes):,} boxes, pallets, shipments at most, {max(sizes) / 1e6:.1f} MB"
    return [
        Row(
            "recall package of any lot, median / worst of 20",
            "hours in audits",
            "< 5 s",
            f"{np.median(made):.2f} / {max(made):.2f} s, CPU at most {max(a for a, _ in busy):.2f} s ({told})",
            "",
            max(made) < 5,
        ),
        Row(
            "its verification, median / worst",
            "",
            "< 2 s",
            f"{np.median(checked):.2f} / {max(checked):.2f} s, CPU at most {max(b for _, b in busy):.2f} s",
            "",
            max(checked) < 2,
        ),
    ]


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.proof", description=__doc__)
    parser.add_argument("--leaves", type=int, default=1_000_000)
    parser.add_argument("--lots", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, help="on the disk to measure; the plant stays there")
    parser.add_argument("--peer", default="", help="Python of a venv with pymerkle")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as work:
        here = Path(work)
        rows = [*logging(here, given.peer), *readings(here), *proofs(here, given.leaves)]
        rows += recalls(given.folder or here, given.lots)
    print(f"{machine()}; SQLite {sqlite3.sqlite_version}")
    print_table(rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())

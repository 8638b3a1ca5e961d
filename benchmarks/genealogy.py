"""Genealogy by mass on a plant of a million lots with continuous regrind: python -m benchmarks.genealogy [--lots N]

The plant is that of benchmarks/genealogy_plant.py. Measured are the pure parts: mixing, rebuilding, exact solves,
any-trace; what the journal adds is in its own figures. Times are CPU times of one process with one thread. Any-trace
has its peer in the same run: recursive SQL over the same edges in SQLite, in memory, indexed both ways; the answers of
both are compared. Rebuilding runs in a process of its own, which loads the arrays, so that its memory is its own.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks._genealogy_closing import closing
from benchmarks._genealogy_kit import load, save, spent
from benchmarks._genealogy_tables import Tables
from benchmarks._genealogy_trace import tracing
from benchmarks._table import Row, machine, print_table
from benchmarks.genealogy_plant import BATCH, BLEND, MATERIAL, Plant, plant
from gateway.genealogy import (
    CUT,
    EXACT,
    Correction,
    Exact,
    Graph,
    check,
    mix,
    rebuild,
    restated,
    source,
)

LOTS = 1_000_000
CHECKED = 48  # lots that are solved exactly
CHAIN = 100_000  # mixings, one after another
RESTATED = 100_000  # lots of the plant in which one is corrected
REACH_REBUILD_S, REACH_REBUILD_MB = 15.0, 400.0


# --- rebuilding, in a process of its own ---


def rebuild_here(folder: Path) -> None:
    """Rebuilds, and prints what it took as JSON."""
    graph: Graph = load(Graph, folder)
    worst, vectors, entries = 0.0, 0, 0
    began, wall = time.process_time(), time.perf_counter()
    for part in rebuild(graph):
        worst = max(worst, part.defect())
        vectors += len(part.own)
        entries += len(part.source)
    took = time.process_time() - began
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    wall = time.perf_counter() - wall
    print(
        json.dumps(
            {"cpu": took, "wall": wall, "mb": memory, "worst": worst, "vectors": vectors, "entries": entries}
        )
    )


def rebuilding(folder: Path) -> list[Row]:
    words = [sys.executable, "-m", "benchmarks.genealogy", "--rebuild", str(folder)]
    told = json.loads(subprocess.run(words, capture_output=True, text=True, check=True).stdout)
    size = f"{told['vectors']:,} vectors of {told['entries'] / told['vectors']:.0f} sources, both rows"
    cpu, memory, worst = told["cpu"], told["mb"], told["worst"]
    took = f"{cpu:.1f} s (wall {told['wall']:.1f} s); {size}"
    return [
        Row("rebuild all lots from edges: CPU", "", "<= 15 s", took, "", cpu <= REACH_REBUILD_S),
        Row(
            "... memory, graph included", "", "<= 400 MB", f"{memory:.0f} MB", "", memory <= REACH_REBUILD_MB
        ),
        Row("... shares and rest miss 1 by at most", "", "1e-12", f"{worst:.1e}", "", worst <= EXACT),
    ]


# --- exact against truncated, corrections, long chains ---


def exactly(made: Plant) -> list[Row]:
    """Solves of one source and one lot; the worst of truncated shares against them."""
    graph = made.graph
    began = time.process_time()
    exact = Exact(graph)
    prepared = time.process_time() - began
    resins, batches = made.of_kind(MATERIAL), made.of_kind(BATCH)
    column = [spent(partial(exact.source, lot)) for lot in resins[:: max(len(resins) // 8, 1)].tolist()]
    row = [spent(partial(exact.lot, lot)) for lot in batches[:: max(len(batches) // 8, 1)].tolist()]
    lots = np.unique(np.linspace(len(graph) // 5, len(graph) - 1, CHECKED).astype(int))
    same, own = np.zeros(len(graph), np.int64), {}
    wanted = set(lots.tolist())
    names = [str(number) for number in range(len(graph))]
    for part in rebuild(graph):
        same[part.begin : part.end] = part.same_as
        wanted |= {int(same[lot]) for lot in wanted if part.begin <= lot < part.end}
        own.update(
            {lot: part.vector(place, names) for place, lot in enumerate(part.own.tolist()) if lot in wanted}
        )
    worst, over, rest, checked = 0.0, -1.0, 0.0, 0
    for begin in range(0, len(lots), 8):
        some = lots[begin : begin + 8].tolist()
        for truth, lot in zip(np.moveaxis(exact.lots(some), 2, 0), some, strict=True):
            vector = own.get(int(same[lot]))
            if vector is None:  # made in an earlier block, and not kept
                continue
            checked += 1
            low = np.zeros_like(truth)
            low[:, [int(name) for name in vector.sources]] = vector.shares
            worst = max(worst, float((truth - low).max()))
            over = max(over, float((truth - low - vector.rest[:, None]).max()), float((low - truth).max()))
            rest = max(rest, float(vector.rest.max()))
    solved = f"{np.median(column):.2f} s; {np.median(row):.2f} s; prepared once in {prepared:.1f} s"
    against = f"{worst:.1e}; largest rest {rest:.1e}; outside [x, x + rest] by {max(over, 0.0):.0e}"
    what = f"truncated below {CUT:g} against exact, {checked} lots: furthest share"
    return [
        Row("exact: one source in all lots; one lot, all sources", "", "", solved),
        Row(what, "", "within the rest", against, "", over <= EXACT),
    ]


def chained() -> Row:
    """What sums miss 1 by after very many mixings one after another, without fresh material."""
    rng = np.random.default_rng(4)
    lots = [source(f"S{number}") for number in range(6)]
    worst = 0.0
    for kg, picked in zip(rng.random((CHAIN, 3)), rng.integers(0, 6, (CHAIN, 3)), strict=True):
        one, two, three = picked.tolist()
        lots[one] = mix(
            [(lots[two], kg[0], 0.0, ""), (lots[three], kg[1], 0.0, ""), (lots[one], kg[2], 0.0, "")]
        )
        worst = max(worst, check(lots[one]))
    return Row(f"sums after {CHAIN:,} mixings miss 1 by", "", "1e-12", f"{worst:.1e}", "", worst <= EXACT)


def corrected() -> Row:
    """A blend in the middle of a plant of 100,000 lots had another masterbatch: the lots that change."""
    made = plant(RESTATED)
    tables = Tables(made.graph, made.names())
    blends = made.of_kind(BLEND)
    lot = tables.names[int(blends[len(blends) // 2])]
    inputs = tables.edges_into(lot)
    wrong = min(range(len(inputs)), key=lambda place: inputs[place].kg)
    inputs[wrong] = replace(inputs[wrong], lot=tables.names[int(made.of_kind(MATERIAL)[0])])
    began = time.process_time()
    changed = restated(tables, [Correction(lot, inputs=tuple(inputs))])
    took = time.process_time() - began
    measured = f"{took:.1f} s for the {len(changed):,} that change, {took / len(changed) * 1e6:.0f} us each"
    return Row(f"correction of one blend among {RESTATED:,} lots", "", "", measured)


def run(lots: int = LOTS) -> list[Row]:
    """The rows of this figure."""
    began = time.process_time()
    made = plant(lots)
    graph = made.graph
    size = f"{len(graph):,} lots, {len(graph.parent):,} edges, {len(graph.sources):,} sources"
    rows = [Row("the plant", "", "", f"{size}, made in {time.process_time() - began:.1f} s")]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        save(graph, folder)
        rows += rebuilding(folder)
        rows += closing(made)
        rows += exactly(made)
        rows += [chained(), corrected()]
        rows += tracing(made, folder)
    return rows


def main() -> None:
    if os.environ.get("OPENBLAS_NUM_THREADS") != "1":  # read when numpy is loaded
        os.environ["OPENBLAS_NUM_THREADS"] = "1"
        os.execv(sys.executable, [sys.executable, "-m", "benchmarks.genealogy", *sys.argv[1:]])
    parser = argparse.ArgumentParser(prog="python -m benchmarks.genealogy")
    parser.add_argument("--lots", type=int, default=LOTS)
    parser.add_argument("--rebuild", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.rebuild:
        rebuild_here(given.rebuild)
        return
    print(machine())
    print_table(run(given.lots))


if __name__ == "__main__":
    main()

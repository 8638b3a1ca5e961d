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
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import fields, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np

from benchmarks._genealogy_tables import Tables
from benchmarks._table import Row, machine, print_table
from benchmarks.genealogy_plant import BATCH, BLEND, KINDS, MATERIAL, SHIPMENT, Plant, plant
from gateway.genealogy import (
    CUT,
    EXACT,
    Chains,
    Correction,
    Exact,
    Graph,
    Vector,
    backward,
    check,
    forward,
    mix,
    rebuild,
    restated,
    source,
    to_composition,
)
from gateway.genealogy.blend import Part
from gateway.genealogy.graph import GROUND, MIXING

LOTS = 1_000_000
ASKED = 60  # lots that each trace is asked for
CLOSED = 600  # lots that are closed again
CHECKED = 48  # lots that are solved exactly
CHAIN = 100_000  # mixings, one after another
RESTATED = 100_000  # lots of the plant in which one is corrected
REACH_REBUILD_S, REACH_REBUILD_MB, REACH_CLOSE_US = 15.0, 400.0, 100.0

Times = list[float]


def spent(work: Callable[[], object]) -> float:
    """CPU seconds."""
    began = time.process_time()
    work()
    return time.process_time() - began


def quantiles(times: Times, unit: float) -> tuple[float, float]:
    """Median and 99th percentile, in units of `unit` seconds."""
    return float(np.percentile(times, 50)) / unit, float(np.percentile(times, 99)) / unit


# --- rebuilding, in a process of its own ---


def save(graph: Any, folder: Path) -> None:
    for field in fields(graph):
        value = getattr(graph, field.name)
        if isinstance(value, np.ndarray):
            np.save(folder / f"{field.name}.npy", value)


def load(kind: type, folder: Path, mapped: Literal["r"] | None = None) -> Any:
    names = [field.name for field in fields(kind) if (folder / f"{field.name}.npy").exists()]
    return kind(**{name: np.load(folder / f"{name}.npy", mmap_mode=mapped) for name in names})


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


# --- exact against truncated, and closing lots ---


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
    worst, over, rest = 0.0, -1.0, 0.0
    for begin in range(0, len(lots), 8):
        some = lots[begin : begin + 8].tolist()
        for truth, lot in zip(np.moveaxis(exact.lots(some), 2, 0), some, strict=True):
            vector = own.get(int(same[lot]))
            if vector is None:
                continue
            low = np.zeros_like(truth)
            low[:, [int(name) for name in vector.sources]] = vector.shares
            worst = max(worst, float((truth - low).max()))
            over = max(over, float((truth - low - vector.rest[:, None]).max()), float((low - truth).max()))
            rest = max(rest, float(vector.rest.max()))
    solved = f"{np.median(column):.2f} s; {np.median(row):.2f} s; prepared once in {prepared:.1f} s"
    against = f"{worst:.1e}; largest rest {rest:.1e}; outside [x, x + rest] by {max(over, 0.0):.0e}"
    what = f"truncated below {CUT:g} against exact, {len(lots)} lots: furthest share"
    return [
        Row("exact: one source in all lots; one lot, all sources", "", "", solved),
        Row(what, "", "within the rest", against, "", over <= EXACT),
    ]


def closing(made: Plant) -> list[Row]:
    """Lots of the last tenth of the plant closed again: mixed, checked, told as a composition."""
    times: dict[int, Times] = {}
    sources: dict[int, list[int]] = {}
    told: Times = []
    several: Times = []
    for kind, parts, ground in _closed(made):
        took = min(spent(partial(_close, parts, ground=ground)) for _ in range(5))
        times.setdefault(kind, []).append(took)
        vector = mix(parts, ground=ground)
        sources.setdefault(kind, []).append(len(vector.sources))
        if len({part[0].table.tobytes() for part in parts}) > 1:
            several.append(took)
        if kind == BATCH:
            told.append(min(spent(partial(to_composition, vector)) for _ in range(3)))
    every = [took for some in times.values() for took in some]
    rows = []
    for what, some in (("as they come", every), ("mixed of several only", several)):
        mean, (middle, worst) = float(np.mean(some)) * 1e6, quantiles(some, 1e-6)
        measured = f"{mean:.0f} us; p50/p99 {middle:.0f}/{worst:.0f} us, {len(some)} lots"
        closed = f"closing a lot (mix, check, composition), {what}: CPU, mean"
        rows.append(Row(closed, "", "<= 100 us", measured, "", mean <= REACH_CLOSE_US))
    for kind, some in sorted(times.items()):
        middle, worst = quantiles(some, 1e-6)
        what = f"... {KINDS[kind]}, {np.mean(sources[kind]):.0f} sources"
        rows.append(Row(what, "", "", f"{middle:.0f}/{worst:.0f} us"))
    middle, worst = quantiles(told, 1e-3)
    within = middle <= 0.05 and worst <= 0.2
    what = "composition of a batch from its vector: p50/p99"
    rows.append(Row(what, "", "0.05/0.2 ms", f"{middle:.3f}/{worst:.3f} ms", "", within))
    return rows


def _close(parts: list[Part], *, ground: bool) -> None:
    vector = mix(parts, ground=ground)
    assert check(vector) <= EXACT
    to_composition(vector)


def _closed(made: Plant) -> list[tuple[int, list[Part], bool]]:
    """Lots out of the last tenth, drawn evenly, with the vectors that went in."""
    graph, names = made.graph, made.names()
    rng = np.random.default_rng(9)
    late = np.flatnonzero(np.diff(graph.start))
    late = late[late >= len(graph) * 9 // 10]
    chosen = set(rng.choice(late, min(CLOSED, len(late)), replace=False).tolist())
    chosen |= set(rng.choice(made.of_kind(BATCH)[-len(made.of_kind(BATCH)) // 10 :], 50).tolist())
    wanted: dict[int, Vector | None] = {
        int(parent): None
        for lot in chosen
        for parent in graph.parent[graph.start[lot] : graph.start[lot + 1]]
    }
    same = np.zeros(len(graph), np.int64)
    live: dict[int, Vector] = {}
    for part in rebuild(graph):
        same[part.begin : part.end] = part.same_as
        if part.end < len(graph) * 8 // 10:
            continue
        needed = {int(same[lot]) for lot in wanted if part.begin <= lot < part.end}
        for place, lot in enumerate(part.own.tolist()):
            if lot in needed or lot >= len(graph) * 8 // 10:
                live[lot] = part.vector(place, names)
        for lot in [lot for lot in wanted if part.begin <= lot < part.end]:
            wanted[lot] = live.get(int(same[lot]))
    found = []
    for lot in sorted(chosen):
        edges = range(int(graph.start[lot]), int(graph.start[lot + 1]))
        parts = []
        for edge in edges:
            parent = int(graph.parent[edge])
            vector = wanted[parent] or source(names[parent])
            parts.append(
                (
                    vector,
                    float(graph.edge_kg[edge]),
                    float(graph.edge_sigma[edge]),
                    MIXING[graph.mixing[edge]],
                )
            )
        found.append((int(graph.kind[lot]), parts, bool(graph.flags[lot] & GROUND)))
    return found


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


# --- any-trace ---


_FORWARD = """with recursive reached(lot) as (
    select ? union select edge.child from reached join edge on edge.parent = lot)
select lot from reached join shipment using (lot) order by lot"""
_BACKWARD = """with recursive reached(lot) as (
    select ? union select edge.parent from reached join edge on edge.child = lot)
select lot from reached join source using (lot) order by lot"""


def tracing(made: Plant, folder: Path) -> list[Row]:
    graph = made.graph
    rows = [_index(graph, folder)]
    chains: Chains = load(Chains, folder, "r")
    began = time.perf_counter()
    peer = _sql(graph)
    print(f"(SQLite filled in {time.perf_counter() - began:.1f} s)", flush=True)
    shipments, sources = graph.kind == SHIPMENT, np.diff(graph.start) == 0
    rng = np.random.default_rng(5)
    for what, pool, trace, wanted, statement, reach in (
        (
            "any-trace, resin to shipments",
            made.of_kind(MATERIAL),
            forward,
            shipments,
            _FORWARD,
            (15.0, 150.0),
        ),
        (
            "any-trace, shipment to resins",
            made.of_kind(SHIPMENT),
            backward,
            sources,
            _BACKWARD,
            (40.0, 150.0),
        ),
    ):
        ours, theirs, found = [], [], []
        for lot in rng.choice(pool, ASKED).tolist():
            began = time.process_time()
            reached = trace(chains, np.array([lot]), wanted)
            middle = time.process_time()
            rows_ = peer.execute(statement, (lot,)).fetchall()
            theirs.append(time.process_time() - middle)
            ours.append(middle - began)
            found.append(len(reached))
            assert [row[0] for row in rows_] == reached.tolist(), f"{what} of lot {lot} differs from SQL"
        middle, worst = quantiles(ours, 1e-3)
        theirs_middle, theirs_worst = quantiles(theirs, 1e-3)
        rows.append(
            Row(
                f"{what}: p50/p99",
                f"recursive SQL {theirs_middle:.0f}/{theirs_worst:.0f} ms",
                f"{reach[0]:.0f}/{reach[1]:.0f} ms",
                f"{middle:.1f}/{worst:.1f} ms; {np.median(found):.0f} found, the same {ASKED} times",
                f"x {middle / theirs_middle:.2f}, {worst / theirs_worst:.2f}",
                middle <= reach[0] and worst <= reach[1],
            )
        )
    return rows


def _index(graph: Graph, folder: Path) -> Row:
    began = time.process_time()
    chains = Chains.of(graph)
    built = time.process_time() - began
    save(chains, folder)
    size = sum((folder / f"{field.name}.npy").stat().st_size for field in fields(Chains)) / 1e6
    opened = spent(lambda: load(Chains, folder, "r")) * 1e3
    return Row(
        "index of any-trace: built; opened as mapped files",
        "",
        "",
        f"{built:.1f} s; {opened:.1f} ms, {size:.0f} MB",
    )


def _sql(graph: Graph) -> sqlite3.Connection:
    base = sqlite3.connect(":memory:")
    base.execute("create table edge (parent integer, child integer)")
    base.executemany(
        "insert into edge values (?, ?)", zip(graph.parent.tolist(), graph.child.tolist(), strict=True)
    )
    base.execute("create index down on edge (parent, child)")
    base.execute("create index up on edge (child, parent)")
    for name, lots in (("shipment", np.flatnonzero(graph.kind == SHIPMENT)), ("source", graph.sources)):
        base.execute(f"create table {name} (lot integer primary key)")
        base.executemany(f"insert into {name} values (?)", ((lot,) for lot in lots.tolist()))
    base.execute("analyze")
    return base


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

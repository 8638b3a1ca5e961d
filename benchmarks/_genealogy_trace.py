"""Any-trace along chains beside recursive SQL over the same edges; both have to give the same lots."""

from __future__ import annotations

import sqlite3
import time
from dataclasses import fields
from pathlib import Path

import numpy as np

from benchmarks._genealogy_kit import load, quantiles, save, spent
from benchmarks._table import Row
from benchmarks.genealogy_plant import MATERIAL, SHIPMENT, Plant
from gateway.genealogy import Chains, Graph, backward, forward

ASKED = 60  # lots that each trace is asked for

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

"""What closing a lot costs, by kind: lots out of the last tenth of the plant, mixed again of what went in."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from benchmarks._genealogy_kit import Times, quantiles, spent
from benchmarks._table import Row
from benchmarks.genealogy_plant import BATCH, KINDS, Plant
from gateway.genealogy import EXACT, Vector, check, mix, rebuild, source
from gateway.genealogy.blend import Part
from gateway.genealogy.graph import GROUND, MIXING
from gateway.genealogy.vector import told as composition_of  # anew each time: `to_composition` remembers

CLOSED = 600  # lots that are closed again
ROUNDS = 9  # of each the quickest counts
REACH_US = 100.0


def closing(made: Plant) -> list[Row]:
    """Mixed, checked, told as a composition; the peer does the same sums with dictionaries."""
    times: dict[int, Times] = {}
    sources: dict[int, list[int]] = {}
    told: Times = []
    several: Times = []
    plainly: Times = []
    for kind, parts, ground in _closed(made):
        took = quickest(partial(_close, parts, ground=ground))
        times.setdefault(kind, []).append(took)
        vector = mix(parts, ground=ground)
        sources.setdefault(kind, []).append(len(vector.sources))
        if 1 < len({part[0].table.tobytes() for part in parts}) <= 4:
            listed = [(_listed(part[0]), *part[1:]) for part in parts]
            plainly.append(quickest(partial(plain, listed)))
            several.append(took)
            _compare(vector, plain(listed))
        if kind == BATCH:
            told.append(quickest(partial(composition_of, vector)))
    every = [took for some in times.values() for took in some]
    peer = f"dictionaries {np.mean(plainly) * 1e6:.0f} us, without rest, passes, check"
    rows = []
    for what, some, against in (("as they come", every, ""), ("mixed of two to four", several, peer)):
        mean, (middle, worst) = float(np.mean(some)) * 1e6, quantiles(some, 1e-6)
        measured = f"{mean:.0f} us; p50/p99 {middle:.0f}/{worst:.0f} us, {len(some)} lots"
        ratio = f"x {np.mean(some) / np.mean(plainly):.2f}" if against else ""
        closed = f"closing a lot (mix, check, composition), {what}: CPU, mean"
        rows.append(Row(closed, against, "<= 100 us", measured, ratio, mean <= REACH_US))
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
    composition_of(vector)


def quickest(work: Callable[[], object]) -> float:
    """CPU seconds of one of five in a row, in the quickest of the rounds."""
    return min(spent(lambda: [work() for _ in range(5)]) for _ in range(ROUNDS)) / 5


Listed = tuple[list[str], list[list[float]], list[float]]  # sources, rows of shares, variances


def _listed(vector: Vector) -> Listed:
    rows = [vector.shares[min(row, vector.rows - 1)].tolist() for row in range(2)]
    return list(vector.sources), rows, (vector.sigma[:-2] ** 2).tolist()


def plain(parts: list[tuple[Listed, float, float, str]]) -> tuple[list[dict[str, float]], dict[str, float]]:
    """Shares of both rows and their largest variance in plain Python, written from the formulas."""
    made: list[dict[str, float]] = []
    variance: dict[str, float] = {}
    for row, other in enumerate(("mixed", "fifo")):
        counted = [part for part in parts if part[3] != other] or parts
        total = sum(kg for _, kg, _, _ in counted)
        mean: dict[str, float] = {}
        for (names, shares, _), kg, _, _ in counted:
            for name, share in zip(names, shares[row], strict=True):
                mean[name] = mean.get(name, 0.0) + share * kg / total
        spread = dict.fromkeys(mean, 0.0)
        for (names, shares, before), kg, sigma, _ in counted:
            for name, share, own in zip(names, shares[row], before, strict=True):
                off, weight = sigma / total, kg / total
                gap = share - mean[name]
                spread[name] += off * off * (gap * gap - mean[name] * mean[name]) + weight * weight * own
            every = (sigma / total) ** 2
            for name, share in mean.items():  # those that this part has nothing of, too
                spread[name] += every * share * share
        for name, value in spread.items():
            variance[name] = max(variance.get(name, 0.0), value)
        made.append(mean)
    return made, variance


def _compare(vector: Vector, told: tuple[list[dict[str, float]], dict[str, float]]) -> None:
    for place, name in enumerate(vector.sources):
        for row in range(2):
            share = vector.shares[min(row, vector.rows - 1), place]
            assert abs(share - told[0][row].get(name, 0.0)) <= EXACT


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

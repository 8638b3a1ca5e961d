"""False alarms of the charts of several tags, of new recipes and of groups, measured against what each limit promises.

Exact laws have to come within three standard errors of what they promise, approximations within a fifth. Rates are per
sample and over many baselines, run lengths from the first sample on.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks._table import Row, machine, print_table
from gateway.spc.group import Group
from gateway.spc.mewma import Mewma
from gateway.spc.pca import Pca
from gateway.spc.self_starting_cusum import SelfStartingCusum
from gateway.spc.t2 import T2

Floats = NDArray[np.float64]
ALPHA = 0.0027
BASELINES, FUTURE = 1500, 600
RUNS, PIECE = 4000, 200


def stacked(parts: list[dict[str, Floats]]) -> dict[str, Any]:
    """Limits of many slots."""
    return {name: np.stack([part[name] for part in parts]) for name in parts[0]}


def alarms(chart: Any, block: Floats, panel: int = 0) -> tuple[float, float]:
    """Share of samples outside the limits, and its standard error over slots."""
    _, track = chart.run(chart.start(), block)
    outside = (track.panels()[panel].rules & 1).mean(axis=0)
    return float(outside.mean()), float(outside.std() / np.sqrt(outside.size))


def rate(what: str, found: tuple[float, float], *, exact: bool, promised: float = ALPHA) -> Row:
    share, error = found
    ok = abs(share - promised) <= (3 * error if exact else 0.2 * promised)
    reach = f"{promised:.4f}, {'3 standard errors' if exact else 'within 20 %'}"
    return Row(what, "", reach, f"{share:.5f} +- {error:.5f}", f"x {share / promised:.2f}", reached=ok)


def runs(chart: Any, draw: Any, most: int = 100_000) -> Floats:
    """Samples up to the first signal of each slot, rule 0 of either panel."""
    state, left, seen = chart.start(), None, 0
    length = np.zeros(0)
    while seen < most:
        state, track = chart.run(state, draw(PIECE))
        hit = np.bitwise_or.reduce([panel.rules & 1 for panel in track.panels()]) > 0
        first = np.where(hit.any(axis=0), seen + hit.argmax(axis=0) + 1, 0)
        if left is None:
            length, left = np.zeros(hit.shape[1]), np.ones(hit.shape[1], dtype=np.bool_)
        done = left & (first > 0)
        length[done], left = first[done], left & ~done
        seen += PIECE
        if not left.any():
            break
    return length


def mean_run(what: str, length: Floats, promised: float, *, exact: bool, peer: str = "") -> Row:
    mean, error = float(length.mean()), float(length.std() / np.sqrt(length.size))
    ok = abs(mean - promised) <= (3 * error if exact else 0.2 * promised)
    reach = f"{promised:.0f}, {'3 standard errors' if exact else 'within 20 %'}"
    return Row(what, peer, reach, f"{mean:.0f} +- {error:.0f}", f"x {mean / promised:.2f}", reached=ok)


def hotelling(rng: np.random.Generator) -> list[Row]:
    rows = []
    for p in (2, 5):
        known = T2(np.zeros((200, p)), np.tile(np.eye(p), (200, 1, 1)))
        found = alarms(known, rng.standard_normal((5000, 200, p)))
        rows.append(rate(f"t2, known parameters, p {p}", found, exact=True))
    for p, m in ((2, 30), (5, 50)):
        mix = np.linalg.cholesky(0.5 * np.eye(p) + 0.5)
        baselines = rng.standard_normal((BASELINES, m, p)) @ mix.T
        future = rng.standard_normal((FUTURE, BASELINES, p)) @ mix.T
        for way, name in ((0.0, "about the mean"), (1.0, "differences")):
            learnt = stacked([T2.learn(each, {"differences": np.asarray(way)}) for each in baselines])
            exact, about = not way, f"p {p}, m {m}, {name}"
            rows.append(rate(f"t2, phase II, {about}", alarms(T2(**learnt), future), exact=exact))
            own = alarms(T2(**learnt, phase="I", alpha=0.01), baselines.swapaxes(0, 1))
            rows.append(rate(f"t2, phase I, {about}", own, exact=exact, promised=0.01))
    return rows


def moving_average(rng: np.random.Generator) -> list[Row]:
    rows = []
    cases: tuple[tuple[int, Any], ...] = ((2, "asymptotic"), (5, "asymptotic"), (5, "exact"))
    for p, limits in cases:
        chart = Mewma(np.zeros((RUNS, p)), np.tile(np.eye(p), (RUNS, 1, 1)), arl0=200.0, limits=limits)
        length = runs(chart, lambda n, p=p: rng.standard_normal((n, RUNS, p)))
        exact = limits == "asymptotic"
        rows.append(mean_run(f"mewma, lambda 0.1, p {p}, {limits}: ARL0", length, 200, exact=exact))
    return rows


def components(rng: np.random.Generator) -> list[Row]:
    """Eight tags out of three hidden causes and noise of their own."""
    p, rows = 8, []
    loads = np.random.default_rng(1).standard_normal((3, p))
    spread = np.sqrt((loads**2).sum(axis=0) + 0.09)

    def draw(*shape: int) -> Floats:
        noise = 0.3 * rng.standard_normal((*shape, p))
        return np.asarray((rng.standard_normal((*shape, 3)) @ loads + noise) / spread)

    for m in (50, 200, 1000):
        count = 300
        learnt = stacked([Pca.learn(draw(m), {}) for _ in range(count)])
        chart = Pca(**learnt, components=3)
        block = draw(2000, count)
        rows.append(rate(f"pca, 3 of 8, m {m}: T2", alarms(chart, block), exact=False))
        rows.append(rate(f"pca, 3 of 8, m {m}: SPE", alarms(chart, block, 1), exact=False))
    return rows


def self_starting(rng: np.random.Generator) -> list[Row]:
    rows = []
    for h, arl0 in ((4.0, 168), (5.0, 465)):
        chart = SelfStartingCusum(h=np.full(RUNS // 2, h))
        length = runs(chart, lambda n: 50 + 7 * rng.standard_normal((n, RUNS // 2)))
        peer = "known limits, Montgomery table 9.3"
        rows.append(
            mean_run(f"self-starting-cusum, k 0.5, h {h:.0f}: ARL0", length, arl0, exact=True, peer=peer)
        )
    for before in (25, 50, 200):
        chart = SelfStartingCusum(h=np.full(RUNS // 2, 4.0))
        state, _ = chart.run(chart.start(), rng.standard_normal((before, RUNS // 2)))
        _, track = chart.run(state, 1.5 + rng.standard_normal((400, RUNS // 2)))
        hit = track.rules > 0
        delay = np.where(hit.any(axis=0), hit.argmax(axis=0) + 1, np.nan)
        what = f"... samples to find 1.5 sigma after {before} good ones (mean; not found in 400)"
        got = f"{np.nanmean(delay):.1f}; {np.isnan(delay).mean():.1%}"
        rows.append(Row(what, "known limits 4.75, Montgomery table 9.3", "shown", got))
    return rows


def streams(rng: np.random.Generator) -> list[Row]:
    rows = []
    for p in (4, 16):
        ones = np.ones((200, p))
        chart = Group(0 * ones, ones, ones * np.sqrt(1 - 1 / p))
        block = rng.standard_normal((5000, 200, p))
        both = chart.run(chart.start(), block)[1].panels()
        rows.append(rate(f"group, {p} streams: GROUP", _share(both, 1), exact=True))
        apart = Group(0 * ones, ones, ones * np.sqrt(1 - 1 / p), common="removed")
        common = block + 3 * rng.standard_normal((5000, 200, 1))
        panels = apart.run(apart.start(), common)[1].panels()
        rows.append(rate(f"group, {p} streams, the common removed: GROUP", _share(panels, 1), exact=False))
        fresh = _share(panels, 2)[0]
        rows.append(
            Row("... RUN, samples flagged", "", f"<= {ALPHA}", f"{fresh:.5f}", reached=fresh <= ALPHA * 1.05)
        )
    return rows


def _share(panels: Any, bit: int) -> tuple[float, float]:
    flagged = np.bitwise_or.reduce([panel.rules for panel in panels]) & bit > 0
    each = flagged.mean(axis=0)
    return float(each.mean()), float(each.std() / np.sqrt(each.size))


def main() -> None:
    rng = np.random.default_rng(20)
    rows: list[Row] = []
    for part in (hotelling, moving_average, components, self_starting, streams):
        began = time.perf_counter()
        rows += part(rng)
        print(f"{part.__name__}: {time.perf_counter() - began:.1f} s", flush=True)
    print_table(rows)
    print(machine())


if __name__ == "__main__":
    main()

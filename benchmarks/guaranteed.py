"""P(true ARL0 >= 370) of charts whose parameters were estimated from m samples, with and without learning.

Each estimation run draws a baseline and estimates from it; the true ARL0 of the chart that results is computed, not
simulated. Limits of text books stand beside ours.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from benchmarks._table import Row, machine, print_table
from gateway.bank.learning import Learning, answered, begin, step
from gateway.design.cusum import CusumScheme
from gateway.design.estimated_limit import Promise, guaranteed_limit
from gateway.design.estimated_quadratic import tail
from gateway.design.estimated_t2 import guaranteed_ucl
from gateway.design.ewma import EwmaScheme
from gateway.design.scheme import Scheme
from gateway.design.shewhart import ShewhartScheme
from gateway.design.tables import interpolate, limit_table
from gateway.stats.constants import c4, d2
from gateway.stats.special import chi2_isf

Floats = NDArray[np.float64]

ARL0, CONFIDENCE, WITHIN, RUNS = 370.0, 0.9, 0.015, 4000
SIZES = (30, 50, 100, 300, 1000)
CHARTS: dict[str, Scheme] = {
    "shewhart": ShewhartScheme(),
    "ewma lambda 0.1, exact": EwmaScheme(0.1),
    "ewma lambda 0.2, asymptotic": EwmaScheme(0.2, "asymptotic"),
    "cusum k 0.5": CusumScheme(0.5),
    "cusum k 0.25": CusumScheme(0.25),
}
LEARN_FROM, LEARN_FOR, SLOTS = 50, (0, 50, 150, 450, 950), 8000


def main() -> None:
    rng = np.random.default_rng(20)
    rows = []
    for name, scheme in CHARTS.items():
        known = scheme.solve(ARL0)
        for m in SIZES:
            began = time.process_time()
            limit = guaranteed_limit(scheme, m, Promise(ARL0, CONFIDENCE))
            cost = time.process_time() - began
            off, ratio = _estimates(rng, m)
            kept = [_share(scheme, each, off, ratio) for each in (limit, known)]
            late = [float(scheme.mean(each, 1.0)) for each in (limit, known)]
            said = f"limit {limit:.4g}, {cost:.2f} s, 1 sigma found in {late[0]:.1f} ({late[1]:.1f})"
            rows.append(_row(f"{name}, m {m}", kept, said))
    rows += [_moving_ranges(rng, name, m) for name in ("shewhart", "cusum k 0.5") for m in (30, 100, 1000)]
    for p in (2, 5):
        for m in SIZES:
            began = time.process_time()
            limit = guaranteed_ucl(p, m, ARL0, CONFIDENCE)
            cost = time.process_time() - began
            kept = _t2_shares(rng, p, m, (limit, float(chi2_isf(1.0 / ARL0, p))))
            rows.append(_row(f"t2, p {p}, m {m}", kept, f"limit {limit:.4g}, {cost:.2f} s"))
    rows += _learning(rng, pardoned=True) + _learning(rng, pardoned=False)
    print_table(rows)
    print(f"{RUNS} estimation runs a row; 'peer' is the limit for known parameters; {machine()}")


def _row(what: str, kept: list[float], said: str) -> Row:
    reach = f"{CONFIDENCE} +- {WITHIN}"
    done = abs(kept[0] - CONFIDENCE) <= WITHIN
    return Row(what, f"text book {kept[1]:.3f}", reach, f"{kept[0]:.3f} ({said})", "", done)


def _estimates(rng: np.random.Generator, m: int) -> tuple[Floats, Floats]:
    """Center and sigma of drawn baselines, the truth being 0 and 1."""
    drawn = rng.standard_normal((RUNS, m))
    return drawn.mean(axis=1), drawn.std(axis=1, ddof=1) / c4(m)


def _moving_ranges(rng: np.random.Generator, name: str, m: int) -> Row:
    """Sigma by the mean moving range, as charts of single values learn it."""
    scheme = CHARTS[name]
    drawn = rng.standard_normal((RUNS, m))
    off, ratio = drawn.mean(axis=1), np.abs(np.diff(drawn, axis=1)).mean(axis=1) / d2(2)
    limits = guaranteed_limit(scheme, m, Promise(ARL0, CONFIDENCE, "mr")), scheme.solve(ARL0)
    kept = [_share(scheme, limit, off, ratio) for limit in limits]
    return _row(f"{name}, moving ranges, m {m}", kept, f"limit {limits[0]:.4g}")


def _share(scheme: Scheme, limit: float, center: Floats, sigma: Floats) -> float:
    order = np.argsort(sigma)  # like beside like: the engine takes as many nodes as the narrowest needs
    means = _in_pieces(lambda c, s: scheme.mean(limit, -c / s, 1.0 / s), center[order], sigma[order])
    return float((means >= ARL0).mean())


def _in_pieces(mean: Callable[[Floats, Floats], Floats], a: Floats, b: Floats) -> Floats:
    pieces = zip(np.array_split(a, 80), np.array_split(b, 80), strict=True)
    return np.concatenate([mean(x, y) for x, y in pieces])


def _t2_shares(rng: np.random.Generator, p: int, m: int, limits: tuple[float, float]) -> list[float]:
    drawn = [rng.standard_normal((RUNS // 10, m, p)) for _ in range(10)]
    mean = np.concatenate([each.mean(axis=1) for each in drawn])
    spread = np.concatenate(
        [
            np.einsum("nmi,nmj->nij", off, off) / (m - 1)
            for off in (x - x.mean(axis=1, keepdims=True) for x in drawn)
        ]
    )
    values, vectors = np.linalg.eigh(spread)
    offset = np.einsum("nij,ni->nj", vectors, mean)
    return [
        float((tail(1.0 / values, offset, np.full(RUNS, limit)) <= 1.0 / ARL0).mean()) for limit in limits
    ]


def _learning(rng: np.random.Generator, *, pardoned: bool) -> list[Row]:
    """A CUSUM that learns, in control: at times, what the chart as it then stands is worth. Its alarms are false ones,
    and somebody says so of each, or nobody of any.
    """
    scheme = CusumScheme(0.5)
    table = limit_table(scheme, Promise(ARL0, CONFIDENCE))
    known = scheme.solve(ARL0)
    best = float(scheme.mean(known, 1.0))
    rows = []
    state = begin(rng.standard_normal((SLOTS, LEARN_FROM)))
    upper, lower = np.zeros(SLOTS), np.zeros(SLOTS)
    limits = np.full(SLOTS, interpolate(table, LEARN_FROM))
    for sample in range(max(LEARN_FOR) + 1):
        if sample in LEARN_FOR:
            kept, late = _worth(scheme, state, limits)
            said = f"{kept:.3f} (samples learnt from {state.count.mean():.0f}, limit {limits.mean():.2f})"
            said_so = "answered" if pardoned else "unanswered"
            what = f"cusum learning from {LEARN_FROM}, alarms {said_so}, after {sample}"
            rows.append(
                Row(f"{what}: kept", "", f">= {CONFIDENCE - WITHIN}", said, "", kept >= CONFIDENCE - WITHIN)
            )
            rows.append(
                Row(
                    f"{what}: 1 sigma",
                    f"known {best:.2f}",
                    "",
                    f"found in {late:.2f}",
                    f"x {late / best:.2f}",
                )
            )
        x = rng.standard_normal(SLOTS)
        z = (x - state.center) / state.sigma
        upper, lower = np.maximum(upper + z - 0.5, 0.0), np.maximum(lower - z - 0.5, 0.0)
        signal = (upper > limits) | (lower > limits)
        upper, lower = np.where(signal, 0.0, upper), np.where(signal, 0.0, lower)
        state, fresh = step(state, x, signal)
        if pardoned:
            state, more = answered(state, signal, signal)
            fresh |= more
        for slot in np.flatnonzero(fresh):
            limits[slot] = interpolate(table, int(state.told[slot]))
    return rows


def _worth(scheme: Scheme, state: Learning, limits: Floats) -> tuple[float, float]:
    """Share of the slots whose true ARL0 is kept, and the mean delay at 1 sigma."""
    kept = late = 0.0
    for limit in np.unique(limits):
        mine = limits == limit
        center, sigma = state.center[mine], state.sigma[mine]
        kept += float((scheme.mean(limit, -center / sigma, 1.0 / sigma) >= ARL0).sum())
        late += float(scheme.mean(limit, (1.0 - center) / sigma, 1.0 / sigma).sum())
    return kept / SLOTS, late / SLOTS


if __name__ == "__main__":
    main()

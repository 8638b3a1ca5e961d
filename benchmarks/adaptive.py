"""The multi-CUSUM against the best CUSUM at every shift: python -m benchmarks.adaptive [--runs N] [--river PYTHON]

Zero state: the shift is there from the first sample. The best CUSUM is the two-sided one with k = half the shift and h
solved for the ARL0; its delay is computed by the design engine. The multi-CUSUM's delays are simulated; so is its ARL0
up to 1,000. Beyond, ARL0 is computed by importance sampling: samples come from the process with a change at a random
time of a random size, and each signal is weighted by the likelihood ratio (Siegmund, Annals of Statistics 4, 1976).
Signals in the second half of a window have the chart's steady rate. --river: a Python with river installed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks._table import Row, machine, print_table
from gateway.design.cusum import CusumScheme
from gateway.design.multi_cusum import SIZES, arl0, threshold
from gateway.spc.cusum import Cusum
from gateway.spc.multi_cusum import MultiCusum
from gateway.spc.track import take

SHIFTS = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0)
REACH = {370.0: 0.13, 1e4: 0.13, 1e6: 0.10}
FASTER = {"PageHinkley": 2.6, "ADWIN, delta 0.15": 1.8, "ADWIN": 1.8}
BEFORE = 500  # samples in control before the change that river's detectors see
SEED = 30

Floats = NDArray[np.float64]
Make = Callable[[int], Any]


def multi(h: float) -> Make:
    return lambda slots: MultiCusum(np.zeros(slots), np.ones(slots), h=h)


def single(k: float, h: float) -> Make:
    return lambda slots: Cusum(np.zeros(slots), np.ones(slots), k=k, h=h)


def lengths(makes: list[Make], shift: float, runs: int, seed: int, before: int = 0) -> Floats:
    """Run lengths of charts on the same samples, ``[charts, runs]``.

    With `before`: samples from the change to the signal, of the runs in which no chart signals earlier.
    """
    rng = np.random.default_rng(seed)
    charts = [make(runs) for make in makes]
    states, done, out = [chart.start() for chart in charts], 0, []
    length = np.full((len(charts), runs), np.nan)
    while length.shape[1]:
        rows = before if before and not done else 32
        z = rng.standard_normal((rows, length.shape[1])) + (shift if done >= before else 0.0)
        for i, chart in enumerate(charts):
            states[i], track = chart.run(states[i], z)
            hit = (track.rules | track.second.rules) != 0
            first = done - before + 1.0 + hit.argmax(axis=0)
            length[i] = np.where(np.isnan(length[i]) & hit.any(axis=0), first, length[i])
        early = (length <= 0).any(axis=0)
        ended = early | ~np.isnan(length).any(axis=0)
        out.append(length[:, ended & ~early])
        left = np.flatnonzero(~ended)
        length, states = length[:, left], [take(state, left) for state in states]
        charts = [make(max(len(left), 1)) for make in makes]
        done += rows
    return np.concatenate(out, axis=1)


def rare(make: Make, window: int, runs: int, seed: int) -> tuple[float, float]:
    """ARL0 and its relative standard error, by importance sampling."""
    rng = np.random.default_rng(seed)
    sizes = np.concatenate([SIZES, -SIZES])
    size, since = rng.choice(sizes, runs), rng.integers(0, window, runs)
    chart = make(runs)
    state, ratio = chart.start(), np.zeros((len(sizes), runs))  # Shiryaev and Roberts's sums, one a size
    weights, done = np.zeros(runs), np.zeros(runs, dtype=np.bool_)
    for row in range(window):
        z = rng.standard_normal(runs) + np.where(row >= since, size, 0.0)
        state, track = chart.run(state, z[None])
        ratio += 1.0
        ratio *= np.exp(np.minimum(sizes[:, None] * z - 0.5 * sizes[:, None] ** 2, 300.0))
        np.minimum(ratio, 1e250, out=ratio)  # of runs that have ended
        fresh = ((track.rules[0] | track.second.rules[0]) != 0) & ~done
        done |= fresh
        if row >= window // 2:
            weights[fresh] = window / (ratio[:, fresh].mean(axis=0) + (window - 1 - row))
    share = float(weights.mean())  # of in-control runs that first signal in the second half: s - s**2
    length = -(window / 2) / np.log((1 + np.sqrt(1 - 4 * share)) / 2)
    return float(length), float(weights.std() / np.sqrt(runs) / share)


def against_best(wanted: float, runs: int) -> Iterator[Row]:
    """Delays at one ARL0, and the ARL0 itself."""
    make = multi(threshold(wanted))
    if wanted <= 1000:
        simulated = lengths([make], 0.0, 2 * runs, SEED)[0]
        length, error = float(simulated.mean()), float(simulated.std() / simulated.mean() / np.sqrt(2 * runs))
    else:
        length, error = rare(make, 3000, runs // 3, SEED)
    told = f"{length:,.0f} +- {2 * error:.1%}"
    yield Row(f"multi-cusum, h {threshold(wanted):.3f}: ARL0", "", f"{wanted:,.0f}", told)
    worst = 0.0
    for shift in SHIFTS:
        scheme = CusumScheme(shift / 2, 0.0)
        limit = scheme.solve(wanted)
        best = float(scheme.mean(limit, shift))
        delays, its = lengths([make, single(shift / 2, limit)], shift, runs, SEED + 1)
        ratio = float(delays.mean() / its.mean())  # on the same samples: chance is common to both
        error = 2 * float((delays - ratio * its).std()) / np.sqrt(runs) / its.mean()
        worst = max(worst, ratio)
        yield Row(
            f"  {shift:g} sigma: delay",
            f"best CUSUM {best:.2f}",
            "",
            f"{ratio * best:.2f}",
            f"{ratio:.3f} +- {error:.3f}",
        )
    reach = 1 + REACH[wanted]
    yield Row(
        "  largest ratio", "1", f"<= {reach:.2f}", f"{worst:.3f}", f"{worst:.3f}", reached=worst <= reach
    )


def usual() -> Row:
    """What a CUSUM made for one sigma gives elsewhere: why there is this chart."""
    told = []
    h = CusumScheme(0.5, 0.0).solve(370.0)
    for shift in SHIFTS:
        scheme = CusumScheme(shift / 2, 0.0)
        best = float(scheme.mean(scheme.solve(370.0), shift))
        told.append(float(CusumScheme(0.5, 0.0).mean(h, shift)) / best)
    shown = ", ".join(f"{ratio:.2f}" for ratio in told)
    return Row("CUSUM of k 0.5 at the same shifts, ARL0 370: ratios", "", "", shown)


def peers(python: Path | None, runs: int) -> Iterator[Row]:
    """River's detectors at their own ARL0, in steady state."""
    if python is None:
        yield Row("river's detectors", "", "", "not measured: no --river PYTHON")
        return
    peer = Path(__file__).with_name("_river_peer.py")
    command = [str(python), str(peer), str(BEFORE)]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, timeout=900).stdout)
    for name, faster in FASTER.items():
        its, wanted = found[name], found[name]["arl0"] or 1e6
        delay = float(lengths([multi(threshold(wanted))], 1.0, runs, SEED + 2, BEFORE).mean())
        ratio = its["delay"] / delay
        long = "" if its["arl0"] else " (its own is longer: not measured)"
        yield Row(
            f"1 sigma after {BEFORE} samples, ARL0 {wanted:,.0f}{long}",
            f"river {found['river']} {name} {its['delay']:.1f}",
            f">= {faster} x faster",
            f"{delay:.1f}, {ratio:.2f} x faster",
            f"{1 / ratio:.2f}",
            reached=ratio >= faster if its["arl0"] else None,
        )


def cost() -> Iterator[Row]:
    """Of one row of samples."""
    for slots in (1, 20, 1000):
        z = np.random.default_rng(SEED).standard_normal((1, slots))
        told = []
        for chart in (multi(5.34)(slots), Cusum(np.zeros(slots), np.ones(slots))):
            state, least = chart.start(), np.inf
            for _ in range(300):
                begin = time.perf_counter()
                chart.run(state, z)
                least = min(least, time.perf_counter() - begin)
            told.append(least * 1e6)
        reach = "<= 60 us" if slots <= 20 else ""
        verdict = bool(told[0] <= 60) if reach else None
        yield Row(
            f"one row of {slots} slots",
            f"CUSUM {told[1]:.0f} us",
            reach,
            f"{told[0]:.0f} us",
            f"{told[0] / told[1]:.1f}",
            reached=verdict,
        )


def table(runs: int) -> None:
    """The knots of gateway/design/multi_cusum.py, measured again."""
    for h in (3.0, 4.0, 5.0, 5.5, 6.0, 7.0, 8.0, 9.0, 10.0, 12.0, 13.5, 15.0):
        if arl0(h) <= 2000:
            length = float(lengths([multi(h)], 0.0, runs, SEED).mean())
        else:
            length, _ = rare(multi(h), 3000, runs // 3, SEED)
        print(f"h {h:4g}: table {arl0(h):12,.0f}  measured {length:12,.0f}  {length / arl0(h) - 1:+.1%}")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.adaptive")
    parser.add_argument("--runs", type=int, default=20_000, help="of each shift")
    parser.add_argument("--river", type=Path, help="a Python that has river")
    parser.add_argument("--table", action="store_true", help="check the table of ARL0 by h instead")
    given = parser.parse_args()
    if given.table:
        table(given.runs)
        return 0
    rows = [row for wanted in REACH for row in against_best(wanted, given.runs)]
    print_table([*rows, usual(), *peers(given.river, given.runs), *cost()])
    print(f"\nseed {SEED}, {given.runs} runs each; {machine()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

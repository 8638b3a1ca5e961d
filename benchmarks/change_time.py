"""When a change began, by the estimate that each signal carries: python -m benchmarks.change_time [--runs N]

Samples are N(0, 1), from the true change on N(shift, 1); a chart runs from the first sample to its first signal, and
the estimate gets what the chart saw. Runs with a false alarm before the change are left out. `within 1`: the share of
signals whose estimate is the true first sample or one beside it. `covered`: the share whose interval holds it.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks._table import Row, machine, print_table
from gateway.changetime.estimate import estimate
from gateway.spc.cusum import Cusum
from gateway.spc.imr import Imr
from gateway.spc.multi_cusum import MultiCusum

SHIFTS = (0.5, 0.75, 1.0, 1.5, 2.0, 2.5, 3.0)
REACH = {1.0: 0.51, 1.5: 0.72, 2.0: 0.85, 3.0: 0.94}
BEST_SEEN = {1.0: 0.52, 1.5: 0.69, 2.0: 0.82, 3.0: 0.94}  # the better of two methods at each
BEFORE = 100  # samples in control
SEED = 20

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Got:
    """Of the signals at one shift."""

    signals: int
    close: float
    covered: float
    width: float
    size: float
    late: float  # median of the estimate minus the truth


def charts(slots: int) -> dict[str, Any]:
    """Two-sided charts that signal falsely every 370 to 465 samples."""
    center, sigma = np.zeros(slots), np.ones(slots)
    return {
        "cusum k 0.5 h 5": Cusum(center, sigma, k=0.5, h=5.0),
        "3 sigma limits": Imr(center, sigma, rules=("WE1",)),
        "multi-cusum": MultiCusum(center, sigma),
    }


def series(rng: np.random.Generator, shape: tuple[int, int], shift: float, m: int, *, drift: bool) -> Floats:
    """Samples ``[rows, runs]`` with a change after `BEFORE`; m: samples that the centre line came from, 0 for known."""
    z = rng.standard_normal(shape)
    after = np.arange(1, shape[0] - BEFORE + 1)[:, None] if drift else 1.0
    z[BEFORE:] += shift * after
    return z - rng.standard_normal(shape[1]) / np.sqrt(m) if m else z


def got(name: str, shift: float, runs: int, m: int = 0, *, drift: bool = False, seed: int = SEED) -> Got:
    """Chart, and estimate at each signal."""
    rows = BEFORE + (300 if drift else int(60 / shift + 240 / shift**2))
    z = series(np.random.default_rng([seed, round(100 * shift)]), (rows, runs), shift, m, drift=drift)
    chart = charts(runs)[name]
    track = chart.run(chart.start(), z)[1]
    flags = track.rules != 0
    if name != "3 sigma limits":
        flags |= track.second.rules != 0
    stop = np.where(flags.any(axis=0), flags.argmax(axis=0), -1)
    found = [estimate(z[: stop[run] + 1, run]) for run in np.flatnonzero(stop >= BEFORE)]
    at, low, high, size = np.array([(each.at, each.low, each.high, each.size) for each in found]).T
    return Got(
        len(at),
        float((np.abs(at - BEFORE) <= 1).mean()),
        float(((low <= BEFORE) & (high >= BEFORE)).mean()),
        float(np.mean(high - low + 1)),
        float(np.median(size)),
        float(np.median(at - BEFORE)),
    )


def judged(name: str, runs: int) -> Iterator[Row]:
    """The figures that are to be reached, for the signals of one chart."""
    all_ = {shift: got(name, shift, runs) for shift in SHIFTS}
    for shift, reach in REACH.items():
        close = all_[shift].close
        error = 2 * np.sqrt(close * (1 - close) / all_[shift].signals)
        yield Row(
            f"{name}: within 1 sample at {shift:g} sigma",
            f"{BEST_SEEN[shift]:.0%}",
            f">= {reach:.0%}",
            f"{close:.1%} +- {error:.1%}",
            reached=close >= reach,
        )
    covered = [each.covered for each in all_.values()]
    mean, least = float(np.mean(covered)), min(covered)
    yield Row("  covered, mean", "", "88-92 %", f"{mean:.1%}", reached=bool(0.88 <= mean <= 0.92))
    yield Row("  covered, least", "", ">= 78 %", f"{least:.1%}", reached=least >= 0.78)
    for shift, each in all_.items():
        told = f"covered {each.covered:.1%}, width {each.width:.1f} samples, size {each.size:.2f}"
        yield Row(f"  at {shift:g} sigma", "", "", f"{told}, {each.signals} signals")


def unkind(runs: int) -> Iterator[Row]:
    """What the estimate does not promise: an estimated centre line, and drifts."""
    name = next(iter(charts(1)))
    for m in (25, 100):
        all_ = [got(name, shift, runs, m) for shift in SHIFTS]
        close = ", ".join(
            f"{each.close:.0%}" for shift, each in zip(SHIFTS, all_, strict=True) if shift in REACH
        )
        covered = [each.covered for each in all_]
        told = f"within 1: {close}; covered {np.mean(covered):.1%}, least {min(covered):.1%}"
        yield Row(f"{name}, centre line from {m} samples", "", "", told)
    for slope in (0.01, 0.03, 0.1):
        each = got(name, slope, runs, drift=True)
        told = f"{each.late:+.0f} samples (median), covered {each.covered:.0%}, width {each.width:.0f}"
        yield Row(f"{name}, drift of {slope:g} sigma a sample", "", "", told)


def cost() -> Row:
    """Of one estimate from 256 samples."""
    z = np.random.default_rng(SEED).standard_normal(256)
    z[230:] += 1.0
    took = []
    for _ in range(50):
        begin = time.perf_counter()
        estimate(z)
        took.append(time.perf_counter() - begin)
    middle = float(np.median(took)) * 1e3
    return Row("one estimate from 256 samples", "", "<= 2 ms", f"{middle:.2f} ms", reached=middle <= 2)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.change_time")
    parser.add_argument("--runs", type=int, default=2500, help="of each chart and shift")
    runs = parser.parse_args().runs
    rows = [row for name in charts(1) for row in judged(name, runs)]
    print_table([*rows, *unkind(runs // 2), cost()])
    print(f"\nseed {SEED}, {runs} runs each; {machine()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

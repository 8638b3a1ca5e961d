"""Samples a second of EWMA, CUSUM and Nelson's eight rules on 1,000 tags, one core: python -m benchmarks.spc_speed

Ticks are one row of all tags per call, as the daemon charts them; blocks are BLOCK rows per call, as a back-test does.
All three charts run on each sample, and its limits and flags are made as anywhere else. The flags of ticks, blocks and
of the plain Python loop, which is written from the rules' sentences, are compared first; a difference ends the
benchmark. Measured is the CPU time of this process with one thread, the best of ROUNDS. Neighbours on the same
processor make all of it slower, peers too: compare with those.

The peer ADWIN runs in an interpreter that has river, LOTWATCH_BENCH_RIVER=/path/to/python; it is no dependency here.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks._table import Row, machine, print_table
from gateway.spc.cusum import Cusum
from gateway.spc.ewma import Ewma
from gateway.spc.imr import Imr
from gateway.spc.rules import NELSON, RunRules

TAGS = 1000
BLOCK = 512
TICKS = 500
ROUNDS = 25
REACH_TICKS, REACH_BLOCKS = 10.0, 60.0
SMALL = (1, 20)

Flags = list[NDArray[np.uint32]]

_ADWIN = """
import random, time
from river.drift import ADWIN
draw = random.Random(1)
x = [draw.gauss(0, 1) for _ in range(200_000)]
best = float("inf")
for _ in range(5):
    chart = ADWIN()
    began = time.process_time()
    for each in x:
        chart.update(each)
    best = min(best, time.process_time() - began)
print(len(x) / best / 1e6)
"""


class Three:
    """The three charts of all tags."""

    def __init__(self, tags: int) -> None:
        zeros, ones = np.zeros(tags), np.ones(tags)
        self._ewma, self._cusum, self._rules = Ewma(zeros, ones), Cusum(zeros, ones), RunRules(NELSON)
        self._at = self._rules.lines(tags)
        self._states: tuple[Any, Any, Any] = (
            self._ewma.start(),
            self._cusum.start(),
            self._rules.start(tags),
        )

    def run(self, x: NDArray[np.float64]) -> Flags:
        """Flags of EWMA, CUSUM up, CUSUM down, rules."""
        ewma, cusum, rules = self._states
        ewma, one = self._ewma.run(ewma, x)
        cusum, two = self._cusum.run(cusum, x)
        rules, flags = self._rules.judge(rules, x, self._at)
        self._states = ewma, cusum, rules
        assert two.second is not None
        return [one.rules, two.rules, two.second.rules, flags]


def plain(x: list[float]) -> tuple[list[int], list[int], list[int], list[int]]:
    """The same of one tag in plain Python, a sample at a time."""
    keep, square, wide = 0.8, 0.8 * 0.8, 0.2 / 1.8
    z = up = low = 0.0
    fade, last, step = 1.0, None, 0
    side = same = rising = turning = inside = outside = 0
    near: list[float] = []
    found: tuple[list[int], list[int], list[int], list[int]] = ([], [], [], [])
    for v in x:
        z = 0.2 * v + keep * z
        fade *= square
        half = 2.962 * (wide * (1.0 - fade)) ** 0.5
        up, low = max(up + (v - 0.5), 0.0), max(low + (-0.5 - v), 0.0)
        now = (v > 0) - (v < 0)
        same, side = (same + 1 if now == side and now else int(now != 0)), now
        if last is not None:
            moved = (v > last) - (v < last)
            rising = rising + 1 if moved and moved == step else int(moved != 0)
            turning = turning + 1 if moved and moved == -step else 0
            step = moved
        inside, outside = (0, outside + 1) if abs(v) > 1 else (inside + 1, 0)
        near.append(v)
        del near[:-5]
        sign = 1.0 if v > 0 else -1.0
        two = sign * v > 2 and sum(sign * w > 2 for w in near[-3:]) >= 2
        four = sign * v > 1 and sum(sign * w > 1 for w in near) >= 4
        rules = (
            abs(v) > 3, same >= 9, rising >= 5, turning >= 12, two, four, inside >= 15, outside >= 8,
        )  # fmt: skip
        found[0].append(int(abs(z) > half))
        found[1].append(int(up > 5.0))
        found[2].append(int(low > 5.0))
        found[3].append(sum(16 << bit for bit, hit in enumerate(rules) if hit))  # N1 is bit 4
        last = v
    return found


def same_flags(x: NDArray[np.float64]) -> int:
    """How many flags there were; AssertionError if any of them differ."""
    blocks, ticks = Three(TAGS), Three(TAGS)
    whole = [blocks.run(x[:BLOCK]), blocks.run(x[BLOCK:])]
    each = [ticks.run(row[None]) for row in x]
    for kind in range(4):
        one = np.concatenate([part[kind] for part in whole])
        assert (one == np.concatenate([part[kind] for part in each])).all(), (
            f"ticks and blocks differ in {kind}"
        )
        for tag in range(0, TAGS, 50):
            assert one[:, tag].tolist() == plain(x[:, tag].tolist())[kind], f"plain Python differs in {kind}"
    return int(sum(np.count_nonzero(part[kind]) for part in whole for kind in range(4)))


def best(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """CPU seconds of the quickest round."""
    spent = []
    for _ in range(rounds):
        began = time.process_time_ns()
        work()
        spent.append(time.process_time_ns() - began)
    return min(spent) / 1e9


def adwin() -> tuple[float | None, str]:
    """M samples a second of one ADWIN, or why not."""
    python = os.environ.get("LOTWATCH_BENCH_RIVER")
    if not python:
        return None, "not measured: set LOTWATCH_BENCH_RIVER to a Python that has river"
    done = subprocess.run([python, "-c", _ADWIN], capture_output=True, text=True, check=False)
    if done.returncode:
        return None, f"not measured: {done.stderr.strip().splitlines()[-1]}"
    return float(done.stdout), ""


def run(data: Path | None = None) -> list[Row]:
    """The rows of this figure."""
    del data
    x = np.random.default_rng(20261121).standard_normal((BLOCK + TICKS, TAGS))
    flags = same_flags(x)
    three = Three(TAGS)
    three.run(x[:BLOCK])  # limits have settled
    listed = x[:, 0].tolist()
    loop = len(listed) / best(lambda: plain(listed)) / 1e6
    drift, why = adwin()
    peer = f"plain Python {loop:.1f} M" + (f", ADWIN {drift:.1f} M" if drift else "")
    rows = [
        Row("flags of ticks, blocks and plain Python", "", "identical", f"{flags} flags, identical", "", True)
    ]

    def ticks() -> None:
        for row in x[BLOCK:]:
            three.run(row[None])

    for what, work, samples, reach in (
        ("ticks of 1,000 tags, all three", ticks, TICKS * TAGS, REACH_TICKS),
        (f"blocks of {BLOCK} x 1,000, all three", lambda: three.run(x[:BLOCK]), BLOCK * TAGS, REACH_BLOCKS),
    ):
        rate = samples / best(work) / 1e6
        rows.append(
            Row(
                f"{what}: samples/s",
                peer,
                f"{reach:.0f} M",
                f"{rate:.1f} M",
                f"x {rate / loop:.0f}",
                rate >= reach,
            )
        )
    rows.append(Row("with a compiled kernel", "", "150 M", "not built"))
    if why:
        rows.append(Row("river ADWIN, one tag: samples/s", "7.5 M (another machine)", "", why))
    return rows + _each(x) + _small(x)


def _each(x: NDArray[np.float64]) -> list[Row]:
    """Each chart by itself in blocks."""
    zeros, ones = np.zeros(TAGS), np.ones(TAGS)
    rules = RunRules(NELSON)
    at = rules.lines(TAGS)
    memory = rules.start(TAGS)
    rows = []
    charts: tuple[tuple[str, Any], ...] = (
        ("ewma", Ewma(zeros, ones)),
        ("cusum", Cusum(zeros, ones)),
        ("imr", Imr(zeros, ones)),
    )
    for name, chart in charts:
        state, _ = chart.run(chart.start(), x[BLOCK:])
        spent = best(partial(chart.run, state, x[:BLOCK]))
        rows.append(Row(f"  {name} alone, blocks", "", "", f"{spent / BLOCK / TAGS * 1e9:.1f} ns a sample"))
    spent = best(lambda: rules.judge(memory, x[:BLOCK], at))
    rows.append(Row("  eight rules alone, blocks", "", "", f"{spent / BLOCK / TAGS * 1e9:.1f} ns a sample"))
    return rows


def _small(x: NDArray[np.float64]) -> list[Row]:
    """One row of a small bank."""
    rows = []
    for tags in SMALL:
        for name, kind in (("imr", Imr), ("ewma", Ewma), ("cusum", Cusum)):
            chart: Any = kind(np.zeros(tags), np.ones(tags))
            part = x[:200, :tags]
            state, _ = chart.run(chart.start(), part)

            def work(chart: Any = chart, state: Any = state, part: Any = part) -> None:
                for row in part:
                    chart.run(state, row[None])

            rows.append(Row(f"  one row, {tags} x {name}", "", "", f"{best(work) / 200 * 1e6:.1f} us"))
    return rows


def main() -> None:
    if os.environ.get("OPENBLAS_NUM_THREADS") != "1":  # read when numpy is loaded
        os.environ["OPENBLAS_NUM_THREADS"] = "1"
        os.execv(sys.executable, [sys.executable, "-m", "benchmarks.spc_speed"])
    print(machine())
    print_table(run())


if __name__ == "__main__":
    main()

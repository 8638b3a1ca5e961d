"""Totals and feeders against ledgers: ``python -m benchmarks dosing_totals``.

Histories are of `simulators.weigh_history`: batches, wraps, clears, losses of power, other units, other controllers,
skipped readings, in any order. The truth is the simulated blender's ledger in tenths of a gram; the code under test
never sees it. Set LOTWATCH_BENCH_HISTORIES for fewer than 100,000.
"""

from __future__ import annotations

import math
import os
import random
import time
from dataclasses import dataclass, field

import numpy as np

from benchmarks._table import Row, machine, print_table
from gateway.metering.feeder import Feeder, FeederState, weighed
from gateway.metering.totalizer import Frame, Grown, Limits, Track, follow
from gateway.model import Instant
from simulators.plant.weigh_blender import TENTHS
from simulators.weigh_history import FASTEST_S, MOST_TENTHS, Seen, history

HISTORIES, READINGS = 100_000, 24
ON_TIME_NS = 5_000_000_000
PLAY_KG = 1e-9  # a micro-gram: what binary fractions leave
RATE = 0.01  # kg/s
COVERED, RMS = 0.93, (0.8, 1.2)  # of 95 %, of 1: a stated uncertainty is neither too small nor mere caution


@dataclass
class Count:
    """What became of the steps from reading to reading."""

    steps: int = 0
    exact: int = 0
    false: int = 0  # said to be exact, and is not
    outside: int = 0  # the truth is outside of the bounds
    faults: int = 0
    gaps: dict[str, int] = field(default_factory=dict)
    widths: list[float] = field(default_factory=list)  # of gaps between readings that came on time

    wrong_in: list[int] = field(default_factory=list)  # seeds

    def add(self, grown: Grown, before: Seen, after: Seen, seed: int) -> None:
        truth = [(b - a) * 1e-4 for a, b in zip(before.ledger, after.ledger, strict=True)]
        self.steps += 1
        bounds = zip(grown.low, truth, grown.high, strict=True)
        inside = all(low - PLAY_KG <= kg <= high + PLAY_KG for low, kg, high in bounds)
        hit = all(abs(a - b) <= PLAY_KG for a, b in zip(grown.kg, truth, strict=True))
        if not inside or (grown.exact and not hit):
            self.wrong_in.append(seed)
        if grown.exact:
            self.exact += 1
            self.false += not hit
            return
        self.outside += not inside
        self.gaps[grown.mark] = self.gaps.get(grown.mark, 0) + 1
        if after.time_ns - before.time_ns <= ON_TIME_NS:
            self.widths.append(max(h - w for h, w in zip(grown.high, grown.low, strict=True)))


def run(histories: int) -> Count:
    """So many histories; every fourth counts its totals in 16 bits, every second names its controller."""
    count = Count()
    for seed in range(histories):
        bits = 16 if seed % 4 == 3 else 32
        limits = Limits(2.0**bits, 65_536.0, MOST_TENTHS * 1e-4, FASTEST_S)
        track: Track | None = None
        before: Seen | None = None
        for seen in history(seed, READINGS, bits=bits):
            frame = Frame(
                Instant(seen.time_ns, seen.time_ns, 1), tuple(map(float, seen.totals)),
                1e-4 if seen.kind == TENTHS else 1e-3, float(seen.cycles), float(seen.serial) if seed % 2 else None,
            )  # fmt: skip
            track, grown = follow(limits, track, frame)
            if grown is not None and before is not None:
                count.add(grown, before, seen, seed)
            before = seen
        count.faults += before.faults if before else 0
    return count


def windows(seed: int, *, refill: bool, bumps: bool) -> list[tuple[float, float, bool]]:
    """A feeder's hour at 36 kg/h by a scale of 10 g sigma: (told - true) / sigma, its sigma, whether it was masked."""
    chance, kg, left, truth, made = random.Random(seed), 30.0, 0.0, {0: 0.0}, []
    state, feeder = FeederState(), Feeder(0.005, 60.0, 120.0)
    for second in range(1, 1800):
        filling = refill and second % 600 in range(300, 312)
        kg, left = kg - RATE + (0.5 if filling else 0.0), left + RATE
        shown = kg + chance.gauss(0.0, 0.01)
        if bumps and second % 170 < 4:
            shown += chance.uniform(-0.4, 0.4)
        truth[second] = left
        at = Instant(second * 10**9, second * 10**9, 1)
        state, said = weighed(feeder, state, at, shown)
        if said is not None:
            true = truth[said.to_ns // 10**9] - truth[said.from_ns // 10**9]
            made.append(((said.kg - true) / said.sigma_kg, said.sigma_kg, not said.exact))
    return made


def main() -> None:
    print(machine())
    histories = int(os.environ.get("LOTWATCH_BENCH_HISTORIES", HISTORIES))
    began = time.process_time()
    count = run(histories)
    spent = time.process_time() - began
    told = ", ".join(f"{name} {number}" for name, number in sorted(count.gaps.items()))
    each = f"{histories:,} histories"
    rows = [
        Row("Maguire frames: grams wrong where said to be exact", each, "0", f"{count.false} of {count.exact:,} steps",
            reached=histories >= HISTORIES and count.false == 0),
        Row("... truth outside of the bounds of a gap", f"{count.faults:,} faults", "0",
            f"{count.outside} of {count.steps - count.exact:,} gaps",
            reached=histories >= HISTORIES and count.outside == 0),
        Row("... steps that are exact", "", "", f"{100 * count.exact / count.steps:.2f} %"),
        Row("... median width of a gap between readings 5 s apart at most", "one batch: 2.5 kg", "",
            f"{np.median(count.widths):.2f} kg"),
        Row("... CPU of a reading, simulation included", "", "", f"{1e6 * spent / count.steps:.0f} us"),
    ]  # fmt: skip
    for name, refill, bumps in (("steady", False, False), ("refills and knocks", True, True)):
        z = [each for seed in range(20) for each in windows(seed, refill=refill, bumps=bumps)]
        clean = np.array([one[0] for one in z if not one[2]])
        covered, rms = float(np.mean(np.abs(clean) < 1.96)), math.sqrt(float(np.mean(clean**2)))
        rows.append(
            Row(f"feeder, {name}: windows inside 1.96 sigma", f"{len(clean)} windows", ">= 93 %, rms 0.8 to 1.2",
                f"{100 * covered:.1f} %, rms {rms:.2f}", reached=covered >= COVERED and RMS[0] <= rms <= RMS[1])
        )  # fmt: skip
        masked = np.array([one[0] for one in z if one[2]])
        if len(masked):
            inside = float(np.mean(np.abs(masked) < 1.96))
            rows.append(
                Row("... of them with a refill", f"{len(masked)} windows", ">= 93 %", f"{100 * inside:.1f} %",
                    reached=inside >= COVERED)
            )  # fmt: skip
    print_table(rows)
    print(f"gaps by their reason: {told}")
    if count.wrong_in:
        print(f"wrong in histories {', '.join(map(str, count.wrong_in[:20]))}")


if __name__ == "__main__":
    main()

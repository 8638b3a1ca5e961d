"""One false alarm a day over 1,000 tags, a quarter of them correlated: python -m benchmarks.budget [--days N]

Three kinds of charts, two of them of three sorts, with limits that the design engine computes from what `split` gives
each tag. Samples come once a minute, N(0, 1), independent but for every fourth tag: those have correlation 0.5 with
each other. All is in control, so every alarm is false. An alarm is counted as the bank raises it: a rule speaks while
none is up; it returns after 8 samples without one, and the chart begins anew. The interval is that of the mean of
independent days.

Each day is charted as one block; a slot with a signal is charted again from there, sample by sample. The second table
shows at a shorter ARL0 what alarms that return without the chart's beginning anew would give.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks._table import Row, machine, print_table
from gateway.design.budget import STAY, Stream, split
from gateway.design.cusum import CusumScheme
from gateway.design.ewma import EwmaScheme
from gateway.design.shewhart import ShewhartScheme
from gateway.spc.cusum import Cusum
from gateway.spc.ewma import Ewma
from gateway.spc.imr import Imr
from gateway.spc.track import put, take

TAGS = 1000
PER_DAY = 1440  # samples
BUDGET = 1.0
CORRELATION = 0.5
WEIGHTS, ALLOWANCES = (0.05, 0.1, 0.2), (0.25, 0.5, 1.0)
QUIET = int(STAY)
SHORT = 2_000.0  # ARL0 of the second table
SHORT_BLOCKS, SHORT_ROWS = 100, 200

Floats = NDArray[np.float64]


@dataclass
class Watch:
    """Charts of one kind, and the alarms that are up."""

    name: str
    chart: Any
    begin_anew: bool = True
    alarms: list[tuple[int, int]] = field(default_factory=list)  # sample, slot

    def __post_init__(self) -> None:
        self.slots = len(self.chart.center)
        self.state = self.chart.start()
        self._up: dict[int, int] = {}  # slot: samples without a rule

    def day(self, first: int, x: Floats) -> None:
        """Chart one block; `first` is the number of its first sample."""
        before = self.state
        self.state, track = self.chart.run(before, x)
        rules = (
            track.rules if track.second is None or self.name == "imr" else track.rules | track.second.rules
        )
        spoke = np.flatnonzero(np.bitwise_or.reduce(rules, axis=0)).tolist()
        for slot in sorted({*spoke, *self._up}):
            index = np.array([slot])
            after = self._again(slot, first, take(self.chart, index), take(before, index), x[:, index])
            self.state = put(self.state, index, after)

    def _again(self, slot: int, first: int, chart: Any, state: Any, x: Floats) -> Any:
        """The slot by itself, from the state before the block."""
        at = 0
        while True:
            after, track = chart.run(state, x[at:])
            rules = (
                track.rules
                if track.second is None or self.name == "imr"
                else track.rules | track.second.rules
            )
            anew = self._alarms(slot, first + at, (rules[:, 0] != 0).tolist())
            if anew is None:
                return after
            at += anew
            state = chart.start()
            if at == len(x):
                return state

    def _alarms(self, slot: int, first: int, spoke: list[bool]) -> int | None:
        """Samples until the chart begins anew, or None if it does not here."""
        for place, violated in enumerate(spoke):
            if violated:
                if slot not in self._up:
                    self.alarms.append((first + place, slot))
                self._up[slot] = 0
            elif slot in self._up:
                self._up[slot] += 1
                if self._up[slot] == QUIET:
                    del self._up[slot]
                    if self.begin_anew:
                        return place + 1
        return None


def watches(arl0: float, tags: int, *, begin_anew: bool = True) -> list[Watch]:
    """A third of the tags for each kind of chart, their parameters in turn, limits from the engine."""
    third = tags // 3
    counts = tags - 2 * third, third, third
    made = []
    for name, count in zip(("ewma", "cusum", "imr"), counts, strict=True):
        zeros, ones, turn = np.zeros(count), np.ones(count), np.arange(count) % 3
        chart: Any
        if name == "ewma":
            far = np.array([EwmaScheme(weight, "exact").solve(arl0) for weight in WEIGHTS])
            chart = Ewma(zeros, ones, np.array(WEIGHTS)[turn], far[turn], "exact")
        elif name == "cusum":
            high = np.array([CusumScheme(k).solve(arl0) for k in ALLOWANCES])
            chart = Cusum(zeros, ones, np.array(ALLOWANCES)[turn], high[turn])
        else:
            chart = Imr(zeros, ones, ("WE1",), np.full(count, ShewhartScheme().solve(arl0)))
        made.append(Watch(name, chart, begin_anew))
    return made


def days(draw: np.random.Generator, counts: list[int], rows: int) -> Iterator[list[Floats]]:
    """Samples of each kind's tags; every fourth has a part in common with all other fourths."""
    own, common = np.sqrt(1.0 - CORRELATION), np.sqrt(CORRELATION)
    while True:
        shared = common * draw.standard_normal((rows, 1))
        blocks = []
        for count in counts:
            x = draw.standard_normal((rows, count))
            x[:, ::4] *= own
            x[:, ::4] += shared
            blocks.append(x)
        yield blocks


def run(data: Path | None = None, *, length: int = 100) -> list[Row]:
    """The rows of this figure."""
    del data
    arl0 = split(BUDGET, [Stream(PER_DAY)] * TAGS)[0]
    kinds = watches(arl0, TAGS)
    blocks = days(np.random.Generator(np.random.SFC64(20261121)), [kind.slots for kind in kinds], PER_DAY)
    began = time.process_time()
    for day in range(length):
        for kind, x in zip(kinds, next(blocks), strict=True):
            kind.day(day * PER_DAY, x)
        if (day + 1) % 50 == 0:
            found = sum(len(kind.alarms) for kind in kinds)
            print(
                f"{day + 1} days, {found} alarms, {time.process_time() - began:.0f} s",
                file=sys.stderr,
                flush=True,
            )
    spent = time.process_time() - began
    rows = [_held("all tags", [alarm for kind in kinds for alarm in kind.alarms], length, BUDGET, reach=True)]
    rows += [
        _held(f"  {kind.slots} x {kind.name}", kind.alarms, length, BUDGET * kind.slots / TAGS)
        for kind in kinds
    ]
    quarter = [alarm for kind in kinds for alarm in kind.alarms if alarm[1] % 4 == 0]
    part = sum(len(range(0, kind.slots, 4)) for kind in kinds)
    rows.append(_held(f"  the {part} correlated tags", quarter, length, BUDGET * part / TAGS))
    rate = length * PER_DAY * TAGS / spent / 1e6
    rows.append(Row("samples a second, drawing them included", "", "", f"{rate:.0f} M"))
    return rows + _without()


def _held(
    what: str, alarms: list[tuple[int, int]], length: int, budget: float, *, reach: bool = False
) -> Row:
    """Alarms a day, with the interval of a mean of independent days."""
    daily = np.bincount([at // PER_DAY for at, _ in alarms], minlength=length)
    mean, error = float(daily.mean()), float(daily.std(ddof=1)) / np.sqrt(length)
    low, high = (mean - 1.96 * error) / budget, (mean + 1.96 * error) / budget
    return Row(
        f"{what}, {length} days",
        "",
        f"{budget:.3f} a day +- 10 %" if reach else f"{budget:.3f} a day",
        f"{mean:.3f} a day",
        f"{mean / budget:.3f} ({low:.3f} to {high:.3f})",
        abs(mean / budget - 1.0) <= 0.1 if reach else None,
    )


def _without() -> list[Row]:
    """Alarms at a short ARL0, with and without beginning anew at their return."""
    rows = []
    kinds = {anew: watches(SHORT, 300, begin_anew=anew) for anew in (True, False)}
    blocks = days(np.random.Generator(np.random.SFC64(8)), [kind.slots for kind in kinds[True]], SHORT_ROWS)
    for number in range(SHORT_BLOCKS):
        same = next(blocks)
        for charts in kinds.values():
            for kind, x in zip(charts, same, strict=True):
                kind.day(number * SHORT_ROWS, x)
    for anew, charts in kinds.items():
        for kind in charts:
            wanted = SHORT_BLOCKS * SHORT_ROWS * kind.slots / (SHORT + STAY)
            how = "anew" if anew else "on as it was"
            rows.append(
                Row(f"ARL0 {SHORT:.0f}, {kind.name} goes {how} after an alarm", "", f"{wanted:.0f} alarms",
                    f"{len(kind.alarms)}", f"{len(kind.alarms) / wanted:.3f}")
            )  # fmt: skip
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description="False alarms of a site against its budget.")
    parser.add_argument("--days", type=int, default=100, help="simulated; the figure is for 1000")
    given = parser.parse_args()
    print(machine())
    print_table(run(length=given.days))


if __name__ == "__main__":
    main()

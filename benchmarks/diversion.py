"""Material that goes where no meter is, and scales that drift: python -m benchmarks.diversion [--runs N]

A plant of four stores (silo, regrind bin, hopper of the presses, scrap) balanced every week, six metered streams,
four scales. Each scale has a calibration error of its own that stays (sigma 0.05 %), each dose a random one of the
same size; each stocktake errs by 0.2 % (sigma) of what goes through its store in a week. All in virtual time.

- False alarms: the four stores are watched for two years with nothing wrong; any alarm of any store counts.
- A diversion: after a run-in, 1 % of what the regrind bin turns over in a week begins to go from bin to hopper past
  the blender. Found: any store speaks at the first stocktake after a whole week of it. Nothing but stocktakes is
  looked at here, so what begins in mid-week has done half of its harm by the first of them: shown as well.
- Which of the two: a scale that gains 0.5 % a week, or that diversion. Each run goes on until the verdict is sure,
  eight weeks at most; undecided is wrong. The verdict has to name the very scale, or the very way of the material.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks._table import Row, machine, print_table
from gateway.dosing.book import Period, Sums, Watch, counted, opened
from gateway.dosing.reconcile import Network, Stream, Verdict, explain

Floats = NDArray[np.float64]

DOSE, COUNT = 0.0005, 0.002
BATCHES = 5000  # doses of a stream in a week
YEAR = 52
DIVERTED, DRIFT = 0.01, 0.005
PATIENCE, WINDOW = 8, 26
LINE = Network(
    ("silo", "bin", "hopper", "scrap"),
    (
        Stream("delivery", "", "silo", "weighbridge", DOSE),  # one truck
        Stream("virgin", "silo", "hopper", "blender", DOSE / BATCHES**0.5),
        Stream("regrind", "bin", "hopper", "blender", DOSE / BATCHES**0.5),
        Stream("parts", "hopper", "", "press", DOSE / BATCHES**0.5),
        Stream("rest", "hopper", "scrap", "press", DOSE / BATCHES**0.5),
        Stream("ground", "scrap", "bin", "belt", DOSE / BATCHES**0.5),
    ),
    dict.fromkeys(("weighbridge", "blender", "press", "belt"), DOSE),
)
WEEK = np.array([7500.0, 7500.0, 2500.0, 7500.0, 2500.0, 2500.0])  # kg
INCIDENCE = LINE.incidence()
TURNOVER = np.abs(INCIDENCE) @ WEEK / 2.0
COUNTED = COUNT * TURNOVER
OWN = np.array([stream.sigma for stream in LINE.streams])
MINE = np.array([[stream.scale == scale for stream in LINE.streams] for scale in LINE.calibration])


class Fault(NamedTuple):
    """What is wrong from `start` on."""

    kind: str
    about: tuple[str, ...]
    start: int  # week
    part: float = 1.0  # of that week


class Week(NamedTuple):
    """What the gateway knows at its end."""

    residual: Floats
    moved: Floats
    said: bool


def weeks(fault: Fault, watch: Watch, draw: np.random.Generator) -> Iterator[Week]:
    """One plant, week after week."""
    gains = DOSE * draw.standard_normal(len(LINE.calibration))
    away = np.zeros(len(LINE.stores))
    if fault.kind == "diversion":
        for name, sign in zip(fault.about, (-1.0, 1.0), strict=True):
            if name:
                away[LINE.stores.index(name)] += sign * DIVERTED * TURNOVER[LINE.stores.index("bin")]
    stock = np.zeros(len(LINE.stores))
    count = stock + COUNTED * draw.standard_normal(stock.size)
    books = [opened(float(kg), float(sigma)) for kg, sigma in zip(count, COUNTED, strict=True)]
    sums = [Sums()] * len(books)
    number = 0
    while True:
        on = number >= fault.start
        error = gains.copy()
        if on and fault.kind == "scale":
            error[list(LINE.calibration).index(fault.about[0])] += DRIFT * (number - fault.start + 0.5)
        moved = WEEK * (1.0 + error @ MINE + OWN * draw.standard_normal(WEEK.size))
        stock = (
            stock + INCIDENCE @ WEEK + (away if on else 0.0) * (fault.part if number == fault.start else 1.0)
        )
        before, count = count, stock + COUNTED * draw.standard_normal(stock.size)
        flow = INCIDENCE @ moved
        bias = np.linalg.norm((MINE * moved) @ INCIDENCE.T * DOSE, axis=0)
        own = np.linalg.norm(INCIDENCE * moved * OWN, axis=1)
        said = False
        for i, book in enumerate(books):
            period = Period(float(flow[i]), float(own[i]), float(bias[i]), float(count[i]), float(COUNTED[i]))
            books[i], found = counted(book, period)
            sums[i], side = watch.step(sums[i], found.z)
            said = said or bool(side)
        yield Week(flow - (count - before), moved, said)
        number += 1


def false_alarms(runs: int, watch: Watch) -> float:
    """A year, of all stores together."""
    total = 0
    for seed in range(runs):
        plant = weeks(Fault("", (), 0), watch, np.random.default_rng((1, seed)))
        total += sum(next(plant).said for _ in range(2 * YEAR))
    return total / runs / 2.0


def found_by(runs: int, watch: Watch, fault: Fault, counts: int = 1) -> float:
    """Share of runs that speak at one of the first stocktakes after it began."""
    found = 0
    for seed in range(runs):
        plant = weeks(fault, watch, np.random.default_rng((2, fault.start, seed)))
        found += any([next(plant).said for _ in range(fault.start + counts)][fault.start :])
    return found / runs


def verdict(fault: Fault, watch: Watch, draw: np.random.Generator) -> tuple[Verdict | None, int]:
    """What is said from the first alarm on, and after how many weeks of the fault."""
    known: list[Week] = []
    alarm: int | None = None
    for number, week in enumerate(weeks(fault, watch, draw)):
        known = [*known, week][-WINDOW:]
        if alarm is None and week.said and number >= fault.start:
            alarm = number
        if alarm is not None:
            residuals, moved = (
                np.array([each.residual for each in known]),
                np.array([each.moved for each in known]),
            )
            said = explain(LINE, residuals, moved, COUNTED)
            if said.sure:
                return said, number - fault.start + 1
            if number - alarm >= PATIENCE:
                break
        if number > fault.start + YEAR:
            break
    return None, YEAR


def told(runs: int, watch: Watch, fault: Fault, right: Callable[[Verdict], bool]) -> tuple[float, float]:
    """Share of runs that name it, and the median of weeks until then."""
    every = [verdict(fault, watch, np.random.default_rng((3, seed))) for seed in range(runs)]
    good = [said is not None and right(said) for said, _ in every]
    return float(np.mean(good)), float(np.median([after for _, after in every]))


def run(runs: int = 400) -> list[Row]:
    """The rows of this figure."""
    watch = Watch.designed(YEAR * len(LINE.stores))
    rate = false_alarms(runs, watch)
    rows = [
        Row(
            "false alarms a year, four stores together", "1 by design", "<= 1", f"{rate:.2f}",
            f"{runs * 2} years", rate <= 1.0,
        )
    ]  # fmt: skip
    way = ("bin", "hopper")
    for start, reach in ((YEAR // 2, True), (13, True), (4, None), (1, None)):
        share = found_by(runs, watch, Fault("diversion", way, start))
        rows.append(
            Row(
                f"1 % past the blender, found within a week; {start} weeks counted before", "",
                ">= 90 %" if reach else "", f"{share:.1%}", "", share >= 0.9 if reach else None,
            )
        )  # fmt: skip
    mid = Fault("diversion", way, YEAR // 2, 0.5)
    shares = [found_by(runs, watch, mid, counts) for counts in (1, 2)]
    rows.append(
        Row(
            "... begun in mid-week, by its first count (3.5 days) and its second (10.5 days)", "", "",
            f"{shares[0]:.1%}, {shares[1]:.1%}", "", None,
        )
    )  # fmt: skip
    for fault in (
        Fault("scale", ("blender",), YEAR // 2),
        Fault("scale", ("press",), YEAR // 2),
        Fault("scale", ("belt",), YEAR // 2),
        Fault("diversion", way, YEAR // 2),
        Fault("diversion", ("bin", ""), YEAR // 2),
    ):

        def right(said: Verdict, fault: Fault = fault) -> bool:
            return (said.kind, said.about) == (fault.kind, fault.about)

        share, after = told(runs // 2, watch, fault, right)
        about = (
            fault.about[0]
            if fault.kind == "scale"
            else " to ".join(name or "outside" for name in fault.about)
        )
        rows.append(
            Row(
                f"{fault.kind} {about}: told from the other kind, and named", "", ">= 90 %",
                f"{share:.1%}, after {after:.0f} weeks", "", share >= 0.9,
            )
        )  # fmt: skip
    return rows


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=400)
    given = parser.parse_args()
    began = time.process_time()
    print_table(run(given.runs))
    print(f"{time.process_time() - began:.0f} s of CPU on {machine()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

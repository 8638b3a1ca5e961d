"""What-if: how long a week of one site takes, through the real fold: python -m benchmarks.simulate [--days N]

Shipped scenarios, each played in this process, one after another; `lotwatch simulate` plays as many at a time as there
are cores. Less than seven days are scaled up to a week, loading the site and making its charts' limits included once.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace
from pathlib import Path

from benchmarks._table import Row, crowded, machine, print_table
from gateway.whatif.scenario import read_scenario, shipped
from simulators.whatif.run import Run

NAMES = ("quiet", "dishonest_operator", "regrind_used_up")
WEEK = 7.0


def one(name: str, days: float) -> Row:
    """One scenario."""
    scenario = replace(read_scenario(shipped(Path(name))), days=days)
    wall, cpu = time.perf_counter(), time.process_time()
    run = Run(scenario)
    ready = time.perf_counter() - wall, time.process_time() - cpu
    outcome = run.play()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    week = [ready[at] + (took - ready[at]) * WEEK / days for at, took in enumerate((wall, cpu))]
    text = f"{week[0]:.0f} s, CPU {week[1]:.0f} s ({outcome['records']} inputs kept in {days:g} days)"
    return Row(f"{name}: a week of one site in virtual time", "none", "< 60 s", text, reached=week[0] < 60.0)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--days", type=float, default=WEEK)
    given = parser.parse_args()
    print(machine())
    print_table([*(one(name, given.days) for name in NAMES), crowded()])
    return 0


if __name__ == "__main__":
    sys.exit(main())

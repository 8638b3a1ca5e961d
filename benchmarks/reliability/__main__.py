"""Rows of the reliability table: ``python -m benchmarks reliability [--row NAME ...] [--count N] [--nightly]
[--seconds LIMIT] [--seed S] [--record FILE] [--batch N]``.

Without options every row runs the cases that `make test` runs of it. ``--nightly`` takes the count of the night and
``--count`` any other; ``--seconds`` begins no batch after so long. ``--record`` keeps a line a batch and goes on where
a run was cut short. ``--batch`` runs one batch once more: that is how a finding is repeated. Ends with 1 when something
was found, or a row was over its budget.
"""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

from benchmarks._table import Row as Line
from benchmarks._table import machine, print_table
from benchmarks.reliability.row import Row
from benchmarks.reliability.rows import rows
from benchmarks.reliability.running import Ran, pace, run_batch, run_row
from tests.kills.stage import NoServer


def main() -> int:
    """Run, print, and say by the exit code whether all passed."""
    known = {row.name: row for row in rows()}
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks reliability", description="Faults and bad input, by seed."
    )
    parser.add_argument(
        "--row", action="append", choices=sorted(known), help="this row; several may be named"
    )
    parser.add_argument("--count", type=int, help="cases of each row; the table's of `make test` otherwise")
    parser.add_argument("--nightly", action="store_true", help="the table's count of a night")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="begin no batch after so long")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--record", type=Path, help="a line a batch; those in it are not run again")
    parser.add_argument("--batch", type=int, help="this batch alone, once more")
    given = parser.parse_args()
    if given.batch is not None and len(given.row or ()) != 1:
        parser.error("--batch goes with one --row")
    logging.disable(logging.CRITICAL)  # what the product says of bad input is not for here
    chosen = [known[name] for name in given.row or known]
    print(machine())
    if given.batch is not None:
        return _once_more(chosen[0], given.seed, given.batch, given.count)
    lines, good = [], True
    for row in chosen:
        count = given.count or (row.nightly if given.nightly else row.per_run)
        try:
            ran = run_row(
                row,
                given.seed,
                count,
                seconds=given.seconds,
                record=given.record,
                tell=lambda text: print(text, flush=True),
            )
        except NoServer as error:
            print(f"{row.name}: not run: {error}")
            good = False
            continue
        paced_s = ran.cpu_s / pace()
        passed = ran.passed(paced_s)
        good = good and passed
        lines.append(_line(ran, count, paced_s, passed=passed))
        for told in ran.findings:
            print(f"FOUND in {row.name}: {told}")
        print(f"{row.name}: " + ", ".join(f"{what} {many:,}" for what, many in sorted(ran.facts.items())))
    print_table(lines)
    return int(not good)


def _line(ran: Ran, wanted: int, paced_s: float, *, passed: bool) -> Line:
    short = "" if ran.count >= wanted else f" of {wanted:,}"
    took = f"{ran.cpu_s:.1f} s of CPU ({paced_s:.1f} s at the budget's pace), {ran.wall_s:.0f} s by the clock"
    found = f"{len(ran.findings)} found" if ran.findings else "nothing found"
    reach = f"{ran.row.passes}; <= {ran.allowed_s:.0f} s"
    what = f"{ran.row.name}: {ran.count:,}{short} {ran.row.what}, seed {ran.seed}"
    return Line(what, "", reach, f"{found}, {took}", reached=passed)


def _once_more(row: Row, seed: int, number: int, count: int | None) -> int:
    plain = run_batch(row, seed, number, count or row.batch)
    for told in plain["findings"]:
        print(f"FOUND: {told}")
    print(f"{plain['count']:,} cases, {plain['cpu_s']} s of CPU, {plain['facts']}")
    return int(bool(plain["findings"]))


if __name__ == "__main__":
    sys.exit(main())

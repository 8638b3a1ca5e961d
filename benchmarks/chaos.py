"""The whole daemon under faults in virtual time, seed by seed; and whether its memory stays where it is.

``python -m benchmarks chaos [--days 0.0833] [--seeds 10] [--first 1] [--seconds LIMIT] [--cores N] [--record FILE]
[--soak]``. Each seed is a process of its own, one a core. ``--record`` keeps a line a seed, and seeds that are in it
are not run again: a night may be cut short and go on. ``--soak`` runs one seed without faults and fits a line to its
memory. A seed that failed is run again, with its script and the fewest faults, by `lotwatch chaos --seed N --hours H`.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks._record import lines_of, note
from benchmarks._table import Row, machine, print_table

SLOPE_MB_A_DAY = 1.0


def one(seed: int, hours: float, soak: bool) -> dict[str, Any]:  # noqa: FBT001 # handed to a pool
    """A seed's outcome."""
    command = [sys.executable, "-m", "simulators", "chaos", "--seed", str(seed), "--hours", repr(hours)]
    command += ["--no-explain", *(["--soak"] if soak else [])]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if not done.stdout.strip():
        return {
            "seed": seed,
            "hours": hours,
            "whole": False,
            "found": [done.stderr[-2000:]],
            "cpu_seconds": 0.0,
        }
    outcome: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return outcome


def run(
    seeds: range, hours: float, seconds: float, record: Path | None, *, soak: bool, cores: int | None = None
) -> list[dict[str, Any]]:
    """All that were to be, or as many as the time allows."""
    done = _recorded(record, hours)
    began = time.monotonic()

    def work(seed: int) -> None:
        if seed in done or time.monotonic() - began >= seconds:
            return
        outcome = done[seed] = one(seed, hours, soak)
        verdict = "whole" if outcome["whole"] else f"NOT WHOLE: {outcome['found'][:3]}"
        print(f"seed {seed}: {hours:g} h in {outcome['cpu_seconds']:.0f} s of CPU: {verdict}", flush=True)
        if record is not None:
            note(record, outcome)

    with ThreadPoolExecutor(cores or os.cpu_count() or 1) as pool:
        list(pool.map(work, seeds))
    return [done[seed] for seed in seeds if seed in done]


def _recorded(record: Path | None, hours: float) -> dict[int, dict[str, Any]]:
    if record is None or not record.exists():
        return {}
    rows = lines_of(record)
    return {row["seed"]: row for row in rows if abs(row["hours"] - hours) < 0.001}


def main() -> int:
    """Run, print, and say by the exit code whether all was whole."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks chaos", description="Faults in virtual time.")
    parser.add_argument("--days", type=float, default=2 / 24)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="begin no seed after so long")
    parser.add_argument("--cores", type=int, help="seeds at a time; as many as there are cores, if not given")
    parser.add_argument("--record", type=Path, help="a line a seed; those in it are not run again")
    parser.add_argument("--soak", action="store_true", help="without faults: how much memory a day takes")
    given = parser.parse_args()
    seeds = range(given.first, given.first + given.seeds)
    done = run(seeds, given.days * 24, given.seconds, given.record, soak=given.soak, cores=given.cores)
    print(machine())
    broken = [row for row in done if not row["whole"]]
    limited = given.seconds < float("inf")  # then the rest is for the next run with the same record
    days, cpu_s = sum(row["hours"] for row in done) / 24, sum(row["cpu_seconds"] for row in done)
    what = f"{len(done)} of {len(seeds)} seeds, {days:.2f} virtual days, {cpu_s:.0f} s of CPU"
    held = sum(row.get("held", 0) for row in done)
    found = sum(len(row["found"]) for row in done)
    rows = [Row(what, "", "nothing missing, double, out of order, wrong", f"{found} found, {held} answers",
                reached=not broken and bool(done) and (len(done) == len(seeds) or limited))]  # fmt: skip
    for row in done:
        if given.soak and "slope_mb_a_day" in row:
            slope, reach = row["slope_mb_a_day"], f"< {SLOPE_MB_A_DAY:g} MB a day"
            reached = slope < SLOPE_MB_A_DAY
            rows.append(
                Row(f"seed {row['seed']}: memory", "", reach, f"{slope:.2f} MB a day", reached=reached)
            )
    print_table(rows)
    for row in broken:
        print(f"NOT WHOLE: lotwatch chaos --seed {row['seed']} --hours {row['hours']:g}: {row['found'][:3]}")
    return int(bool(broken) or not all(row.reached is not False for row in rows))


if __name__ == "__main__":
    sys.exit(main())

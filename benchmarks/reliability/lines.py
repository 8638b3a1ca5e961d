"""Line faults on units whose every register says unit, address and question: no value where it does not belong.

The harness is `benchmarks.line_faults`: RTU, RTU with echo, and TCP in turn.
"""

from __future__ import annotations

import asyncio

from benchmarks.line_faults import play
from benchmarks.reliability.row import Outcome, Row

KINDS = (("rtu", False), ("rtu", True), ("tcp", False))


def run(seed: int, number: int, count: int) -> Outcome:
    """So many faults on one kind of line."""
    driver, echo = KINDS[number % len(KINDS)]
    done = asyncio.run(play(count, seed * 1_000_003 + number, driver=driver, echo=echo))
    outcome = Outcome(done.faults.total())
    outcome.facts.update({"values good": done.good, "values bad": done.bad, "polls": done.polls})
    outcome.facts.update({f"fault {name}": many for name, many in done.faults.items()})
    if done.wrong:
        outcome.find(
            f"{done.wrong} values of {driver}{' with echo' if echo else ''} are not their register's"
        )
    if done.good < done.bad:
        outcome.find(f"{driver}: {done.bad} values were bad and {done.good} good: it hardly reads at all")
    return outcome


ROW = Row(
    "lines", "line faults on self-describing registers", "0 wrong (tag, value) pairs",
    per_run=100_000, nightly=10_000_000, budget_s=60, batch=5_000, run=run,
)  # fmt: skip

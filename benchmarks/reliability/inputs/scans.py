"""Codes that nobody made: each is understood or refused with a reason. The codes are those of `benchmarks.codes`."""

from __future__ import annotations

import time

from benchmarks._codes_corpus import noise
from benchmarks.codes import judged
from benchmarks.reliability.inputs.slow import MS, Watch
from benchmarks.reliability.row import Outcome, Row


def run(seed: int, number: int, count: int) -> Outcome:
    """So many codes."""
    outcome = Outcome(count)
    watch = Watch(outcome, 5 * MS)
    for code, symbology in noise(count, seed * 1_000_003 + number):
        began = time.perf_counter_ns()
        told = judged(code, symbology)
        if (took_ns := time.perf_counter_ns() - began) > watch.limit_ns:
            watch.look(took_ns, f"{code!r} {symbology}", lambda: judged(code, symbology))  # noqa: B023
        outcome.facts[told.split(":")[0]] += 1
        if not told.startswith(("understood", "refused")):
            outcome.find(f"{code!r} as {symbology!r}: {told}")
    return outcome


ROW = Row(
    "scans", "scanned codes that nobody made", "understood or refused with a reason, <= 5 ms each",
    per_run=100_000, nightly=10_000_000, budget_s=60, batch=10_000, run=run,
)  # fmt: skip

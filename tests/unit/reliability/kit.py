"""Batches of a row, as a test of it: nothing found, as many cases as were asked for, within the row's budget."""

from __future__ import annotations

from benchmarks.reliability.row import Outcome, Row
from benchmarks.reliability.running import Ran, pace, run_batch

SEED = 1


def groups(row: Row, size: int) -> list[range]:
    """The batches of `make test`, some at a time: xdist runs them side by side."""
    count = -(-row.per_run // row.batch)
    return [range(first, min(first + size, count)) for first in range(0, count, size)]


def passes(row: Row, numbers: range) -> Ran:
    """Run these batches."""
    ran = Ran(row, SEED)
    for number in numbers:
        ran.take(run_batch(row, SEED, number, min(row.batch, row.per_run - number * row.batch)))
    assert ran.findings == []
    assert ran.count >= sum(min(row.batch, row.per_run - number * row.batch) for number in numbers)
    assert ran.cpu_s <= row.budget_s or ran.passed(ran.cpu_s / pace())
    return ran


def finds(outcome: Outcome, words: str) -> None:
    """A planted defect was found, and said so."""
    assert any(words in each for each in outcome.findings), outcome.findings[:3]

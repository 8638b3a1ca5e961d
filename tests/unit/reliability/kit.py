"""Batches of a row, as a test of it: nothing found, as many cases as were asked for, within the row's budget."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.reliability.row import Outcome, Row
from benchmarks.reliability.running import Ran, pace, run_batch
from tests.reliability_seconds import PROPERTY

SEED = 1


def groups(row: Row, size: int) -> list[range]:
    """The batches of `make test`, some at a time: xdist runs them side by side."""
    count = -(-row.per_run // row.batch)
    return [range(first, min(first + size, count)) for first in range(0, count, size)]


def passes(row: Row, numbers: range, note: Callable[[str, object], None]) -> Ran:
    """Run these batches; `note` is the test's `record_property`. They have their share of the row's budget."""
    ran = Ran(row, SEED)
    sizes = {number: min(row.batch, row.per_run - number * row.batch) for number in numbers}
    for number, size in sizes.items():
        ran.take(run_batch(row, SEED, number, size))
    budget_s = row.budget_s * sum(sizes.values()) / row.per_run
    paced_s = (
        ran.cpu_s if ran.cpu_s <= budget_s else ran.cpu_s / pace()
    )  # a pace is at least 1, and takes a while
    note(PROPERTY, [row.name, ran.count, ran.cpu_s, paced_s, budget_s])
    assert ran.findings == []
    assert ran.count >= sum(sizes.values())
    assert paced_s <= budget_s
    return ran


def finds(outcome: Outcome, words: str) -> None:
    """A planted defect was found, and said so."""
    assert any(words in each for each in outcome.findings), outcome.findings[:3]

"""Running a row: batch after batch, in order of their numbers, with a record to go on by; and what it cost.

A row over its budget fails. Seconds are those of the processor, by the pace of this machine at this moment: neighbours
on the core and a slow machine lengthen both alike.
"""

from __future__ import annotations

import resource
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks._record import lines_of, note
from benchmarks.reliability.row import Outcome, Row

QUIET_S = 0.032  # of CPU for a loop of 500,000 squares on the machine of the budgets


@dataclass
class Ran:
    """A row's batches so far, those of the record among them."""

    row: Row
    seed: int
    count: int = 0
    cpu_s: float = 0.0
    wall_s: float = 0.0
    batches: int = 0
    findings: list[str] = field(default_factory=list)
    facts: Counter[str] = field(default_factory=Counter)

    @property
    def allowed_s(self) -> float:
        """CPU seconds for so many cases on a quiet machine."""
        return self.row.budget_s * max(self.count / self.row.per_run, 1.0)

    def passed(self, paced_s: float) -> bool:
        """Whether nothing was found within the budget."""
        return not self.findings and self.count > 0 and paced_s <= self.allowed_s

    def take(self, plain: dict[str, Any]) -> None:
        """One batch more."""
        self.batches += 1
        self.count += plain["count"]
        self.cpu_s += plain["cpu_s"]
        self.wall_s += plain["wall_s"]
        self.facts.update(plain["facts"])
        self.findings += [
            f"{told}\n    again: {self.row.again(self.seed, plain['batch'])}" for told in plain["findings"]
        ]


def run_row(
    row: Row,
    seed: int,
    count: int,
    *,
    seconds: float = float("inf"),
    record: Path | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Ran:
    """Run until so many cases are done, or no batch more is to begin. Batches in `record` are not run again."""
    ran = Ran(row, seed)
    done = _recorded(record, row.name, seed)
    began, number = time.monotonic(), 0
    while ran.count < count and (number in done or time.monotonic() - began < seconds):
        size = min(row.batch, count - ran.count)
        known = done.get(number)
        if known is None or known["count"] < size:
            known = run_batch(row, seed, number, size)
            if record is not None:
                note(record, known)
            told = "".join(f"\n  FOUND: {each}" for each in known["findings"])
            tell(
                f"{row.name} {number}: {known['count']:,} in {known['cpu_s']:.1f} s of CPU, "
                f"{known['wall_s']:.1f} s{told}"
            )
        ran.take(known)
        number += 1
    return ran


def run_batch(row: Row, seed: int, number: int, size: int) -> dict[str, Any]:
    """Run one; a line of the record."""
    cpu, wall = _cpu_s(), time.monotonic()
    outcome: Outcome = row.run(seed, number, size)
    return {
        "row": row.name,
        "seed": seed,
        "batch": number,
        "count": outcome.count,
        "cpu_s": round(_cpu_s() - cpu, 3),
        "wall_s": round(time.monotonic() - wall, 3),
        "findings": outcome.findings,
        "facts": dict(outcome.facts),
    }


def _cpu_s() -> float:
    """Of this process and its children that have ended."""
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def _recorded(record: Path | None, name: str, seed: int) -> dict[int, dict[str, Any]]:
    if record is None or not record.exists():
        return {}
    found: dict[int, dict[str, Any]] = {}
    for plain in lines_of(record):
        if plain["row"] == name and plain["seed"] == seed:
            found[plain["batch"]] = plain
    return found


def pace() -> float:
    """How much longer a fixed loop takes here and now than on the quiet machine; at least 1."""
    took = []
    for _ in range(5):
        began, total = time.process_time(), 0
        for number in range(500_000):
            total += number * number
        took.append(time.process_time() - began)
    return max(sorted(took)[2] / QUIET_S, 1.0)

"""The seconds of each row of the reliability table, printed at the end of a run of tests.

A test of a row records them as its property "reliability"; xdist hands properties on, so this is told once, by the
process that prints.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

PROPERTY = "reliability"


def lines(properties: Iterable[tuple[str, Any]]) -> list[str]:
    """A line a row: (name, cases, CPU seconds, those at the budget's pace, budget for so many) are added up."""
    rows: dict[str, list[float]] = {}
    for key, given in properties:
        if key == PROPERTY:
            name, *numbers = given
            rows[name] = [a + b for a, b in zip(rows.get(name, [0.0] * 4), numbers, strict=True)]
    return [
        f"{name}: {cases:,.0f} cases, {cpu_s:.1f} s of CPU, {paced_s:.1f} s at the budget's pace "
        f"of {budget_s:.0f} s{'' if paced_s <= budget_s else ': OVER'}"
        for name, (cases, cpu_s, paced_s, budget_s) in rows.items()
    ]


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print them."""
    reports = [each for many in terminalreporter.stats.values() for each in many]
    told = lines(
        pair for each in reports for pair in getattr(each, "user_properties", ()) if each.when == "call"
    )
    if told:
        terminalreporter.section("rows of the reliability table")
        for line in told:
            terminalreporter.line(line)

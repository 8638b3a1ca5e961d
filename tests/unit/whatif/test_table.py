"""Outcomes side by side, by hand."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.whatif.table import span, table


def outcome(name: str, **other: Any) -> dict[str, Any]:
    return {
        "scenario": name, "days": 7.0, "good_parts": 474_166, "boxes_shipped": 468, "lots_due": 372, "lots_late": 0,
        "boxes_held": 0, "boxes_suspect": 0, "alarms": {}, "found": [], "lost_kg": 9.6, "poured_kg": 0.0,
        "unwatched_s": 0.0, "waited_most": 0, "waiting": 0, "alarms_told_late": 0, "latest_s": 0.0, **other,
    }  # fmt: skip


def row(text: str, head: str) -> list[str]:
    [line] = [line for line in text.splitlines() if line.startswith(head)]
    return line.removeprefix(head).split("  ")


def cells(text: str, head: str) -> list[str]:
    return [cell.strip() for cell in row(text, head) if cell.strip()]


def test_a_column_a_scenario_and_a_row_a_kind_of_alarm() -> None:
    text = table([outcome("a", alarms={"signal": 2}), outcome("b", alarms={"stale": 1}, lots_late=40)])
    assert text.splitlines()[0].split() == ["a", "b"]
    assert cells(text, "alarms  ") == ["2", "1"]
    assert cells(text, "... signal") == ["2", "0"]
    assert cells(text, "... stale") == ["0", "1"]
    assert cells(text, "late lots (of those due)") == ["0 of 372", "40 of 372"]


def test_what_is_of_no_scenario_has_no_row() -> None:
    assert "records waiting" not in table([outcome("a")])
    assert "records waiting" in table([outcome("a"), outcome("b", waited_most=5)])


def test_times_to_detect_each_disruption() -> None:
    found = [
        {"kind": "power_cut", "from_s": 10.0, "by": "gap", "seconds": 1200.0},
        {"kind": "power_cut", "from_s": 1000.0, "by": "", "seconds": None},
        {"kind": "power_cut", "from_s": 8 * 86_400.0, "by": "", "seconds": None},
    ]
    text = table([outcome("a"), outcome("b", found=found)])
    assert cells(text, "time to detect power_cut") == ["-", "20 min, not found"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "< 1 min"), (60, "1 min"), (1200, "20 min"), (27_000, "7.5 h"), (3 * 86_400, "3.0 d")],
)
def test_spans(seconds: float, text: str) -> None:
    assert span(seconds) == text

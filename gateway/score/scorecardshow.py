"""The scorecard as rows of a table, as plain data and in words; and one number opened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.score.numbers import DIGITS, UNITS
from gateway.score.scorecard import Scored
from gateway.score.tables import Cell, lines, number
from gateway.score.words import said

HEADER = (
    "month",
    "site",
    "line",
    "number",
    "value",
    "unit",
    "goal",
    "verdict",
    "before",
    "trend",
    "owner",
    "evidence",
)
OPENED = ("month", "site", "line", "number", "what", "lot", "journal", "seq", "value")


def verdict(row: Scored) -> str:
    """Of a number with a goal."""
    if row.goal is None:
        return ""
    return {True: "met", False: "missed", None: "unknown"}[row.met]


def table(month: str, rows: Sequence[Scored]) -> list[tuple[Cell, ...]]:
    """In the order of HEADER."""
    return [
        (
            month, row.site, row.line, row.number.name, row.number.value, UNITS[row.number.name], row.goal,
            verdict(row), row.before, row.trend, row.driver.owner if row.driver else "", len(row.number.evidence),
        )
        for row in rows
    ]  # fmt: skip


def opened(month: str, rows: Sequence[Scored]) -> list[tuple[Cell, ...]]:
    """In the order of OPENED: every lot and event behind each number."""
    return [
        (
            month, row.site, row.line, row.number.name, each.what, each.lot, row.journal if each.seq else "",
            each.seq or None, each.value,
        )
        for row in rows
        for each in row.number.evidence
    ]  # fmt: skip


def in_words(rows: Sequence[Scored], language: str) -> list[str]:
    """A table a line."""
    made: list[str] = []
    names = ("number", "value", "goal", "verdict", "trend", "owner")
    for site, line in dict.fromkeys((row.site, row.line) for row in rows):
        mine = [row for row in rows if (row.site, row.line) == (site, line)]
        cells = [
            [
                said(language, row.number.name), f"{_value(row, row.number.value)} {UNITS[row.number.name]}",
                _value(row, row.goal), said(language, verdict(row)), said(language, row.trend),
                row.driver.owner if row.driver else "",
            ]
            for row in mine
        ]  # fmt: skip
        made += [
            f"{site} {line}",
            *(f"  {each}" for each in lines([said(language, n) for n in names], cells)),
        ]
    return made


def opened_in_words(rows: Sequence[Scored], language: str) -> list[str]:
    """One number, with all that is behind it."""
    made: list[str] = []
    for row in rows:
        value = f"{_value(row, row.number.value)} {UNITS[row.number.name]}"
        made.append(f"{row.site} {row.line}: {said(language, row.number.name)} {value}")
        made += [
            "  "
            + "  ".join(
                part
                for part in (each.what, each.lot, f"event {each.seq} of {row.journal}" if each.seq else "")
                if part
            )
            for each in row.number.evidence
        ]
    return made


def plain(row: Scored) -> dict[str, Any]:
    """With its evidence."""
    return {
        "site": row.site, "line": row.line, "number": row.number.name, "value": row.number.value,
        "unit": UNITS[row.number.name], "goal": row.goal, "verdict": verdict(row) or None, "before": row.before,
        "trend": row.trend or None, "owner": row.driver.owner if row.driver else None, "journal": row.journal,
        "evidence": [
            {"what": each.what, "lot": each.lot or None, "seq": each.seq or None, "value": each.value}
            for each in row.number.evidence
        ],
    }  # fmt: skip


def _value(row: Scored, value: float | None) -> str:
    return number(value, DIGITS.get(row.number.name, 1))

"""Outcomes side by side: a row a figure, a column a scenario. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

_DAY_S, _HOUR_S = 86_400, 3_600

_ROWS: tuple[tuple[str, Callable[[dict[str, Any]], str]], ...] = (
    ("days", lambda it: f"{it['days']:g}"),
    ("good parts", lambda it: f"{it['good_parts']:,}"),
    ("boxes shipped", lambda it: f"{it['boxes_shipped']:,}"),
    ("late lots (of those due)", lambda it: f"{it['lots_late']:,} of {it['lots_due']:,}"),
    ("boxes held", lambda it: f"{it['boxes_held']:,}"),
    ("boxes suspect, shipped", lambda it: f"{it['boxes_suspect']:,}"),
    ("material lost, kg", lambda it: f"{it['lost_kg']:,.0f}"),
    ("undeclared regrind, kg", lambda it: f"{it['poured_kg']:,.0f}"),
    ("nobody watched", lambda it: span(it["unwatched_s"]) if it["unwatched_s"] else "-"),
    ("records waiting, at most", lambda it: f"{it['waited_most']:,}" if it["waited_most"] else "-"),
    ("... still waiting at the end", lambda it: f"{it['waiting']:,}" if it["waited_most"] else "-"),
    ("alarms told late, latest", lambda it: (
        f"{it['alarms_told_late']}, {span(it['latest_s'])}" if it["alarms_told_late"] else "-"
    )),
)  # fmt: skip


def table(outcomes: Sequence[dict[str, Any]]) -> str:
    """The text. Every alarm kind of any scenario has a row, every kind of disruption its times to detect; what is of
    none of them has none.
    """
    rows = [("", *(it["scenario"] for it in outcomes))]
    rows += [(head, *(cell(it) for it in outcomes)) for head, cell in _ROWS]
    rows.append(("alarms", *(str(sum(it["alarms"].values())) for it in outcomes)))
    for kind in sorted({kind for it in outcomes for kind in it["alarms"]}):
        rows.append((f"... {kind}", *(str(it["alarms"].get(kind, 0)) for it in outcomes)))
    for kind in dict.fromkeys(each["kind"] for it in outcomes for each in it["found"]):
        rows.append((f"time to detect {kind}", *(_detected(it, kind) for it in outcomes)))
    rows = [row for row in rows if set(row[1:]) != {"-"}]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(row[1:], widths[1:], strict=True))]
        ).rstrip()
        for row in rows
    ]
    return "\n".join(lines)


def span(seconds: float) -> str:
    """A stretch of time in its largest fitting unit: ``20 min``, ``7.5 h``, ``3.0 d``. A step is a minute."""
    if seconds < 60:
        return "< 1 min"
    if seconds < 2 * _HOUR_S:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / _HOUR_S:.1f} h" if seconds < 2 * _DAY_S else f"{seconds / _DAY_S:.1f} d"


def _detected(it: dict[str, Any], kind: str) -> str:
    cells = [
        "not found" if each["seconds"] is None else span(each["seconds"])
        for each in it["found"]
        if each["kind"] == kind and each["from_s"] < it["days"] * _DAY_S
    ]
    return ", ".join(cells) or "-"

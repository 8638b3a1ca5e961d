"""Alarms: the inbox, and what was answered; with `all=1` closed ones too."""

from __future__ import annotations

from typing import Any

from gateway.views.alarms import alarms, counted
from gateway.web.pages.page import Asked, Page

_SHOWN = 500


def _data(asked: Asked) -> dict[str, Any]:
    rows = alarms(asked.readers, closed=asked.given.get("all") == "1")
    return {"counts": counted(rows), "count": len(rows), "alarms": rows[:_SHOWN]}


PAGE = Page(
    "alarms",
    _data,
    table="alarms",
    columns=(
        "site",
        "gateway",
        "time",
        "alarm",
        "version",
        "state",
        "kind",
        "severity",
        "tag",
        "subject",
        "lots",
        "reaction",
    ),
)

"""Alarms: the inbox, first-out; what was answered, and the causes of so many `days`; with `all=1` closed ones too."""

from __future__ import annotations

from typing import Any

from gateway.views.alarms import Desk, alarms, causes, counted
from gateway.views.firstout import grouped
from gateway.web.pages.page import Asked, NotFound, Page

_SHOWN = 500
DAYS, DAYS_MOST = 30, 3660
_DAY_NS = 86_400_000_000_000


def _data(asked: Asked) -> dict[str, Any]:
    rows = alarms(asked.readers, closed=asked.given.get("all") == "1")
    wanted = {(row["site"], row["gateway"]) for row in rows[:_SHOWN]}
    desks = {
        here: Desk(reader, asked.now_ns)
        for reader in asked.readers
        if (here := (reader.identity.site, reader.identity.gateway)) in wanted
    }
    shown = [{**row, **desks[row["site"], row["gateway"]].about(row)} for row in rows[:_SHOWN]]
    days = _days(asked.given.get("days", ""))
    return {
        "counts": counted(rows), "count": len(rows), "alarms": shown, "groups": grouped(shown),
        "days": days, "causes": causes(asked.readers, asked.now_ns - days * _DAY_NS),
    }  # fmt: skip


def _days(text: str) -> int:
    if not text:
        return DAYS
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= DAYS_MOST):
        raise NotFound(f"days is {text[:40]!r}: write a whole number from 1 to {DAYS_MOST}")
    return int(text[:9])


PAGE = Page(
    "alarms",
    _data,
    heavy=True,
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
    tables={"causes": ("cause", "count", "reached")},
)

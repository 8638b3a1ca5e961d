"""What runs, and which stops are planned, as plain data: by the newest reading of each machine's state."""

from __future__ import annotations

from typing import Any

from gateway.journal import JournalReader
from gateway.model import UNCERTAIN_FROM
from gateway.plan.hours import stop_span
from gateway.site import Site
from gateway.views.moments import iso

_BACK_NS = 3_600_000_000_000  # how far back a state's beginning is looked for
_SILENT_NS = 60_000_000_000  # older than the journal's newest reading by so much: nobody knows
_AHEAD_NS = 7 * 86_400_000_000_000


def machines(reader: JournalReader, site: Site) -> list[dict[str, Any]]:
    """Each machine of the scorecard: run, idle, down, other (a state that no list has) or unread, and since when."""
    span = reader.span()
    return [
        {"site": site.site, "machine": row.name, "cell": row.cell, **_state(reader, row.state, span, words)}
        for row in site.score.machines
        for words in [{"run": row.run, "idle": row.idle, "down": row.down}]
    ]


def _state(
    reader: JournalReader, tag: str, span: tuple[int, int] | None, words: dict[str, tuple[str, ...]]
) -> dict[str, Any]:
    unread = {"state": "unread", "value": None, "since": None}
    if span is None:
        return unread
    series = reader.readings(tag, span[1] - _BACK_NS, span[1] + 1)
    usable = series.quality < UNCERTAIN_FROM
    times = series.time_ns[usable].tolist()
    values = [str(value).removesuffix(".0") for value in series.values[usable].tolist()]
    if not values or times[-1] < span[1] - _SILENT_NS:
        return unread
    first = len(values) - 1
    while first > 0 and values[first - 1] == values[-1]:
        first -= 1
    word = next((word for word, of in words.items() if values[-1] in of), "other")
    return {"state": word, "value": values[-1], "since": iso(times[first]) if first else None}


def stops(site: Site, now_ns: int) -> list[dict[str, Any]]:
    """Planned stops that are on, or begin within a week, the next first."""
    found = [(span, stop) for stop in site.alerts.stops if (span := stop_span(site.shifts, stop, now_ns))]
    return [
        {
            "site": site.site, "stop": stop.name, "from": iso(span[0]), "to": iso(span[1]),
            "cells": list(stop.cells), "on": span[0] <= now_ns,
        }
        for span, stop in sorted(found, key=lambda each: (each[0], each[1].name))
        if span[0] < now_ns + _AHEAD_NS
    ]  # fmt: skip

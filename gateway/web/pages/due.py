"""Due: what runs, what people owe by the control plans, and which stops are planned."""

from __future__ import annotations

from typing import Any

from gateway.views.book import book_of
from gateway.views.due import still_owed, told
from gateway.views.running import machines, stops
from gateway.web.pages.page import Asked, Page

_LOTS_BACK_NS = 35 * 86_400_000_000_000  # checks of a lot that nobody did then, nobody can do any more


def _data(asked: Asked) -> dict[str, Any]:
    since_ns = asked.now_ns - _LOTS_BACK_NS
    sited = [(reader, site) for reader in asked.readers if (site := reader.site()) is not None]
    return {
        "due": sorted(
            (
                row
                for reader, site in sited
                for row in told(
                    reader, still_owed(book_of(reader).checks, {check.id for check in site.checks}, since_ns)
                )
            ),
            key=lambda row: int(row["due_ns"]),
        ),
        "machines": [row for reader, site in sited for row in machines(reader, site)],
        "stops": [row for _, site in sited for row in stops(site, asked.now_ns)],
    }


PAGE = Page(
    "due",
    _data,
    heavy=True,
    table="due",
    columns=("site", "gateway", "check", "what", "lot", "cell", "state", "due"),
    tables={
        "machines": ("site", "machine", "cell", "state", "value", "since"),
        "stops": ("site", "stop", "from", "to", "cells", "on"),
    },
)

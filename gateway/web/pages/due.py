"""Due: what runs, what people owe by the control plans, and which stops are planned."""

from __future__ import annotations

from typing import Any

from gateway.views.due import due
from gateway.views.running import machines, stops
from gateway.web.pages.page import Asked, Page

_BACK_NS = 35 * 86_400_000_000_000  # what fell due before is an alarm that stands, if nobody has done it


def _data(asked: Asked) -> dict[str, Any]:
    sited = [(reader, site) for reader in asked.readers if (site := reader.site()) is not None]
    return {
        "due": due(asked.readers, asked.now_ns - _BACK_NS, asked.now_ns + 1),
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

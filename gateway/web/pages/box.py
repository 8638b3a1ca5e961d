"""Box: buses and their dead units, what waits to be forwarded and stored, clock, disk and wear, certificates."""

from __future__ import annotations

from typing import Any

from gateway.standing import disk
from gateway.views.lag import lags
from gateway.views.now import site_of
from gateway.wear import wear
from gateway.web.pages.page import Asked, Page


def _data(asked: Asked) -> dict[str, Any]:
    box = asked.running.standing() if asked.running.standing else None
    buses = [{**row, "site": box["site"]} for row in box["buses"]] if box else []
    return {
        "box": box,
        "buses": buses,
        "journals": [
            {
                **site_of(reader, asked.now_ns),
                **reader.counts(),
                "lags": lags(reader),
                "disk": {**disk(reader.folder), **wear(reader.folder)},
                "gaps": len(reader.gaps()),
                "unconfirmed": len(reader.unsynchronised()),
            }
            for reader in asked.readers
        ],
    }


PAGE = Page(
    "box",
    _data,
    table="buses",
    columns=(
        "site", "bus", "driver", "address", "devices", "dead", "load", "polls", "overruns", "late_p99_ms",
        "late_worst_ms",
    ),
)  # fmt: skip

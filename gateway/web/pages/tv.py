"""TV: for a screen on the wall, which goes round by itself; which charts it shows."""

from __future__ import annotations

from typing import Any

from gateway.views.chart import characteristics
from gateway.web.pages.page import Asked, Page

_CHARTS_MOST = 12


def _data(asked: Asked) -> dict[str, Any]:
    sites = [site for reader in asked.readers if (site := reader.site()) is not None]
    rows = [row for site in sites for row in characteristics(site)]
    return {"charts": [row["id"] for row in rows][:_CHARTS_MOST], "live": asked.running.charts is not None}


PAGE = Page("tv", _data)

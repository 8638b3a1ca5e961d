"""Chart: one characteristic's control chart, by `id=` and `key=`; without `id`, a list to choose from."""

from __future__ import annotations

from typing import Any

from gateway.views.chart import characteristics, chart
from gateway.web.pages.page import Asked, NotFound, Page


def _data(asked: Asked) -> dict[str, Any]:
    wanted = asked.given.get("id", "")
    lists = []
    for reader in asked.readers:
        site = reader.site()
        if site is None:
            continue
        rows = characteristics(site)
        lists += [{**row, "site": site.site} for row in rows]
        found = next((row for row in site.characteristics if row.id == wanted and row.method), None)
        if found is not None:
            charts = asked.running.charts
            drawn = charts(wanted) if charts else ()
            told = chart(reader, site, found, drawn, asked.given.get("key", ""))
            return {"characteristics": rows, **told, "site": site.site, "live": charts is not None}
    if wanted:
        raise NotFound(f"no characteristic {wanted[:80]} is charted here")
    return {"characteristics": lists, "id": None}


PAGE = Page("chart", _data)

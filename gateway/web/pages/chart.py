"""Chart: one characteristic's control chart, by `id=` and `key=`; without `id`, a list to choose from.

As it is, out of the fold that runs here; with `past=1` as it was in [`from`, `to`), milliseconds, out of the journal.
"""

from __future__ import annotations

import re
from typing import Any

from gateway.journal import JournalReader
from gateway.site import Characteristic, Site
from gateway.views.book import book_of
from gateway.views.chart import about, characteristics, chart, chart_past, points
from gateway.views.past import key_at, past, seq_at
from gateway.views.rows import row_in_force
from gateway.web.pages.page import Asked, NotFound, Page

_MS = 1_000_000
_BACK = 6_000  # inputs that a chart of the past goes back, where nobody says from when
_POINTS = "points"
_MILLISECONDS = re.compile("-?[0-9]{1,15}")
_FAR_NS = 2**62  # beyond, SQLite has no number for it


def _data(asked: Asked) -> dict[str, Any]:
    given = asked.given
    wanted, here = given.get("id", ""), given.get("site", "")
    lists: list[dict[str, Any]] = []
    for reader in asked.readers:
        site = reader.site()
        if site is None or (here and site.site != here):
            continue
        if not wanted:
            stands = {each.subject: each.state for each in reader.alarms() if each.kind == "signal"}
            lists += [
                {**row, "site": site.site, "state": stands.get(row["id"])} for row in characteristics(site)
            ]
        told = _told(asked, reader, site, wanted) if wanted else None
        if told is not None:
            if given.get("table") == _POINTS:
                told[_POINTS] = points(told)
            return told
    if wanted:
        raise NotFound(f"no characteristic {wanted[:80]} is charted here")
    return {"characteristics": lists, "id": None, "signals": []}


def _told(asked: Asked, reader: JournalReader, site: Site, wanted: str) -> dict[str, Any] | None:
    """The chart, where the characteristic is one of this journal."""
    given, charts = asked.given, asked.running.charts
    drawn = charts(wanted) if charts else ()
    revision = drawn[0].revision if drawn else ""
    row = row_in_force(site, wanted, book_of(reader).revisions(), revision)
    if row is None:
        return None
    plain = {
        **about(site, row),
        "site": site.site,
        "live": charts is not None,
        "causes": list(row.line.causes),
    }
    if given.get("past"):
        return {**plain, **_past(asked, reader, row)}
    return {**plain, **chart(reader, row, drawn, given.get("key"), lean=given.get("lean") == "1")}


def _past(asked: Asked, reader: JournalReader, row: Characteristic) -> dict[str, Any]:
    span = reader.span()
    if span is None:
        return {"past": None}
    key = asked.given.get("key")
    stop = _moment(asked.given, "to", max(span[1], reader.last_event_ns()) + 1)
    if "from" in asked.given:
        start = _moment(asked.given, "from", stop)
    else:
        head = next(iter(reader.inputs(max(seq_at(reader, stop) - _BACK, 1), reader.last().input)), None)
        start = stop if head is None else head.input.at.time_ns
    if key is None:
        key = key_at(reader, row.id, stop) if row.key else ""
    return chart_past(reader, row, key, past(reader, row.id, key, (start, stop)))


def _moment(given: Any, name: str, other: int) -> int:
    text = given.get(name, "")
    if not text:
        return other
    if not _MILLISECONDS.fullmatch(text):
        raise NotFound(f"{name} is {text[:40]!r}: write milliseconds since 1970")
    return max(-_FAR_NS, min(int(text) * _MS, _FAR_NS))


PAGE = Page(
    "chart",
    _data,
    heavy_with="past",
    table="signals",
    columns=(
        "time", "rules", "value", "uom", "center", "lcl", "ucl", "size_sigma", "lots", "alarm", "plan",
    ),
    tables={_POINTS: ("time", "panel", "value", "center", "lcl", "ucl", "rules")},
)  # fmt: skip

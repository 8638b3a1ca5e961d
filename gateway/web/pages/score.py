"""Scorecard: the numbers of each line in a month, and who held the ratio best; each opens down to lots and events."""

from __future__ import annotations

from typing import Any

from gateway.journal import JournalReader
from gateway.score import rewarded, scorecardshow
from gateway.score.scorecard import scorecard
from gateway.shifts import month_at, months_before
from gateway.site import Site
from gateway.site.score import NUMBERS
from gateway.web.pages.kept import kept
from gateway.web.pages.page import Asked, NotFound, Page, always, spoken


def _data(asked: Asked) -> dict[str, Any]:
    sited = [(reader, site) for reader in asked.readers if (site := reader.site()) is not None]
    month = asked.given.get("month") or _this_month([site for _, site in sited], asked.now_ns)
    every = NUMBERS if asked.given.get("all") == "1" else ()
    try:
        found = [row for reader, site in sited for row in scorecard(reader, site, month, every)]
        reward = _reward(sited, month)
        near = {"before": months_before(month, 1), "after": months_before(month, -1)} if month else {}
    except ValueError as error:
        raise NotFound(f"month {error}") from error
    rows = [scorecardshow.plain(row) for row in found]
    ranking = reward["rows"] if reward else []
    words = {row[name] or "" for row in rows for name in ("number", "verdict", "trend")}
    said = spoken(words | {row["why"] for row in ranking})
    return {"month": month, **near, "rows": rows, "reward": reward, "ranking": ranking, "said": said}


def _reward(sited: list[tuple[JournalReader, Site]], month: str) -> dict[str, Any] | None:
    """None where sites have rules of their own: then each has a ranking of its own."""
    try:
        return rewarded.plain(rewarded.ranked(sited, month)) if sited else None
    except rewarded.Differing:
        return None


def _this_month(sites: list[Site], now_ns: int) -> str:
    return month_at(sites[0].shifts, now_ns) if sites else ""


_KEPT_NS = 120_000_000_000  # a month's numbers, which Now shows too, to everybody who looks

PAGE = Page(
    "score",
    kept(_data, _KEPT_NS),
    heavy=True,
    long=always,
    table="rows",
    columns=("site", "line", "number", "value", "unit", "goal", "verdict", "before", "trend", "owner"),
    tables={"ranking": ("place", "who", "mae_pct", "cycles", "shifts", "pay", "why")},
)

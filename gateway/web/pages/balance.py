"""Balance: what went into each store and out of it in a week, and whether what is missing is more than chance."""

from __future__ import annotations

from typing import Any

from gateway.score import balanceshow, fault
from gateway.score.balance import histories
from gateway.score.words import LANGUAGES
from gateway.shifts import week_at, weeks_before
from gateway.web.pages.page import Asked, NotFound, Page, always, spoken

_HISTORY = 8  # weeks before, from which on a small steady loss is summed up


def _data(asked: Asked) -> dict[str, Any]:
    rows: list[dict[str, Any]] = []
    sums: list[dict[str, Any]] = []
    faults = []
    week = asked.given.get("week", "")
    for reader in asked.readers:
        site = reader.site()
        if site is None:
            continue
        week = week or week_at(site.shifts, asked.now_ns)
        try:
            found = histories(reader, site, week, _HISTORY)
        except ValueError as error:
            raise NotFound(f"week {error}") from error
        if (why := fault.fault_of(found, site.score.calibration)) is not None:
            said = {lang: fault.in_words(why, lang) for lang in LANGUAGES}
            faults.append({**(fault.plain(why) or {}), **said})
        mine = [each[-1] for each in found.values() if each and each[-1].week == week]
        rows += [{"site": site.site, **balanceshow.plain(row)} for row in mine]
        sums += [dict(zip(balanceshow.HEADER, cells, strict=True)) for cells in balanceshow.table(mine)]
    try:
        near = {"before": weeks_before(week, 1), "after": weeks_before(week, -1)} if week else {}
    except ValueError as error:  # where no journal is there, nobody has looked at it yet
        raise NotFound(f"week {error}") from error
    words = {name for row in rows for name in (*row["kg"], row["verdict"])}
    words |= {each["kind"] for row in rows for each in row["streams"]}
    return {"week": week, **near, "rows": rows, "sums": sums, "faults": faults, "said": spoken(words)}


PAGE = Page("balance", _data, heavy=True, long=always, table="sums", columns=balanceshow.HEADER)

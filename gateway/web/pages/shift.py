"""Shift: the sheet that one hands to the next, by `day=` (the plant's) and `shift=`; without, the one that is on."""

from __future__ import annotations

from typing import Any

from gateway.score.handover import handover, shift_named
from gateway.web.pages.page import Asked, NotFound, Page


def _data(asked: Asked) -> dict[str, Any]:
    sheets = []
    for reader in asked.readers:
        site = reader.site()
        if site is None:
            continue
        try:
            shift = shift_named(site, asked.now_ns, asked.given.get("day", ""), asked.given.get("shift", ""))
        except ValueError as error:
            raise NotFound(f"shift: {error}; write day=2026-11-22&shift=NAME") from error
        sheets.append(handover(reader, site, shift, asked.now_ns))
    return {"sheets": sheets, "lots": [row for sheet in sheets for row in sheet["lots"]]}


PAGE = Page(
    "shift",
    _data,
    heavy=True,
    table="lots",
    columns=("site", "lot", "kind", "cell", "kg", "good", "reject", "order", "closed"),
)

"""Audit: every act of a person, newest first; `before=` a number goes on where a page ended."""

from __future__ import annotations

from typing import Any

from gateway.views.audit import acts, chain
from gateway.web.pages.page import Asked, NotFound, Page

_SHOWN = 200
_NEWEST = 2**62


def _data(asked: Asked) -> dict[str, Any]:
    text = asked.given.get("before", str(_NEWEST))
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise NotFound(f"before is {text[:40]!r}: write the number of an entry")
    before = min(int(text), _NEWEST)
    rows = [row for reader in asked.readers for row in acts(reader, before, _SHOWN)]
    rows.sort(key=lambda row: row["time"], reverse=True)
    return {
        "chains": [chain(reader) for reader in asked.readers],
        "acts": rows[:_SHOWN],
        "more": len(rows) >= _SHOWN,
    }


PAGE = Page(
    "audit",
    _data,
    heavy=True,
    table="acts",
    columns=("site", "gateway", "seq", "time", "operator", "act", "about", "came"),
)

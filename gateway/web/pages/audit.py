"""Audit: every act of a person, newest first; `before=` what a page gave as `older` goes on where it ended.

With `check=1` each says, too, whether it is in the signed chain (`proof`). And who came: sign-ins, and what was done
with accounts; and configs, who changed what: no entry says either.
"""

from __future__ import annotations

import heapq
from itertools import islice
from typing import Any

from gateway.views.audit import acts, chain, comings
from gateway.views.configs import configs
from gateway.views.proven import proven
from gateway.web.pages.page import Asked, NotFound, Page

_SHOWN = 200
_NEWEST = 2**62


def _data(asked: Asked) -> dict[str, Any]:
    before = _before(asked.given.get("before", ""), len(asked.readers))
    pages = [acts(reader, each, _SHOWN) for reader, each in zip(asked.readers, before, strict=True)]
    rows = list(islice(heapq.merge(*pages, key=lambda row: str(row["time"]), reverse=True), _SHOWN))
    shown = {id(row) for row in rows}
    left = [
        min((row["seq"] for row in page if id(row) in shown), default=each)
        for page, each in zip(pages, before, strict=True)
    ]
    if asked.given.get("check") == "1":
        for reader, page in zip(asked.readers, pages, strict=True):
            stands = proven(reader, mine := [row for row in page if id(row) in shown])
            for row in mine:
                row["proof"] = stands[row["seq"]]
    changed = [row for reader in asked.readers for row in configs(reader)]
    came = [row for reader in asked.readers for row in comings(reader)]
    return {
        "chains": [chain(reader) for reader in asked.readers],
        "acts": rows,
        "more": sum(map(len, pages)) > len(rows) or any(len(page) >= _SHOWN for page in pages),
        "older": "-".join(map(str, left)),
        "comings": sorted(came, key=lambda row: str(row["time"]), reverse=True)[:_SHOWN],
        "configs": sorted(changed, key=lambda row: str(row["time"]), reverse=True)[:_SHOWN],
    }


def _before(text: str, journals: int) -> list[int]:
    """The number of an entry of each journal: each counts its own."""
    if not text:
        return [_NEWEST] * journals
    parts = text.split("-")
    if not all(part.isascii() and part.isdigit() and len(part) < 20 for part in parts):
        raise NotFound(f"before is {text[:40]!r}: write the number of an entry")
    if len(parts) != journals:
        raise NotFound(
            f"before is {text[:40]!r}: there are {journals} journals here now: begin with the newest"
        )
    return [min(int(part), _NEWEST) for part in parts]


PAGE = Page(
    "audit",
    _data,
    heavy=True,
    table="acts",
    columns=("site", "gateway", "seq", "time", "operator", "act", "about", "came", "from"),
    tables={
        "comings": ("site", "gateway", "time", "operator", "what", "from", "act", "refused"),
        "configs": (
            "site",
            "gateway",
            "time",
            "what",
            "by",
            "sequence",
            "reason",
            "why",
            "words",
            "words_zh",
        ),
    },
)

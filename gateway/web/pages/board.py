"""Board: each order's lots through the steps; what is held, late, or too much at a step."""

from __future__ import annotations

from typing import Any

from gateway.score import boardshow
from gateway.score.board import KINDS, board
from gateway.web.pages.page import Asked, Page, spoken

_BACK_NS = 60 * 86_400_000_000_000  # how far back lots are looked for


def _data(asked: Asked) -> dict[str, Any]:
    boards = []
    for reader in asked.readers:
        site = reader.site()
        if site is not None:
            found = reader.events_between(asked.now_ns - _BACK_NS, asked.now_ns, KINDS)
            events = sorted(found, key=lambda numbered: numbered.seq)
            boards.append(boardshow.plain(site.site, board(site, events, asked.now_ns)))
    lots = [
        {"site": each["site"], "step": step["step"], **card}
        for each in boards
        for step in each["steps"]
        for card in step["lots"]
    ]
    return {
        "boards": boards,
        "lots": lots,
        "said": spoken({each["step"] for one in boards for each in one["steps"]}),
    }


PAGE = Page(
    "board",
    _data,
    heavy=True,
    table="lots",
    columns=("site", "step", "lot", "order", "due", "since", "held", "late", "shipped", "parts"),
)

"""The pages: what each shows, as plain data. A page is a file here, a view in `static/views/`, and words.

`/<page>` is the page, `/<page>.json` its data, and `/<page>.csv` its table, where it is one.
"""

from gateway.web.pages import (
    alarms,
    audit,
    balance,
    board,
    box,
    chart,
    due,
    lot,
    now,
    score,
    setup,
    shift,
    tv,
)
from gateway.web.pages.page import NotFound, Page

_ALL = (now, chart, alarms, lot, board, due, shift, balance, score, box, audit, tv, setup)
PAGES: dict[str, Page] = {room.PAGE.name: room.PAGE for room in _ALL}

__all__ = ["PAGES", "NotFound", "Page"]

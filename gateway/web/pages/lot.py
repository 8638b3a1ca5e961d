"""Lot: everything about one, by `lot=`; what is scanned anywhere leads here, by `code=`."""

from __future__ import annotations

from typing import Any

from gateway.journal.exposure import Exposures
from gateway.journal.lots import LotRecord
from gateway.journal.made import HELD_FROM
from gateway.journal.madelots import NEWEST
from gateway.views.lot import about
from gateway.views.naming import NoSuchLot, lot_named
from gateway.views.now import lots_here
from gateway.views.trace import UNITS, told
from gateway.views.trace import Asked as Traced
from gateway.web.pages.page import Asked, NotFound, Page

_LEAST, _MOST = 1e-6, 1.0


def _data(asked: Asked) -> dict[str, Any]:
    code = asked.given.get("lot") or asked.given.get("code") or ""
    if not code:
        return {"lot": None, "recent": [row for reader in asked.readers for row in lots_here(reader)]}
    try:
        lot = lot_named(code, asked.readers)
    except NoSuchLot as error:
        raise NotFound(str(error)) from error
    least = _share(asked.given.get("min_share", ""))
    links = asked.given.get("any") == "1"
    exposures = Exposures([reader.made for reader in asked.readers])
    at = [
        about(reader, reader.lot(lot) or LotRecord(lot, (), (), (), ()), exposures)
        for reader in asked.readers
        if reader.lot(lot) or reader.made.knows(lot)
    ]
    ways = Traced((False, True), least, UNITS, links, tuple(NEWEST for _ in asked.readers))
    return {"lot": lot, "min_share": least, "any": links, "at": at, "trace": told(asked.readers, lot, ways)}


def _share(text: str) -> float:
    try:
        share = float(text or HELD_FROM)
    except ValueError:
        raise NotFound(f"min_share is {text[:40]!r}: write a share from {_LEAST:g} to {_MOST:g}") from None
    if not _LEAST <= share <= _MOST:
        raise NotFound(f"min_share is {text[:40]!r}: write a share from {_LEAST:g} to {_MOST:g}")
    return share


PAGE = Page("lot", _data, heavy=True)

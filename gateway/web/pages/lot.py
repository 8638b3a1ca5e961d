"""Lot: everything about one, by `lot=`; what is scanned anywhere leads here, by `code=`.

`part=made` is what it is made of, which is there at once; `part=went` is where it went, which takes longer the more
lots hold it: with `first=N` only the first N that were closed, and whether that is all (`whole`). `part=both` is these
two at once, `part=trace` too, and as scanned where the masses are known. `part=rest` is where it was, what was read
meanwhile and what happened to it. Without, it is all of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.journal import JournalReader
from gateway.journal.exposure import Exposures
from gateway.journal.lots import LotRecord
from gateway.journal.made import HELD_FROM
from gateway.journal.madelots import NEWEST
from gateway.views.lot import about, in_short
from gateway.views.naming import NoSuchLot, lot_named
from gateway.views.now import lots_here
from gateway.views.trace import UNITS, told
from gateway.views.trace import Asked as Traced
from gateway.web.pages.page import Asked, NotFound, Page

_LEAST, _MOST = 1e-6, 1.0
_FIRST_MOST = 10_000
_WAYS = {  # forward or not
    "": (False, True), "trace": (False, True), "made": (False,), "went": (True,), "both": (False, True),
}  # fmt: skip
_PARTS = (*_WAYS, "rest")


def _data(asked: Asked) -> dict[str, Any]:
    code = asked.given.get("lot") or asked.given.get("code") or ""
    if not code:
        recent = [row for reader in asked.readers for row in lots_here(reader)]
        return {"lot": None, "recent": recent, "lots": []}
    try:
        lot = lot_named(code, asked.readers)
    except NoSuchLot as error:
        raise NotFound(str(error)) from error
    part = asked.given.get("part", "")
    if part not in _PARTS:
        raise NotFound(f"part is {part[:40]!r}: write {' or '.join(_PARTS[1:])}, or leave it out")
    least = _share(asked.given.get("min_share", ""))
    made: dict[str, Any] = {"lot": lot, "min_share": least, "any": asked.given.get("any") == "1"}
    made["at"] = [_at(reader, lot, asked.readers, part) for reader in asked.readers if _knows(reader, lot)]
    if part != "rest":
        upto = tuple(NEWEST for _ in asked.readers)
        first = _first(asked.given.get("first", ""))
        scans = part in {"", "trace"}
        made["trace"] = told(
            asked.readers, lot, Traced(_WAYS[part], least, UNITS, made["any"], upto, first, scans)
        )
        made["lots"] = [
            {
                "way": way,
                **row,
                **{f"{name}_{end}": row[name][end] for name in ("share", "held_kg") for end in row[name]},
            }
            for way, rows in (
                ("made of", made["trace"].get("backward", {}).get("sources", ())),
                ("went into", made["trace"].get("forward", {}).get("holders", ())),
            )
            for row in rows
        ]
    return made


def _knows(reader: JournalReader, lot: str) -> bool:
    return bool(reader.lot(lot)) or reader.made.knows(lot)


def _at(reader: JournalReader, lot: str, readers: Sequence[JournalReader], part: str) -> dict[str, Any]:
    record = reader.lot(lot) or LotRecord(lot, (), (), (), ())
    if part in _WAYS and part:
        return in_short(reader, record)
    return about(reader, record, Exposures([each.made for each in readers]))


def _first(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 6 and 0 < int(text) <= _FIRST_MOST):
        raise NotFound(f"first is {text[:40]!r}: write a number from 1 to {_FIRST_MOST}, or leave it out")
    return int(text)


def _share(text: str) -> float:
    try:
        share = float(text or HELD_FROM)
    except ValueError:
        raise NotFound(f"min_share is {text[:40]!r}: write a share from {_LEAST:g} to {_MOST:g}") from None
    if not _LEAST <= share <= _MOST:
        raise NotFound(f"min_share is {text[:40]!r}: write a share from {_LEAST:g} to {_MOST:g}")
    return share


def _long(given: Mapping[str, str]) -> bool:
    """Whether all are counted that hold it: whoever scans the next lot meanwhile does not wait for that."""
    named = given.get("lot") or given.get("code")
    return bool(named) and True in _WAYS.get(given.get("part", ""), ()) and not given.get("first")


PAGE = Page(
    "lot",
    _data,
    heavy=True,
    long=_long,
    table="lots",
    columns=(
        "way", "lot", "kind", "cell", "closed", "held_kg_low", "held_kg_high", "held_kg_sigma", "share_low",
        "share_high", "share_sigma",
    ),
)  # fmt: skip

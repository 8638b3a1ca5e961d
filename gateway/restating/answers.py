"""An order of the fold to the bodies of the entries that answer it, page by page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from gateway.genealogy import GenealogyError
from gateway.holds import Order
from gateway.journal import JournalReader
from gateway.plain import to_plain
from gateway.restating.exposure import exposed
from gateway.restating.restate import restatement
from gateway.restating.shipped import shipped
from gateway.restating.tables import Tables
from gateway.site import Site

PAGE = 200  # lots of an entry
PAGE_BYTES = 256 << 10  # an entry is one message
ANSWER = {"exposure": "exposed", "restate": "restate"}
"""Kind of order to the kind of entry that answers it."""


def answers(reader: JournalReader, site: Site, order: Order) -> Iterator[dict[str, Any]]:
    """Bodies of entries of kind `ANSWER[order.kind]`; the last one is done. Raises JournalError."""
    tables = Tables(reader.made)
    if order.kind == "exposure":
        yield from _exposure(reader, site, tables, order)
    else:
        yield from _restate(reader, site, tables, order)


def _exposure(reader: JournalReader, site: Site, tables: Tables, order: Order) -> Iterator[dict[str, Any]]:
    lot = str(order.body["lot"])
    made = tables.made(lot)
    inside = made is not None and bool(made.inputs)
    rows: list[dict[str, Any]] = []
    if shipped(tables, site, lot, reader.lot(lot)):
        cell, kind = ("", "") if made is None else (made.cell, made.kind)
        rows.append({"lot": lot, "kind": kind, "cell": cell, "low": 1.0, "high": 1.0, "shipped": True})
    for each in exposed(tables, lot, site.hold_share):
        name, enough = each.made.lot, each.high >= site.hold_share
        if not enough and not inside:
            continue  # of a source, compositions tell what is made of it from now on
        gone = enough and shipped(tables, site, name, reader.lot(name))
        rows.append(
            {
                "lot": name, "kind": each.made.kind, "cell": each.made.cell, "low": each.low, "high": each.high,
                "shipped": gone,
            }
        )  # fmt: skip
    yield from _pages(order, rows, {"source": not inside})


def _restate(reader: JournalReader, site: Site, tables: Tables, order: Order) -> Iterator[dict[str, Any]]:
    try:
        lots = restatement(tables, site, order.id, order.body)
    except GenealogyError as error:
        yield {"order": order.id, "done": True, "lots": [], "shipped": [], "refused": str(error)}
        return
    boxes = [each.lot for each in lots if each.kind in ("box", "pallet")]
    gone = {lot for lot in boxes if shipped(tables, site, lot, reader.lot(lot))}
    for page, rows in _cut([to_plain(each) for each in lots]):
        names = [each["lot"] for each in rows]
        yield {"order": order.id, "done": page, "lots": rows, "shipped": sorted(gone.intersection(names))}


def _pages(order: Order, rows: list[dict[str, Any]], more: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for last, page in _cut(rows):
        yield {"order": order.id, "done": last, "lots": page, **more}


def _cut(rows: list[Any]) -> Iterable[tuple[bool, list[Any]]]:
    """Pages of at most `PAGE` rows and about `PAGE_BYTES`, and whether each is the last; no rows are one empty page."""
    pages: list[list[Any]] = [[]]
    size = 0
    for row in rows:
        more = len(orjson.dumps(row))
        if pages[-1] and (len(pages[-1]) >= PAGE or size + more > PAGE_BYTES):
            pages.append([])
            size = 0
        pages[-1].append(row)
        size += more
    return [(number == len(pages), page) for number, page in enumerate(pages, 1)]

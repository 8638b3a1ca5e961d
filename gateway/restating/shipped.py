"""Whether a lot has left the site: it is in a shipment, alone or on a pallet, or a gate saw it."""

from __future__ import annotations

from gateway.journal.lots import LotRecord
from gateway.restating.tables import Tables
from gateway.site import Site

_DEEPEST = 4  # box, pallet, shipment, and one to spare


def shipped(tables: Tables, site: Site, lot: str, record: LotRecord | None) -> bool:
    """`record`: what was scanned of the lot."""
    return _in_shipment(tables, lot, _DEEPEST) or _by_gate(site, record)


def _in_shipment(tables: Tables, lot: str, deep: int) -> bool:
    for name in tables.children_of(lot) if deep else ():
        made = tables.made(name)
        if made is None or not (made.aggregated or made.kind in ("pallet", "shipment")):
            continue
        if made.kind == "shipment" or _in_shipment(tables, name, deep - 1):
            return True
    return False


def _by_gate(site: Site, record: LotRecord | None) -> bool:
    if record is None:
        return False
    ends = {
        (point.cell, "closed" if point.action == "close" else "moved")
        for point in site.scan_points
        if point.ships
    }
    return any(change.role == "product" and (change.cell, change.change) in ends for change in record.changes)

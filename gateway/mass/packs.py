"""Boxes on a pallet, pallets on a shipment: put together by scans, and still what they were. Pure.

A pallet or shipment is opened where a scan point says what it makes, and it is whole when the next one is opened there,
or when it goes on itself. What passes a point that ships, and goes into nothing there, is a shipment of its own.
"""

from __future__ import annotations

from dataclasses import replace

from gateway.mass.desk import Desk
from gateway.mass.heaps import Heap, Parcel, joined, spread
from gateway.mass.values import Open
from gateway.model import Severity
from gateway.site import ScanPoint


def opened(desk: Desk, point: ScanPoint, lot: str) -> None:
    """A pallet or shipment begins at this scan point; the one before it is whole."""
    old = desk.packs.get(point.name)
    if old is not None and old[0] == lot:
        return
    if old is not None:
        whole(desk, point.name)
    desk.packs[point.name] = (lot, Open(point.makes, desk.time_ns))


def packed(desk: Desk, point: ScanPoint, lot: str) -> None:
    """A lot that is whole goes into what is open at the scan point that this one names, or out by itself."""
    finish(desk, lot)
    taken = _taken(desk, lot)
    if not taken:
        desk.noted(
            "lot_not_made",
            lot,
            Severity.WARNING,
            point=point.name,
            reason="nothing was metered into this lot",
        )
        return
    if not point.into:
        name = desk.name(point.name)
        desk.make(name, "shipment", point.cell, taken, aggregated=True)
        return
    pack = desk.packs.get(point.into)
    if pack is None:
        name = desk.name(point.into)
        desk.noted("pack_not_open", lot, Severity.WARNING, point=point.into, lot=name)
        pack = (name, Open(desk.rows.points[point.into].makes, desk.time_ns))
    name, product = pack
    heap = joined(product.heap, taken)
    desk.packs[point.into] = (name, replace(product, heap=heap, var=spread(heap)))


def finish(desk: Desk, lot: str) -> None:
    """A pallet that goes on is whole now, whatever may still have been meant to go onto it."""
    for point, (name, _) in list(desk.packs.items()):
        if name == lot:
            whole(desk, point)


def whole(desk: Desk, point: str) -> None:
    """What is open at a scan point is told."""
    name, product = desk.packs.pop(point)
    if product.heap:
        cell = desk.rows.points[point].cell if point in desk.rows.points else ""
        parcel = desk.make(name, product.kind, cell, product.heap, aggregated=True)
        desk.finish(name, product.kind, cell, parcel)


def _taken(desk: Desk, lot: str) -> Heap:
    """The lot, with what was made under its label later on."""
    names = [lot, *(name for name in desk.whole if name.startswith(f"{desk.rows.site}:{lot}:"))]
    heap: Heap = ()
    for name in names:
        held = desk.whole.pop(name, None)
        if held is not None:
            heap = (*heap, Parcel(name, held.kg, held.var))
    return heap

"""Parts into product lots: which box a shot fell into, and when a box is whole. Pure.

A shot fell somewhere between two polls. Where the box was changed in between, and where the change was told within
`SCAN_NS` after the newest shot, it may be in either box: both masses are less certain by half a shot. A scan that comes
late cuts what went into the lot before: its portions are remembered by their time, coarser as they become more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from gateway.mass.desk import Desk
from gateway.mass.heaps import Heap, joined, mass, spread
from gateway.mass.values import Cycles, Open, Portion
from gateway.site import Meter

SCAN_NS = 150_000_000
"""A scan is told so much later than the box was changed: its line takes a while."""

MOST_PORTIONS = 16
MOST_PARCELS = 500
"""So many lots of one portion go on as a lot of their own: a box that nobody changes for weeks stays small to keep."""

ProductAt = Callable[[str, int], str]
"""The product lot at a cell at a wire time, or ""."""

EndOf = Callable[[str, str, int], int]
"""When a product lot left a cell; the time given where nobody knows."""


def into_boxes(desk: Desk, meter: Meter, parts: Heap, cycles: Cycles, product_at: ProductAt) -> None:
    """Good parts of a press go into the box that stood there when they fell."""
    before = product_at(meter.cell, cycles.from_ns + 1)
    after = product_at(meter.cell, cycles.to_ns)
    portion = Portion(cycles.from_ns, cycles.to_ns, parts, cycles.var(1, meter.sigma_kg))
    if before == after:
        _add(desk, meter.cell, after, portion)
        return
    share = 0.5
    if cycles.number == 1:
        share = 1.0 if product_at(meter.cell, _middle(portion)) == before else 0.0
    _divide(desk, meter.cell, (before, after), portion, share)


def close_left(desk: Desk, cell: str, seen_ns: int, product_at: ProductAt, end_of: EndOf) -> None:
    """Every product lot that is not at the cell any more is whole; its press was read until `seen_ns`."""
    now = product_at(cell, seen_ns)
    for lot in [lot for lot in desk.products[cell] if lot != now]:
        end_ns = end_of(cell, lot, seen_ns)
        _give_back(desk, cell, lot, end_ns, product_at)
        close(desk, cell, lot, end_ns, now)
    for lot in [lot for lot in desk.products[cell] if lot != now]:  # they got what was another's
        close(desk, cell, lot, end_of(cell, lot, seen_ns), now)


def close(desk: Desk, cell: str, lot: str, end_ns: int, after: str = "") -> None:
    """The product lot has left the cell: it is whole. What fell just before it left may be in the lot `after`."""
    lots = desk.products.get(cell, {})
    product = lots.pop(lot, None)
    if product is None:
        return
    var = product.var + sum(portion.var for portion in product.portions)
    heap = product.every()
    last = product.portions[-1] if product.portions else None
    if last is not None and last.sure and last.to_ns + SCAN_NS > end_ns and mass(last.heap):
        unsure = (mass(last.heap) / 2) ** 2
        parcel = desk.charge(cell.rpartition("/")[2], cell, last.heap, spread(last.heap))
        earlier = (portion.heap for portion in product.portions[:-1])
        heap = joined(product.heap, *earlier, (parcel._replace(var=parcel.var + unsure),))
        var += unsure
        maybe = Portion(last.from_ns, last.to_ns, (parcel._replace(kg=0.0, var=unsure),), unsure, sure=False)
        if after and after != lot:
            _add(desk, cell, after, maybe)
    if not mass(heap):
        return
    name = lot or desk.name(cell.rpartition("/")[2])
    if name in desk.whole:
        name = desk.name(lot)
    parcel = desk.make(name, product.kind, cell, heap, var=var, time_ns=end_ns)
    desk.finish(name, product.kind, cell, parcel)


def _give_back(desk: Desk, cell: str, lot: str, end_ns: int, product_at: ProductAt) -> None:
    """What went into a lot after it had left belongs to the next one: its scan came late."""
    product = desk.products[cell][lot]
    kept = tuple(portion for portion in product.portions if portion.to_ns <= end_ns or not portion.sure)
    late = [portion for portion in product.portions if portion.sure and portion.to_ns > end_ns]
    if not late:
        return
    desk.products[cell][lot] = replace(product, portions=kept)
    for portion in late:
        other = product_at(cell, portion.to_ns)
        if portion.from_ns >= end_ns:
            _add(desk, cell, other, portion)
        else:
            whole = portion.to_ns - portion.from_ns
            _divide(desk, cell, (lot, other), portion, (end_ns - portion.from_ns) / whole)


def _divide(desk: Desk, cell: str, lots: tuple[str, str], portion: Portion, share: float) -> None:
    """A portion of which so much fell into the first lot, by what is known: both are unsure by half of it."""
    parcel = desk.charge(cell.rpartition("/")[2], cell, portion.heap, portion.var)
    unsure = (parcel.kg / 2) ** 2
    for lot, part in zip(lots, (share, 1.0 - share), strict=True):
        var = part * portion.var + unsure
        heap = (parcel._replace(kg=part * parcel.kg, var=var),)
        _add(desk, cell, lot, portion._replace(heap=heap, var=var, sure=False))


def _add(desk: Desk, cell: str, lot: str, portion: Portion) -> None:
    lots = desk.products.setdefault(cell, {})
    old = lots.get(lot) or Open("box" if lot else "batch", portion.from_ns)
    portions = (*old.portions, portion)
    if len(portions) > MOST_PORTIONS:
        portions = (*_coarser(desk, cell, portions[:-2]), *portions[-2:])
    lots[lot] = replace(old, portions=portions)


def _coarser(desk: Desk, cell: str, portions: tuple[Portion, ...]) -> tuple[Portion, ...]:
    """Two and two together; what is unsure stays by itself."""
    found: list[Portion] = []
    alone = True
    for each in portions:
        last = found[-1] if found else None
        if last is None or alone or not (last.sure and each.sure):
            found.append(each)
            alone = False
        else:
            heap = joined(last.heap, each.heap)
            if len(heap) > MOST_PARCELS:
                heap = (desk.charge(cell.rpartition("/")[2], cell, heap, spread(heap)),)
            found[-1] = Portion(last.from_ns, each.to_ns, heap, last.var + each.var)
            alone = True
    return tuple(found)


def _middle(portion: Portion) -> int:
    return (portion.from_ns + portion.to_ns) // 2

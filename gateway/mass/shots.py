"""A press: a shot takes mass out of its hopper; good parts go to the product lot at the cell, the rest elsewhere. Pure.

A shot fell somewhere between two polls. Where the box was changed in between, and where the change was told within
`SCAN_NS` after the newest shot, it may be in either box: both masses are less certain by half a shot.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from gateway.mass.cycles import Values, cycles_of
from gateway.mass.desk import Desk
from gateway.mass.heaps import Heap, joined, mass, split, spread
from gateway.mass.rows import Gauge
from gateway.mass.values import Cycles, MeterState, Open, Pressed
from gateway.site import Meter

SCAN_NS = 150_000_000
"""A scan is told so much later than the box was changed: its line takes a while."""

PATIENCE_NS = 2_000_000_000
"""A shot waits no longer for a blender that is not read."""

ProductAt = Callable[[str, int], str]
"""The product lot at a cell at a wire time, or ""."""

EndOf = Callable[[str, str, int], int]
"""When a product lot left a cell; the time given where nobody knows."""


def shots(desk: Desk, gauge: Gauge, state: MeterState, values: Values) -> MeterState:
    """Fold one reading of a press. What it says waits until the blender that fills its hopper has been read as well:

    of a batch and a shot between the same two polls the batch is taken to have come first.
    """
    state, cycles = cycles_of(desk, gauge, state, values)
    if cycles is not None:
        desk.pressed = (*desk.pressed, Pressed(gauge.meter.name, cycles))
    return state


def settle(desk: Desk, time_ns: int, product_at: ProductAt, end_of: EndOf) -> None:
    """Shots whose blender was read since, or is not read at all, happen; and boxes that have left are whole."""
    if desk.pressed:
        pressed, desk.pressed = desk.pressed, ()
        for each in pressed:
            meter = desk.rows.meters.get(each.meter)
            if meter is None:
                continue
            if _ready(desk, meter, each.cycles, time_ns):
                _press(desk, meter, each.cycles, product_at)
            else:
                desk.pressed = (*desk.pressed, each)
    waiting = {each.meter for each in desk.pressed}
    for name in desk.rows.presses:
        state, meter = desk.meters.get(name), desk.rows.meters[name]
        lots = desk.products.get(meter.cell)
        if lots and state is not None and name not in waiting:
            now = product_at(meter.cell, state.seen_ns)
            for lot in [lot for lot in lots if lot != now]:
                close(desk, meter.cell, lot, end_of(meter.cell, lot, state.seen_ns))


def _ready(desk: Desk, meter: Meter, cycles: Cycles, time_ns: int) -> bool:
    seen = [
        desk.meters[name].seen_ns for name in desk.rows.fills.get(meter.source, ()) if name in desk.meters
    ]
    return all(ns >= cycles.to_ns for ns in seen) or time_ns - cycles.to_ns > PATIENCE_NS


def _press(desk: Desk, meter: Meter, cycles: Cycles, product_at: ProductAt) -> None:
    heap = desk.draw(meter.source, cycles.kg(0), cycles.var(0, meter.sigma_kg))
    parts_kg = min(cycles.good * cycles.amounts[1], mass(heap))
    parts, rest = split(heap, parts_kg, 0.0)
    if meter.rest:
        desk.fill(meter.rest, rest)
    if parts_kg > 0.0:
        _into_boxes(desk, meter, parts, cycles, product_at)


def _into_boxes(desk: Desk, meter: Meter, parts: Heap, cycles: Cycles, product_at: ProductAt) -> None:
    before = product_at(meter.cell, cycles.from_ns + 1)
    after = product_at(meter.cell, cycles.to_ns)
    var = cycles.var(1, meter.sigma_kg)
    if before == after:
        _add(desk, meter.cell, after, parts, var, cycles)
        return
    middle = product_at(meter.cell, (cycles.from_ns + cycles.to_ns) // 2)
    parcel = desk.charge(meter.name, meter.cell, parts, var)
    share = 0.5 if cycles.number > 1 else float(middle == before)
    unsure = (parcel.kg / 2) ** 2
    for lot, part in ((before, share), (after, 1.0 - share)):
        maybe = parcel._replace(kg=part * parcel.kg, var=part * var + unsure)
        _add(desk, meter.cell, lot, (maybe,), part * var + unsure, cycles, sure=False)


def _add(
    desk: Desk, cell: str, lot: str, parts: Heap, var: float, cycles: Cycles, *, sure: bool = True
) -> None:
    lots = desk.products.setdefault(cell, {})
    old = lots.get(lot)
    if old is None:
        kind = "box" if lot else "batch"
        old = Open(kind, cycles.from_ns)
    lots[lot] = replace(
        old,
        heap=joined(old.heap, old.last),
        var=old.var + var,
        last=parts,
        last_ns=cycles.to_ns if sure else 0,
    )


def close(desk: Desk, cell: str, lot: str, end_ns: int) -> None:
    """The product lot has left the cell: it is whole."""
    lots = desk.products.get(cell, {})
    product = lots.pop(lot, None)
    if product is None:
        return
    last, var = product.last, product.var
    if product.last_ns + SCAN_NS > end_ns and mass(last):  # the change may have been before the newest shot
        unsure = (mass(last) / 2) ** 2
        parcel = desk.charge(cell.rpartition("/")[2], cell, last, spread(last))
        last, var = (parcel._replace(var=parcel.var + unsure),), var + unsure
        for other, later in lots.items():
            maybe = (parcel._replace(kg=0.0, var=unsure),)
            lots[other] = replace(later, heap=joined(later.heap, maybe), var=later.var + unsure)
    heap = joined(product.heap, last)
    if not mass(heap):
        return
    name = lot or desk.name(cell.rpartition("/")[2])
    if name in desk.whole:
        name = desk.name(lot)
    parcel = desk.make(name, product.kind, cell, heap, var=var, time_ns=end_ns)
    desk.finish(name, product.kind, cell, parcel)

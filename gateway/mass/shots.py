"""A press: a shot takes mass out of its hopper; good parts go to the product lot at the cell, the rest elsewhere. Pure.

A shot fell somewhere between two polls. Where the box was changed in between, and where the change was told within
`SCAN_NS` after the newest shot, it may be in either box: both masses are less certain by half a shot.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from gateway.mass.cycles import Cycles, Values, cycles_of
from gateway.mass.desk import Desk
from gateway.mass.heaps import Heap, blurred, joined, mass, split
from gateway.mass.rows import Gauge
from gateway.mass.values import MeterState, Open
from gateway.site import Meter

SCAN_NS = 150_000_000
"""A scan is told so much later than the box was changed: its line takes a while."""

ProductAt = Callable[[str, int], str]
"""The product lot at a cell at a wire time, or ""."""

EndOf = Callable[[str, str, int], int]
"""When a product lot left a cell; the time given where nobody knows."""


def shots(
    desk: Desk, gauge: Gauge, state: MeterState, values: Values, product_at: ProductAt, end_of: EndOf
) -> MeterState:
    """Fold one reading of a press."""
    state, cycles = cycles_of(desk, gauge, state, values)
    meter = gauge.meter
    if cycles is not None:
        heap = desk.draw(meter.source, cycles.kg(0), cycles.var(0, meter.sigma_kg))
        parts_kg = min(cycles.good * cycles.amounts[1], mass(heap))
        parts, rest = split(heap, parts_kg, 0.0)
        if meter.rest:
            desk.fill(meter.rest, rest)
        if parts_kg > 0.0:
            _into_boxes(desk, meter, parts, cycles, product_at)
    open_lots = desk.products.get(meter.cell)
    if open_lots and state.seen_ns == values.time_ns:
        now = product_at(meter.cell, values.time_ns)
        for lot in [lot for lot in open_lots if lot != now]:
            close(desk, meter.cell, lot, end_of(meter.cell, lot, values.time_ns))
    return state


def _into_boxes(desk: Desk, meter: Meter, parts: Heap, cycles: Cycles, product_at: ProductAt) -> None:
    before = product_at(meter.cell, cycles.from_ns + 1)
    after = product_at(meter.cell, cycles.to_ns)
    var = cycles.var(1, meter.sigma_kg)
    if before == after:
        return _add(desk, meter.cell, after, parts, var, cycles)
    shot_kg = mass(parts) / cycles.number
    middle = product_at(meter.cell, (cycles.from_ns + cycles.to_ns) // 2)
    if cycles.number == 1:
        first = parts if middle == before else ()
        second = () if first else parts
    else:
        first, second = split(parts, mass(parts) / 2, 0.0)
    unsure = (shot_kg * cycles.number / 2) ** 2
    _add(desk, meter.cell, before, first, var + unsure, cycles)
    _add(desk, meter.cell, after, second, var + unsure, cycles)
    return None


def _add(desk: Desk, cell: str, lot: str, parts: Heap, var: float, cycles: Cycles) -> None:
    lots = desk.products.setdefault(cell, {})
    old = lots.get(lot)
    if old is None:
        kind = "batch" if not lot else desk.rows.kinds.get(cell, "box")
        old = Open(kind, cycles.from_ns)
    last = (cycles.from_ns, cycles.to_ns, mass(parts) / cycles.number)
    lots[lot] = replace(old, heap=joined(old.heap, parts), var=old.var + var, last=last)


def close(desk: Desk, cell: str, lot: str, end_ns: int) -> None:
    """The product lot has left the cell: it is whole."""
    lots = desk.products.get(cell, {})
    product = lots.pop(lot, None)
    if product is None or not product.heap:
        return
    heap, var = product.heap, product.var
    _, newest_ns, kg = product.last
    if newest_ns + SCAN_NS > end_ns:  # the change may have been before the newest shot
        unsure = (kg / 2) ** 2
        heap, var = blurred(heap, unsure), var + unsure
        for other, later in lots.items():
            lots[other] = replace(later, var=later.var + unsure)
    name = lot or desk.name(cell.rpartition("/")[2])
    if name in desk.whole:
        name = desk.name(lot)
    parcel = desk.make(name, product.kind, cell, heap, var=var, time_ns=end_ns)
    desk.finish(name, product.kind, cell, parcel)

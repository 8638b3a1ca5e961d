"""A press: a shot takes mass out of its hopper; good parts go to the box at the cell, the rest elsewhere. Pure."""

from __future__ import annotations

from gateway.mass.boxes import EndOf, ProductAt, close_left, into_boxes
from gateway.mass.cycles import Values, cycles_of
from gateway.mass.desk import Desk
from gateway.mass.heaps import mass, split
from gateway.mass.rows import Gauge
from gateway.mass.values import Cycles, MeterState, Pressed
from gateway.site import Meter

PATIENCE_NS = 2_000_000_000
"""A shot waits no longer for a blender that is not read."""


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
        if state is not None and name not in waiting and desk.products.get(meter.cell):
            close_left(desk, meter.cell, state.seen_ns, product_at, end_of)


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
        into_boxes(desk, meter, parts, cycles, product_at)

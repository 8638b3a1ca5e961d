"""A blender's batch: doses out of vessels make one lot, which goes to where it is called for. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence

from gateway.mass.contents import Content, rectangle
from gateway.mass.cycles import Values, cycles_of
from gateway.mass.desk import Desk
from gateway.mass.heaps import Heap, blurred, joined, mass, split
from gateway.mass.rows import Gauge
from gateway.mass.values import MeterState
from gateway.site import Meter


def batch(desk: Desk, gauge: Gauge, state: MeterState, values: Values) -> MeterState:
    """Fold one reading of a blender."""
    state, cycles = cycles_of(desk, gauge, state, values)
    meter = gauge.meter
    if cycles is None:
        return state
    blend(
        desk,
        meter,
        [(cycles.kg(i), cycles.var(i, dose.sigma_kg)) for i, dose in enumerate(meter.doses)],
    )
    return state


def blend(desk: Desk, meter: Meter, doses: Sequence[tuple[float, float]]) -> None:
    """Doses with their variances, in the order of the meter's, make one lot."""
    drawn: list[Heap] = [
        desk.draw(dose.vessel, kg, var) for dose, (kg, var) in zip(meter.doses, doses, strict=True)
    ]
    heap = joined(*drawn)
    if mass(heap) <= 0.0:
        return
    parcel = desk.make(desk.name(meter.name), "blend", meter.cell, heap)
    _share_out(desk, meter.targets, (parcel,))


def _share_out(desk: Desk, targets: tuple[str, ...], made: Heap) -> None:
    """To each vessel by what it lacks. What another of them drew just now may have been called for or not yet."""
    contents = [desk.vessels.get(name, Content()) for name in targets]
    lacks = [
        max(desk.rows.vessels[name].keeps_kg - content.kg, 0.0)
        for name, content in zip(targets, contents, strict=True)
    ]
    total = sum(lacks)
    shares = [lack / total for lack in lacks] if total > 0.0 else [1.0 / len(targets)] * len(targets)
    kg, left = mass(made), made
    for i, (name, share) in enumerate(zip(targets, shares, strict=True)):
        portion, left = (left, ()) if i == len(targets) - 1 else split(left, share * kg, 0.0)
        if len(targets) > 1:
            drawn = math.hypot(*(content.drawn_kg for content in contents))
            portion = blurred(portion, rectangle(drawn))  # one draw more or less
        desk.fill(name, portion)

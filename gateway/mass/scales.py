"""A scale that weighs the product lot at its cell: what it says beside what was metered into the lot. Pure."""

from __future__ import annotations

import math
from dataclasses import replace

from gateway.mass.cycles import Values
from gateway.mass.desk import Desk
from gateway.mass.rows import Gauge
from gateway.mass.shots import ProductAt
from gateway.mass.values import MeterState
from gateway.model import Severity

_STANDS = 0.5  # of what is expected: less is an empty scale, or a box on its way


def weighed(desk: Desk, gauge: Gauge, state: MeterState, values: Values, product_at: ProductAt) -> MeterState:
    """Fold one reading of a scale: the newest steady one of a lot counts, once the lot has gone."""
    meter = gauge.meter
    lot = product_at(meter.cell, values.time_ns)
    if lot != state.lot:
        if state.amounts:
            _compare(desk, gauge, state)
        state = replace(state, lot=lot, amounts=())
    kg = values.kg(gauge.count)
    if kg is None or not lot:
        return state
    net, found = kg - meter.tare_kg, desk.whole.get(lot)
    if found is not None and net > _STANDS * found.kg:
        state = replace(state, seen_ns=values.time_ns, amounts=(net, found.kg, found.var))
    return state


def _compare(desk: Desk, gauge: Gauge, state: MeterState) -> None:
    net, kg, var = state.amounts
    sigma = math.sqrt(var + gauge.meter.sigma_kg**2)
    off = net - kg
    differs = abs(off) > 3 * sigma
    desk.note(
        "weight_differs" if differs else "lot_weighed", state.lot,
        Severity.WARNING if differs else Severity.INFO,
        meter=gauge.meter.name, weighed_kg=net, metered_kg=kg, off_kg=off, sigma_kg=sigma,
    )  # fmt: skip

"""A scale that weighs the product lot at its cell: what it says beside what was metered into the lot. Pure."""

from __future__ import annotations

import math
from dataclasses import replace

from gateway.mass.boxes import ProductAt
from gateway.mass.cycles import Values
from gateway.mass.desk import Desk
from gateway.mass.rows import Gauge
from gateway.mass.values import MeterState
from gateway.model import Plain, Severity

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
    facts: dict[str, Plain] = {
        "meter": gauge.meter.name, "weighed_kg": net, "metered_kg": kg, "off_kg": off, "sigma_kg": sigma,
    }  # fmt: skip
    if abs(off) > 3 * sigma:
        desk.noted("weight_differs", state.lot, Severity.WARNING, **facts)
    else:
        desk.noted("lot_weighed", state.lot, Severity.INFO, **facts)

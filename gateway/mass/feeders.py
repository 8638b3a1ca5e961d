"""A loss-in-weight feeder in the mass balance: what left its hopper, and what came in when it was refilled. Pure."""

from __future__ import annotations

import math
from dataclasses import replace

from gateway.mass.cycles import Values
from gateway.mass.desk import Desk
from gateway.mass.rows import Gauge
from gateway.mass.values import MeterState
from gateway.metering.feeder import Dispensed, FeederState, weighed
from gateway.model import Plain, Severity


def fed(desk: Desk, gauge: Gauge, state: MeterState, values: Values) -> MeterState:
    """Fold one weight of its hopper."""
    shown = values.kg(gauge.count)
    if shown is None or gauge.feeder is None:
        return state
    held, told = weighed(gauge.feeder, state.feeder or FeederState(), values.instant, shown)
    state = replace(state, feeder=held, seen_ns=values.time_ns, count=shown)
    if told is None:
        return state
    desk.meters[gauge.meter.name] = state
    _refilled(desk, gauge, told)
    starved = "starved" if "starved" in told.marks else ""
    if starved and not state.odd:
        facts: dict[str, Plain] = {"kg": shown, "empty_kg": gauge.meter.empty_kg}
        desk.noted("feeder_starved", gauge.meter.name, Severity.WARNING, **facts)
    kg = state.owed_kg + told.kg  # below 0: an idle feeder's noise, made good by the next window
    meter = gauge.meter
    if kg > 0.0:
        desk.top_up(meter.source)
        desk.fill(meter.targets[0], desk.draw(meter.source, kg, told.sigma_kg**2))
        kg = 0.0
    return replace(desk.meters[meter.name], owed_kg=kg, odd=starved)


def _refilled(desk: Desk, gauge: Gauge, told: Dispensed) -> None:
    meter = gauge.meter
    if not told.exact:
        facts: dict[str, Plain] = {
            "kg": told.kg, "low_kg": told.low_kg,
            "high_kg": told.high_kg if math.isfinite(told.high_kg) else None,
            "reason": ", ".join(told.marks), "from_ns": told.from_ns, "to_ns": told.to_ns,
        }  # fmt: skip
        desk.noted("mass_gap", meter.name, Severity.INFO if told.refilled_kg else Severity.WARNING, **facts)
    if not told.refilled_kg:
        return
    desk.noted(
        "refilled", meter.name, Severity.INFO, kg=told.refilled_kg, sigma_kg=told.refilled_sigma_kg,
        from_ns=told.from_ns, to_ns=told.to_ns,
    )  # fmt: skip
    if meter.refilled_from and told.refilled_kg > 0.0:
        desk.top_up(meter.refilled_from)
        desk.fill(meter.source, desk.draw(meter.refilled_from, told.refilled_kg, told.refilled_sigma_kg**2))

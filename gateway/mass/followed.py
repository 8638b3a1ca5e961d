"""Meters whose totals `gateway.metering` follows: what they grew by, and an event where that has bounds. Pure."""

from __future__ import annotations

import math
from dataclasses import replace

from gateway.mass.batches import blend
from gateway.mass.cycles import Values
from gateway.mass.desk import Desk
from gateway.mass.rows import Amount, Gauge
from gateway.mass.values import GUESSED, MeterState
from gateway.metering.totalizer import Frame, Grown, follow
from gateway.model import Plain, Severity


def by_totals(desk: Desk, gauge: Gauge, state: MeterState, values: Values) -> MeterState:
    """Fold one reading of a blender that shows totals alone."""
    count = values.numbers[gauge.count.place]
    state, grown = grown_by(desk, gauge, state, values, gauge.amounts, count)
    if grown is None or not any(grown.kg):
        return state
    desk.meters[gauge.meter.name] = state
    cycles = max(grown.cycles or 1, 1)
    doses = [
        (kg, cycles * dose.sigma_kg**2 + spread(kg, low, high))
        for dose, kg, low, high in zip(gauge.meter.doses, grown.kg, grown.low, grown.high, strict=True)
    ]
    blend(desk, gauge.meter, doses)
    return desk.meters[gauge.meter.name]


def grown_by(
    desk: Desk,
    gauge: Gauge,
    state: MeterState,
    values: Values,
    totals: tuple[Amount, ...],
    count: float | None = None,
) -> tuple[MeterState, Grown | None]:
    """The state one reading further, and the growth; None where something of the reading is not good, or unknown."""
    meter, unit_kg = gauge.meter, totals[0].factor
    known = [number for amount in totals if (number := values.numbers[amount.place]) is not None]
    serial = values.numbers[gauge.serial] if gauge.serial >= 0 else None
    if len(known) < len(totals) or (count is None and meter.kind == "totals"):
        return state, None
    if gauge.unit >= 0:
        shown = values.numbers[gauge.unit]
        kg = {each.value: each.kg for each in meter.units}.get(-1.0 if shown is None else shown)
        if kg is None:
            told = "" if shown is None else f"{shown:g}"
            if told and state.odd != told:
                facts: dict[str, Plain] = {"unit": shown, "known": [each.value for each in meter.units]}
                desk.noted("mass_unknown", meter.name, Severity.WARNING, **facts, reason="unit")
            return replace(state, odd=told or state.odd), None
        unit_kg = kg
        known = [round(number / amount.step) for number, amount in zip(known, totals, strict=True)]
    frame = Frame(values.instant, tuple(known), unit_kg, count, serial)
    track, grown = follow(gauge.limits, state.track, frame)
    before_ns = state.seen_ns
    state = replace(
        state, seen_ns=values.time_ns, track=track, odd="", count=known[0] if count is None else count
    )
    if grown is not None and not grown.exact:
        _tell(desk, gauge, grown, before_ns, values.time_ns)
    return state, grown


def spread(kg: float, low: float, high: float) -> float:
    """Variance of a mass that lies between two bounds: a rectangle, or a guess where nothing bounds it."""
    return (high - low) ** 2 / 12.0 if math.isfinite(high) else (GUESSED * max(kg, low)) ** 2


def _tell(desk: Desk, gauge: Gauge, grown: Grown, from_ns: int, to_ns: int) -> None:
    high = grown.high_kg
    facts: dict[str, Plain] = {
        "kg": sum(grown.kg), "low_kg": grown.low_kg, "high_kg": high if math.isfinite(high) else None,
        "reason": grown.mark, "from_ns": min(from_ns, to_ns), "to_ns": to_ns,
    }  # fmt: skip
    if len(grown.kg) > 1:
        facts["components"] = [
            {"from": dose.vessel, "kg": kg, "low_kg": low, "high_kg": most if math.isfinite(most) else None}
            for dose, kg, low, most in zip(gauge.meter.doses, grown.kg, grown.low, grown.high, strict=True)
        ]
    desk.noted("mass_gap", gauge.meter.name, Severity.WARNING, **facts)

"""A totalizer: what it has grown by came out of one vessel, or from outside, and went into another. Pure.

What arrives makes lots where the meter says how large they are at most (`slice`), where it is ground, and where it is
from outside: such a fill is one lot, until nothing comes for a minute. They come in when the vessel is drawn from. A
belt weigher may show what a press has not told yet; so what it takes out of an empty vessel is owed for a while, and
only then from an unknown source.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from gateway.mass.contents import Content
from gateway.mass.counters import grown
from gateway.mass.cycles import Values
from gateway.mass.desk import Desk
from gateway.mass.followed import grown_by
from gateway.mass.heaps import Heap, joined
from gateway.mass.rows import Gauge
from gateway.mass.values import MeterState, Pending
from gateway.model import Plain, Severity

QUIET_NS = 60_000_000_000
"""A fill is over when nothing has come for so long; what is owed for longer comes from an unknown source."""

_LEAST_KG = 1e-9


def total(
    desk: Desk, gauge: Gauge, state: MeterState, values: Values, named: Callable[[str], str]
) -> MeterState:
    """Fold one reading of a totalizer. `named(cell)` is the material lot scanned into a cell, or ""."""
    meter = gauge.meter
    shown = values.kg(gauge.count)
    if shown is None:
        return state
    by = 0.0
    if meter.most_kg_h or gauge.unit >= 0 or gauge.serial >= 0:
        state, stepped = grown_by(desk, gauge, state, values, (gauge.count,))
        by = 0.0 if stepped is None else stepped.kg[0]
    elif state.seen_ns >= 0:
        step = grown(state.count, shown, gauge.around)
        by = step.by
        if step.cleared:
            facts: dict[str, Plain] = {"before": state.count, "after": shown}
            desk.noted(
                "count_cleared",
                meter.name,
                Severity.WARNING,
                **facts,
                from_ns=state.seen_ns,
                to_ns=values.time_ns,
            )
    state = replace(state, seen_ns=values.time_ns, count=shown)
    if by > 0.0:
        state = replace(
            state, owed_kg=state.owed_kg + by, owed_ns=state.owed_ns if state.owed_kg else values.time_ns
        )
    desk.meters[meter.name] = state
    if state.owed_kg > 0.0:
        (_inside if meter.source else _outside)(desk, gauge, values.time_ns, named)
    pending = desk.meters[meter.name].pending
    if pending is not None and values.time_ns - pending.grown_ns > QUIET_NS:
        desk.arrive(meter.name, over=True)
    return desk.meters[meter.name]


def _outside(desk: Desk, gauge: Gauge, time_ns: int, named: Callable[[str], str]) -> None:
    meter = gauge.meter
    state = desk.meters[meter.name]
    lot, pending = named(meter.cell), state.pending
    if pending is not None and lot and pending.lot != lot:
        desk.arrive(meter.name, over=True)
        pending = None
    if pending is None:
        pending = Pending(lot or desk.name(f"unknown:{meter.name}"), from_ns=time_ns)
    pending = replace(
        pending, kg=pending.kg + state.owed_kg, var=pending.var + meter.sigma_kg**2, grown_ns=time_ns
    )
    desk.meters[meter.name] = replace(desk.meters[meter.name], pending=pending, owed_kg=0.0)


def _inside(desk: Desk, gauge: Gauge, time_ns: int, named: Callable[[str], str]) -> None:
    del named
    meter = gauge.meter
    state = desk.meters[meter.name]
    arriving = 1.0 - meter.loss
    desk.top_up(meter.source)
    there = desk.vessels.get(meter.source, Content()).kg * arriving
    kg = state.owed_kg
    if there < kg and time_ns - state.owed_ns <= QUIET_NS:
        kg = there
    if kg <= _LEAST_KG:
        return
    var = meter.sigma_kg**2
    heap = desk.draw(meter.source, kg / arriving, var / arriving**2)
    owed = state.owed_kg - kg
    desk.meters[meter.name] = replace(
        desk.meters[meter.name], owed_kg=owed if owed > _LEAST_KG else 0.0, owed_ns=time_ns
    )
    if meter.ground or meter.slice_kg:
        _grow(desk, gauge, heap, kg, time_ns)
    else:
        desk.fill(meter.targets[0], _lighter(heap, arriving))


def _grow(desk: Desk, gauge: Gauge, heap: Heap, kg: float, time_ns: int) -> None:
    meter = gauge.meter
    state = desk.meters[meter.name]
    old = state.pending or Pending(desk.name(meter.name), from_ns=time_ns)
    pending = replace(
        old, heap=joined(old.heap, heap), kg=old.kg + kg, var=old.var + meter.sigma_kg**2, grown_ns=time_ns
    )
    desk.meters[meter.name] = replace(state, pending=pending)
    if pending.kg >= max(meter.slice_kg, _LEAST_KG):
        desk.arrive(meter.name)


def _lighter(heap: Heap, share: float) -> Heap:
    if math.isclose(share, 1.0):
        return heap
    return tuple(each._replace(kg=each.kg * share, var=each.var * share * share) for each in heap)

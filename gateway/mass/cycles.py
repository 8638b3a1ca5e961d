"""What a counter and the figures beside it say of the cycles since the last reading: batches, shots. Pure.

The figures are the newest cycle's. Where the counter has jumped by more than one, or the figures could not be read,
the cycles in between are taken as like the newest one that is known, and are far less certain; an event says so.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import NamedTuple

from gateway.mass.counters import grown
from gateway.mass.desk import Desk
from gateway.mass.rows import Amount, Gauge
from gateway.mass.values import GUESSED, Cycles, MeterState
from gateway.model import Instant, Plain, Severity

MOST_CYCLES = 100_000
"""A counter that jumps further than this was replaced, not missed."""


class Values(NamedTuple):
    """A poll group's reading as meters take it: None where the quality is not good."""

    time_ns: int
    numbers: tuple[float | None, ...]
    at: Instant | None = None  # None: of a clock that never changes

    @property
    def instant(self) -> Instant:
        return self.at or Instant(self.time_ns, self.time_ns, 0)

    def kg(self, amount: Amount) -> float | None:
        if amount.place < 0:
            return amount.fixed
        number = self.numbers[amount.place]
        return None if number is None else number * amount.factor


def cycles_of(
    desk: Desk, gauge: Gauge, state: MeterState, values: Values
) -> tuple[MeterState, Cycles | None]:
    """What happened since the last good reading of the count; None: nothing, or nothing that can be known."""
    count = values.numbers[gauge.count.place]
    if count is None:
        return state, None
    amounts = tuple(values.kg(amount) for amount in gauge.amounts)
    figures = tuple(
        amount for amount in amounts if amount is not None and math.isfinite(amount) and amount >= 0.0
    )
    known = len(figures) == len(amounts)
    good = values.numbers[gauge.good] if gauge.good >= 0 else None
    new = replace(
        state, seen_ns=values.time_ns, count=count, amounts=figures if known else state.amounts,
        good=state.good if good is None else good,
    )  # fmt: skip
    if state.seen_ns < 0:
        return new, None
    if count == state.count:
        return (new if known else replace(new, amounts=state.amounts)), None
    since_ns = min(state.seen_ns, values.time_ns - 1)  # wall time may have been stepped back
    step = grown(state.count, count, gauge.around)
    jumped = round(step.by)
    facts: dict[str, Plain] = {"from_ns": since_ns, "to_ns": values.time_ns, "cycles": jumped}
    name = gauge.meter.name
    if step.cleared:
        desk.noted("count_cleared", name, Severity.WARNING, before=state.count, after=count, **facts)
    if not new.amounts or jumped <= 0 or jumped > MOST_CYCLES:
        if jumped:
            desk.noted("mass_unknown", name, Severity.WARNING, **facts)
        return new, None
    guessed = jumped - 1 if known else jumped
    passed = float(jumped * gauge.meter.parts)
    if good is not None:
        passed = min(grown(state.good, good, gauge.good_around).by, passed)
    if guessed:
        kg = guessed * sum(new.amounts[: 1 if gauge.meter.kind == "shots" else None])
        reason = "missed" if known else "figures not read"
        desk.noted(
            "mass_estimated",
            name,
            Severity.WARNING,
            **facts,
            guessed=guessed,
            kg=kg,
            sigma_kg=GUESSED * kg,
            reason=reason,
        )
    return new, Cycles(jumped, since_ns, values.time_ns, new.amounts, guessed, passed)

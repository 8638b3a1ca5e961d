"""How much of a held lot is in what is made: by composition where it is a source, else by what went in. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import cast

from gateway.genealogy.vector import CUT
from gateway.holds.values import TAINTED_MOST, Holds, Made, Order, Rows, newest
from gateway.model import Ingredient, LotMade

_COUNTS = {"": (1.0, 1.0), "fifo": (1.0, 0.0), "mixed": (0.0, 1.0)}


def weighed(inputs: Sequence[Ingredient]) -> tuple[tuple[str, Rows], ...]:
    """Each input's share of the mass, in both rows."""
    rows = [(each.lot, each.kg, _COUNTS.get(each.mixing, (1.0, 1.0))) for each in inputs]
    totals = [sum(kg * counts[row] for _, kg, counts in rows) or 1.0 for row in (0, 1)]
    return tuple((lot, (kg * counts[0] / totals[0], kg * counts[1] / totals[1])) for lot, kg, counts in rows)


def remembered(made: LotMade) -> Made:
    """What an order keeps of it."""
    return Made(made.lot, made.kind, made.cell, made.time_ns, made.aggregated, weighed(made.inputs))


def shares(holds: Holds, made: LotMade) -> dict[str, Rows]:
    """Of each held lot that spreads into it, its share of the mass."""
    found: dict[str, Rows] = {}
    composition = made.composition
    for place, lot in enumerate(composition.sources):
        held = holds.held.get(lot)
        if held is not None and held.spreads and lot != made.lot:
            column = [row[place] for row in composition.shares]
            found[lot] = (column[0], column[-1])
    inherited = of_inputs(holds, weighed(made.inputs), aggregated=_is_aggregated(made.kind, made.aggregated))
    return {**inherited, **found}


def of_made(holds: Holds, made: Made) -> dict[str, Rows]:
    """The same of what an order remembers: by what went in alone."""
    return of_inputs(holds, made.inputs, aggregated=_is_aggregated(made.kind, made.aggregated))


def of_inputs(holds: Holds, inputs: Sequence[tuple[str, Rows]], *, aggregated: bool) -> dict[str, Rows]:
    """Shares that come with the inputs: an input that is held itself counts whole."""
    found: dict[str, Rows] = {}
    for lot, part in inputs:
        within: dict[str, Rows] = dict(holds.taint.get(lot, {}))
        held = holds.held.get(lot)
        if held is not None and (held.spreads or aggregated):
            within[lot] = (1.0, 1.0)
        for name, rows in within.items():
            before = found.get(name, (0.0, 0.0))
            found[name] = (before[0] + part[0] * rows[0], before[1] + part[1] * rows[1])
    return {name: rows for name, rows in found.items() if max(rows) >= CUT}


def tainted(holds: Holds, lot: str, found: Mapping[str, Rows]) -> Holds:
    """The lot remembered with its shares."""
    if not found:
        return holds
    rest = {name: rows for name, rows in holds.taint.items() if name != lot}
    kept = newest({**rest, lot: dict(found)}, TAINTED_MOST)
    return replace(holds, taint=cast(Mapping[str, Mapping[str, Rows]], kept))


def forgotten(holds: Holds, lot: str) -> Holds:
    """Nothing spreads from this lot any more."""
    taint = {
        name: {held: rows for held, rows in found.items() if held != lot}
        for name, found in holds.taint.items()
    }
    return replace(holds, taint={name: found for name, found in taint.items() if found})


def noticed(holds: Holds, made: LotMade) -> Holds:
    """Orders that look for what is made of a lot remember what is made meanwhile."""
    if not any(order.kind == "exposure" for order in holds.orders):
        return holds
    one = remembered(made)

    def with_it(order: Order) -> Order:
        return replace(order, made=(*order.made, one)) if order.kind == "exposure" else order

    return replace(holds, orders=tuple(map(with_it, holds.orders)))


def _is_aggregated(kind: str, aggregated: bool) -> bool:  # noqa: FBT001 # a field of the event
    return aggregated or kind in ("pallet", "shipment")

"""What people enter about mass: a lot made by hand, a stocktake of a vessel. Pure.

What cannot be done is told as an event, and changes nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace

from gateway.mass.contents import Content, put, take
from gateway.mass.desk import Desk
from gateway.mass.heaps import Heap, Parcel, split
from gateway.model import Entry, Plain, Severity

KINDS = ("material", "charge", "content", "blend", "regrind", "batch", "box", "pallet", "shipment")
MOST_INPUTS = 200
_TOLD = 3.0  # standard uncertainties within which two masses are the same


class _Refused(Exception):
    """The entry cannot be done; says why."""


def entered(desk: Desk, entry: Entry) -> bool:
    """Fold an entry; False where it is not about mass."""
    does = _DOES.get(entry.kind)
    if does is None:
        return False
    try:
        does(desk, entry)
    except _Refused as refused:
        _refuse(desk, entry, str(refused))
    return True


def _refuse(desk: Desk, entry: Entry, reason: str) -> None:
    facts: dict[str, Plain] = {"operator": entry.operator, "reason": reason}
    if entry.kind == "stocktake":
        desk.noted("stocktake_refused", str(entry.body.get("vessel", "")), Severity.INFO, **facts)
    elif entry.kind == "scrap":
        desk.noted("scrap_refused", str(entry.body.get("vessel", "")), Severity.INFO, **facts)
    elif entry.kind == "import":
        desk.noted("import_refused", str(entry.body.get("document", "")), Severity.INFO, **facts)
    else:
        desk.noted("make_refused", str(entry.body.get("lot", "")), Severity.INFO, **facts)


def make(desk: Desk, entry: Entry) -> None:
    """A lot by hand: ``{"lot", "kind", "kg", "sigma_kg"?, "cell"?, "inputs"?: [{"lot", "kg", "sigma_kg"?}], ...}``.

    Without inputs it came from outside; `recycled` and `recycled_sigma` are what its supplier declares, 0 to 1. All
    other members of the body go along as facts of the lot.
    """
    body = entry.body
    lot, kind = _text(body, "lot"), _text(body, "kind", "material")
    if kind not in KINDS:
        raise _Refused(f"kind is one of {', '.join(KINDS)}")
    kg, sigma_kg = _number(body, "kg"), _number(body, "sigma_kg", 0.0)
    cell = _text(body, "cell", "-")
    if kg <= 0.0:
        raise _Refused("kg is not above 0")
    known = desk.bought.get(lot)
    if lot in desk.whole or (known is None and lot in desk.vectors) or (known is not None and known.declared):
        raise _Refused("there is such a lot already")
    facts = {name: value for name, value in body.items() if name not in _OWN} | {"operator": entry.operator}
    cell = "" if cell == "-" else cell
    inputs = body.get("inputs", [])
    if not isinstance(inputs, list) or len(inputs) > MOST_INPUTS:
        raise _Refused(f"inputs is not a list of at most {MOST_INPUTS}")
    if not inputs:
        recycled = (_number(body, "recycled", 0.0), _number(body, "recycled_sigma", 0.0))
        if recycled[0] > 1.0:
            raise _Refused("recycled is a share from 0 to 1")
        parcel = desk.bring(lot, kg, sigma_kg**2, cell, facts, declared=True, recycled=recycled)
        if known is None:
            desk.finish(lot, kind, cell, parcel)
        return
    heap = _inputs(desk, inputs)
    parcel = desk.make(lot, kind, cell, heap, kg=kg, var=sigma_kg**2, facts=facts)
    desk.finish(lot, kind, cell, parcel)


_OWN = ("lot", "kind", "kg", "sigma_kg", "cell", "inputs", "recycled", "recycled_sigma")


def _inputs(desk: Desk, inputs: list[Plain]) -> Heap:
    """The parcels taken; all of them or none."""
    wanted: dict[str, tuple[float, float]] = {}
    for each in inputs:
        if not isinstance(each, Mapping):
            raise _Refused('an input is {"lot", "kg", "sigma_kg"}')
        lot, kg = _text(each, "lot"), _number(each, "kg")
        if lot in wanted:
            raise _Refused(f"{lot} is an input twice")
        held = desk.whole.get(lot)
        if held is None:
            raise _Refused(f"{lot} is not a lot that is there to be used")
        sigma = _number(each, "sigma_kg", 0.0)
        if kg <= 0.0 or kg > held.kg + _TOLD * (sigma + math.sqrt(held.var)):
            raise _Refused(f"{kg:g} kg of {lot}, of which there are {held.kg:g} kg")
        wanted[lot] = (kg, sigma)
    heap: Heap = ()
    for lot, (kg, sigma) in wanted.items():
        held = desk.whole.pop(lot)
        _, left = split((Parcel(lot, held.kg, held.var),), kg, sigma**2)
        heap = (*heap, Parcel(lot, kg, sigma**2))
        if left:
            desk.finish(lot, held.kind, held.cell, left[0])
    return heap


def stocktake(desk: Desk, entry: Entry) -> None:
    """A vessel's content recounted: ``{"vessel", "kg", "sigma_kg"?, "reason"?}``.

    What is missing leaves as a lot of kind "loss"; what is too much is from a source lot that nobody knows.
    """
    body = entry.body
    vessel, kg, sigma_kg = _text(body, "vessel"), _number(body, "kg"), _number(body, "sigma_kg", 0.0)
    row = desk.rows.vessels.get(vessel)
    if row is None:
        raise _Refused(f"there is no such vessel; there are {', '.join(desk.rows.vessels) or 'none'}")
    content = desk.vessels.get(vessel, Content())
    off, var, lot = kg - content.kg, sigma_kg**2, ""
    if off < 0.0:
        drawn = take(content, row.mixing, -off, var)
        lot = desk.name(f"loss:{vessel}")
        desk.make(lot, "loss", row.cell, drawn.heap)
        desk.vessels[vessel] = replace(drawn.left, drawn_kg=content.drawn_kg)
    elif off > 0.0:
        lot = desk.name(f"unknown:{vessel}")
        parcel = desk.bring(lot, off, var, row.cell, {"unknown": "stocktake", "vessel": vessel})
        desk.vessels[vessel] = put(content, row.mixing, (parcel,))
    desk.noted(
        "stocktake", vessel, Severity.INFO if abs(off) <= _TOLD * sigma_kg else Severity.WARNING,
        kg=kg, held_kg=content.kg, off_kg=off, sigma_kg=sigma_kg, lot=lot, operator=entry.operator,
        reason=_text(body, "reason", "-"),
    )  # fmt: skip


def scrap(desk: Desk, entry: Entry) -> None:
    """Material thrown away, out of a vessel: ``{"vessel", "kg", "reason", "sigma_kg"?}``; a lot of kind "loss"."""
    body = entry.body
    vessel, kg, sigma_kg = _text(body, "vessel"), _number(body, "kg"), _number(body, "sigma_kg", 0.0)
    row = desk.rows.vessels.get(vessel)
    if row is None:
        raise _Refused(f"there is no such vessel; there are {', '.join(desk.rows.vessels) or 'none'}")
    if kg <= 0.0:
        raise _Refused("kg is not above 0")
    lot, reason = desk.name(f"scrap:{vessel}"), _text(body, "reason")
    desk.make(lot, "loss", row.cell, desk.draw(vessel, kg, sigma_kg**2), facts={"reason": reason})
    facts: dict[str, Plain] = {"kg": kg, "sigma_kg": sigma_kg, "lot": lot}
    desk.noted("scrapped", vessel, Severity.INFO, **facts, operator=entry.operator, reason=reason)


def _text(body: Mapping[str, Plain], name: str, default: str = "") -> str:
    text = body.get(name, default)
    if not isinstance(text, str) or not text.strip() or len(text) > 200:
        raise _Refused(f"{name} is not a text of at most 200 characters")
    return text.strip()


def _number(body: Mapping[str, Plain], name: str, default: float | None = None) -> float:
    value = body.get(name, default)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0.0 <= value < 1e9:
        raise _Refused(
            f"{name} is not a number of kilograms from 0 on" if "kg" in name else f"{name} is no number"
        )
    return float(value)


def bring_in(desk: Desk, entry: Entry) -> None:
    """Lots that somebody's document declares, all or none: ``{"document", "lots": [body of make, ...]}``, in order."""
    lots = entry.body.get("lots")
    if not isinstance(lots, list) or not lots:
        raise _Refused("lots is not a list of lots")
    each = [replace(entry, body=body) for body in lots if isinstance(body, Mapping)]
    trial = Desk(desk.rows, desk.state(), desk.time_ns)
    for on in (trial, desk):
        for one in each:
            try:
                make(on, one)
            except _Refused as refused:
                raise _Refused(f"{one.body.get('lot')}: {refused}") from None
    desk.noted(
        "imported", str(entry.body.get("document")), Severity.INFO, lots=len(each), operator=entry.operator
    )


_DOES: dict[str, Callable[[Desk, Entry], None]] = {
    "make": make,
    "stocktake": stocktake,
    "scrap": scrap,
    "import": bring_in,
}

"""Kilograms that are of another lot than was taken: a wrong scan, or one that came late. Pure.

What is still in vessels, on its way, or in a box that is not whole goes over to the right lot; what went into lots that
are whole is for whoever restates those. So no kilogram goes over twice.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

from gateway.genealogy import source
from gateway.mass.contents import Content, Layer
from gateway.mass.heaps import Heap, Parcel, joined
from gateway.mass.values import Bought, MassState, MeterState, Open
from gateway.model import LotMade

_WAYS = ("fifo", "mixed")


def renamed(
    state: MassState, was: str, now: str, kg: float, vessels: Iterable[str]
) -> tuple[MassState, float]:
    """At most `kg` of `was` are of `now`, the newest in the first vessel first; and how many went over."""
    left = dict.fromkeys(_WAYS, kg)
    contents = dict(state.vessels)
    for name in vessels:
        if name in contents:
            contents[name] = _content(contents[name], was, now, left)
    meters = {name: _meter(each, was, now, left) for name, each in state.meters.items()}
    products = {
        cell: {lot: _open(each, was, now, left) for lot, each in lots.items()}
        for cell, lots in state.products.items()
    }
    if all(each == kg for each in left.values()):
        return state, 0.0
    vectors = {**state.vectors, now: state.vectors.get(now, source(now))}
    new = replace(state, vessels=contents, meters=meters, products=products, vectors=vectors)
    return new, kg - min(left.values()) if math.isfinite(kg) else math.inf


def came_late(
    state: MassState,
    site: str,
    lot: str,
    kg: float | None,
    span_ns: tuple[int, int],
    vessels: tuple[str, ...],
) -> tuple[MassState, dict[str, float]]:
    """A lot was in these vessels already when they ran short: what nobody knew is of it, as far as it is still here.

    `kg`: what came of it at one time, and is in the first vessel now; what is of it elsewhere leaves that one. The
    second part of the answer is kilograms by unknown lot that went over.
    """
    prefixes = tuple(f"{site}:unknown:{vessel}:" for vessel in vessels)
    left, moved = math.inf if kg is None else kg, dict[str, float]()
    for name, bought in state.bought.items():
        if left <= 0.0 or not name.startswith(prefixes) or not span_ns[0] <= bought.told_ns <= span_ns[1]:
            continue
        state, over = renamed(state, name, lot, min(left, bought.kg), vessels)
        if over > 0.0:
            moved[name] = over
            left -= over
    if kg is not None and moved:
        gone = dict.fromkeys(_WAYS, sum(moved.values()))
        first = _content(state.vessels[vessels[0]], lot, "", gone)
        state = replace(state, vessels={**state.vessels, vessels[0]: first})
    return state, moved


def settled(state: MassState, made: LotMade) -> MassState:
    """A source lot has another mass: what comes of it later counts from there.

    Fact ``instead``: `moved_kg` of it were of that lot, which is in a vessel with all its mass: that much leaves it.
    """
    old = state.bought.get(made.lot)
    if not made.inputs and (old is not None or made.version == 1):
        told = Bought(made.kg, made.version, made.time_ns) if old is None else old
        bought = {**state.bought, made.lot: replace(told, kg=made.kg, version=made.version)}
        state = replace(state, bought=bought)
    right, kg = made.facts.get("instead"), made.facts.get("moved_kg")
    if made.reason != "late_scan" or not isinstance(right, str) or not isinstance(kg, float):
        return state
    left = dict.fromkeys(_WAYS, kg)
    contents: dict[str, Content] = {}
    for name, content in state.vessels.items():
        contents[name] = _content(content, right, "", left)
    return replace(state, vessels=contents)


def _content(content: Content, was: str, now: str, left: dict[str, float]) -> Content:
    layers: list[Layer] = [
        layer._replace(heap=_heap(layer.heap, was, now, left, "fifo")) for layer in reversed(content.layers)
    ]
    heap = _heap(content.heap, was, now, left, "mixed")
    kept = tuple(layer for layer in reversed(layers) if layer.heap or layer.past)
    return replace(content, heap=heap, layers=kept)


def _meter(state: MeterState, was: str, now: str, left: dict[str, float]) -> MeterState:
    if state.pending is None:
        return state
    pending = state.pending
    lot = now if pending.lot == was else pending.lot
    return replace(state, pending=replace(pending, lot=lot, heap=_heap(pending.heap, was, now, left)))


def _open(product: Open, was: str, now: str, left: dict[str, float]) -> Open:
    return replace(product, heap=_heap(product.heap, was, now, left))


def _heap(heap: Heap, was: str, now: str, left: dict[str, float], way: str = "") -> Heap:
    """`way`: in which of the two ways parcels count that do not say it; `now` "": they are gone."""
    if not any(parcel.lot == was for parcel in heap):
        return heap
    out: list[Heap] = []
    for parcel in heap:
        rows = _rows(parcel, way)
        part = min(parcel.kg, *(max(left[row], 0.0) for row in rows)) if parcel.lot == was else 0.0
        if part <= 0.0:
            out.append((parcel,))
            continue
        for row in rows:
            left[row] -= part
        share = part / parcel.kg
        if now:
            out.append((parcel._replace(lot=now, kg=part, var=parcel.var * share),))
        if share < 1.0:
            out.append((parcel._replace(kg=parcel.kg - part, var=parcel.var * (1.0 - share)),))
    return joined(*out)


def _rows(parcel: Parcel, way: str) -> tuple[str, ...]:
    if parcel.mixing:
        return (parcel.mixing,)
    return (way,) if way else _WAYS

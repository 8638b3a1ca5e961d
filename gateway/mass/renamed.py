"""Kilograms that are of another lot than was taken: a wrong scan, or one that came late. Pure.

What is still in vessels, on its way, or in a box that is not whole goes over to the right lot; what went into lots that
are whole is for whoever restates those. So no kilogram goes over twice.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from gateway.genealogy import source
from gateway.mass.contents import Content, Layer
from gateway.mass.heaps import Heap, Parcel, joined
from gateway.mass.values import Bought, MassState, Pending
from gateway.model import LotMade

_WAYS = ("fifo", "mixed")
_BESIDE = ("waiting", "meters", "products", "pressed", "packs")
"""Members of the state that hold heaps, beside the vessels."""


@dataclass
class _Swap:
    """Parcels of `was` are of `now` ("": they are gone), so many kilograms of them in either way to solve."""

    was: str
    now: str
    left: dict[str, float]
    over: bool = False  # whether anything went over

    @classmethod
    def of(cls, was: str, now: str, kg: float) -> _Swap:
        return cls(was, now, dict.fromkeys(_WAYS, kg))

    def state(self, state: MassState, vessels: Iterable[str]) -> MassState:
        """Bags that wait first, then vessels in this order, then what is on its way."""
        changed: dict[str, Any] = {"waiting": self.walk(state.waiting)}
        contents = dict(state.vessels)
        for name in vessels:
            if name in contents:
                contents[name] = self.content(contents[name])
        changed |= {name: self.walk(getattr(state, name)) for name in _BESIDE[1:]}
        return replace(state, vessels=contents, **changed)

    def content(self, content: Content) -> Content:
        """The newest layers first."""
        layers: list[Layer] = [
            layer._replace(heap=self.heap(layer.heap, "fifo")) for layer in reversed(content.layers)
        ]
        heap = self.heap(content.heap, "mixed")
        kept = tuple(layer for layer in reversed(layers) if layer.heap or layer.past)
        return replace(content, heap=heap, layers=kept)

    def walk(self, value: Any) -> Any:
        """Whatever holds heaps, with these changed."""
        if isinstance(value, Pending) and value.lot == self.was and self.now:
            value = replace(value, lot=self.now)
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            old = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
            new = {name: self.walk(each) for name, each in old.items()}
            return replace(value, **new) if any(new[name] is not old[name] for name in old) else value
        if isinstance(value, Mapping):
            return {name: self.walk(each) for name, each in value.items()}
        if not isinstance(value, tuple) or isinstance(value, Parcel) or not value:
            return value
        if isinstance(value[0], Parcel):
            return self.heap(value)
        made = [self.walk(each) for each in value]
        if all(new is old for new, old in zip(made, value, strict=True)):
            return value
        return type(value)(*made) if hasattr(value, "_fields") else tuple(made)

    def heap(self, heap: Heap, way: str = "") -> Heap:
        """`way`: in which of the two ways parcels count that do not say it."""
        if not any(parcel.lot == self.was for parcel in heap):
            return heap
        out: list[Heap] = []
        for parcel in heap:
            rows = _rows(parcel, way)
            room = min(max(self.left[row], 0.0) for row in rows)
            part = min(parcel.kg, room) if parcel.lot == self.was else 0.0
            if part <= 0.0:
                out.append((parcel,))
                continue
            self.over = True
            for row in rows:
                self.left[row] -= part
            share = part / parcel.kg
            if self.now:
                out.append((parcel._replace(lot=self.now, kg=part, var=parcel.var * share),))
            if share < 1.0:
                out.append((parcel._replace(kg=parcel.kg - part, var=parcel.var * (1.0 - share)),))
        return joined(*out)


def renamed(
    state: MassState, was: str, now: str, kg: float, vessels: Iterable[str]
) -> tuple[MassState, float]:
    """At most `kg` of `was` are of `now`, the newest in the first vessel first; and how many went over."""
    swap = _Swap.of(was, now, kg)
    new = swap.state(state, vessels)
    if not swap.over:
        return state, 0.0
    new = replace(new, vectors={**state.vectors, now: state.vectors.get(now, source(now))})
    return new, kg - min(swap.left.values()) if math.isfinite(kg) else math.inf


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
        state = _without(state, lot, sum(moved.values()), vessels[:1])
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
    return _without(state, right, kg, state.vessels)


def _without(state: MassState, lot: str, kg: float, vessels: Iterable[str]) -> MassState:
    """So much of a lot is not there: it was scanned with all its mass, and part of that was used before."""
    swap = _Swap.of(lot, "", kg)
    waiting = swap.walk(state.waiting)
    contents = dict(state.vessels)
    for name in vessels:
        if name in contents:
            contents[name] = swap.content(contents[name])
    return replace(state, vessels=contents, waiting=waiting)


def _rows(parcel: Parcel, way: str) -> tuple[str, ...]:
    if parcel.mixing:
        return (parcel.mixing,)
    return (way,) if way else _WAYS

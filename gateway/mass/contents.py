"""What is in a vessel, and what comes out of it: first in, first out; perfectly mixed; or, unknown, both. Pure.

A mixed vessel is one heap. A first-in-first-out vessel is layers, drawn from the oldest on; how much is left of a layer
is known as well as what was drawn of it, so a draw near the end of a layer is uncertain by what lies about that end.
A vessel whose mixing nobody knows is kept both ways, and what comes out says of each parcel which way it is from.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import NamedTuple

from gateway.mass.heaps import Heap, Parcel, blurred, joined, marked, mass, split

MOST_LAYERS = 64
"""Beyond, the two newest layers are taken as one."""

_EMPTY = 1e-9  # kg; less is rounding


class Layer(NamedTuple):
    """A heap of its own in a vessel that is drawn in order."""

    heap: Heap
    var: float = 0.0  # of where it ends: of what is left of it
    past: float = (
        0.0  # kg drawn since its end should have come; its heap is empty then, but for its lots' names
    )


@dataclass(frozen=True, slots=True)
class Content:
    """What is in a vessel."""

    heap: Heap = ()  # mixed
    layers: tuple[Layer, ...] = ()  # first in, first out; the oldest first
    drawn_kg: float = 0.0  # by the last draw: what a scan may be early or late by

    @property
    def kg(self) -> float:
        if self.layers:
            return sum(mass(layer.heap) for layer in self.layers)
        return mass(self.heap)


def put(content: Content, mixing: str, heap: Heap) -> Content:
    """The content after `heap` has come in."""
    if mixing != "fifo":
        into = marked(heap, "mixed") if mixing == "unknown" else heap
        content = replace(content, heap=joined(content.heap, into))
    if mixing != "mixed":
        on_top = marked(heap, "fifo") if mixing == "unknown" else heap
        content = replace(content, layers=_stacked(content.layers, on_top))
    return content


def take(content: Content, mixing: str, kg: float, var: float) -> tuple[Heap, Content]:
    """`kg`, or all there is, weighed with that variance; and the content left."""
    out: Heap = ()
    heap, layers = content.heap, content.layers
    if mixing != "fifo":
        out, heap = split(heap, kg, var)
    if mixing != "mixed":
        bottom, layers = _from_bottom(layers, kg, var)
        out = joined(out, bottom)
    if mass(heap) < _EMPTY:
        heap = ()
    return out, Content(heap, layers, kg)


def unsure_top(content: Content, half_kg: float) -> Content:
    """What comes in next may lie so much higher or lower: the end of the newest layer is uncertain by that."""
    if not content.layers:
        return content
    *below, top = content.layers
    top = top._replace(var=top.var + half_kg * half_kg / 3)  # a rectangle of that half width
    return replace(content, layers=(*below, top))


def _stacked(layers: tuple[Layer, ...], heap: Heap) -> tuple[Layer, ...]:
    if not layers:
        return (Layer(heap),)
    *below, top = layers
    same = not top.past and [(each.lot, each.mixing) for each in top.heap] == [
        (each.lot, each.mixing) for each in heap
    ]
    if (same and len(heap) == 1) or len(layers) >= MOST_LAYERS:
        return (*below, Layer(joined(top.heap, heap), top.var))
    return (*layers, Layer(heap))


def _from_bottom(layers: tuple[Layer, ...], kg: float, var: float) -> tuple[Heap, tuple[Layer, ...]]:
    """Drawn in order. Where an end is uncertain, layers on both sides of it are in the heap, one maybe with 0 kg."""
    parts: list[Heap] = []
    unsure: list[Heap] = []
    left = list(layers)
    wanted = kg
    while left and left[0].past:  # an end that may still be to come
        ghost = left[0]
        maybe = min(max(_reach(ghost) - ghost.past, 0.0), kg)
        if not maybe:
            left.pop(0)
            continue
        unsure.append(_named(ghost.heap, maybe))
        left[0] = ghost._replace(past=ghost.past + kg)
        break
    at = 1 if unsure else 0
    while wanted > 0.0 and at < len(left):
        layer = left[at]
        there = mass(layer.heap)
        took, rest = split(layer.heap, wanted, 0.0)
        about = _near(layer, there, wanted) if at + 1 < len(left) else 0.0
        if about:
            above = left[at + 1].heap
            took = blurred(took, about * about / 3)
            unsure.append(_named(above, about))
        parts.append(took)
        wanted -= min(there, wanted)
        if rest and mass(rest) > _EMPTY:
            left[at] = layer._replace(heap=rest, var=layer.var + var)
            break
        if at == 0 and at + 1 < len(left) and _reach(layer) > max(wanted, 0.0):
            left[0] = Layer(_named(layer.heap, 0.0), layer.var + var, max(wanted, _EMPTY))
            at = 1
        else:
            left.pop(at)
    drawn = blurred(joined(*parts), var)
    if unsure:
        most = max(parcel.var for heap in unsure for parcel in heap)
        drawn = joined(blurred(drawn, most), *unsure)
    return drawn, tuple(left)


def _reach(layer: Layer) -> float:
    return math.sqrt(3.0 * layer.var)


def _near(layer: Layer, there: float, wanted: float) -> float:
    """By how much the kilograms of this layer in a draw may be off, its end being where it is told or near it."""
    reach = _reach(layer)
    low, high = max(there - reach, 0.0), there + reach
    told = min(there, wanted)
    return max(min(high, wanted) - told, told - min(low, wanted))


def _named(heap: Heap, half_kg: float) -> Heap:
    """Nothing for sure of these lots, and at most so much."""
    total = mass(heap)
    shares = [(each, each.kg / total if total else 1.0 / len(heap)) for each in heap]
    return tuple(Parcel(each.lot, 0.0, (share * half_kg) ** 2 / 3, each.mixing) for each, share in shares)

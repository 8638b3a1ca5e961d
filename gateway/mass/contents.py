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
_FAINT = 1e-15  # kg: of what may be there or not


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
        content = Content(joined(content.heap, into), content.layers, content.drawn_kg)
    if mixing != "mixed":
        on_top = marked(heap, "fifo") if mixing == "unknown" else heap
        content = Content(content.heap, _stacked(content.layers, on_top), content.drawn_kg)
    return content


class Drawn(NamedTuple):
    """What came out of a vessel and what is left. `unsure`: how much is known, and less well of which layer."""

    heap: Heap
    left: Content
    unsure: bool = False


def take(content: Content, mixing: str, kg: float, var: float) -> Drawn:
    """`kg`, or all there is, weighed with that variance."""
    out: Heap = ()
    heap, layers, unsure = content.heap, content.layers, False
    if mixing != "fifo":
        out, heap = split(heap, kg, var)
    if mixing != "mixed":
        bottom, layers, unsure = _from_bottom(layers, kg, var)
        out = joined(out, bottom)
    if mass(heap) < _EMPTY:
        heap = ()
    return Drawn(out, Content(heap, layers, kg), unsure)


def put_by_hand(content: Content, mixing: str, heap: Heap, missing_kg: float) -> Content:
    """The content after somebody has emptied `heap` into it, which may be a draw earlier or later than it is told.

    `missing_kg` may have come in before it from where the vessel is kept full, or as much less.
    """
    drawn = content.drawn_kg
    if mixing != "fifo":
        kg = mass(heap)
        return put(content, mixing, blurred(heap, rectangle(drawn * kg / (content.kg + kg))))
    layers = content.layers
    if layers:
        *below, top = layers
        layers = (*below, top._replace(var=top.var + rectangle(missing_kg)))
    return replace(content, layers=(*layers, Layer(heap, rectangle(missing_kg))))


def rectangle(half_kg: float) -> float:
    """Variance of what is certain to be within so much of what is told (JCGM 100:2008, 4.3.7)."""
    return half_kg * half_kg / 3.0


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


def _from_bottom(layers: tuple[Layer, ...], kg: float, var: float) -> tuple[Heap, tuple[Layer, ...], bool]:
    """Drawn in order. Where an end is uncertain, layers on both sides of it are in the heap, one maybe with 0 kg."""
    parts: list[Heap] = []
    unsure: list[Heap] = []
    left: list[Layer] = []
    wanted = kg
    for at, layer in enumerate(layers):
        if wanted <= 0.0:
            left.append(layer)
        elif layer.past:  # its end may still be to come
            reach = _reach(layer)
            unsure.append(_named(layer.heap, min(max(reach - layer.past, 0.0), wanted)))
            if layer.past + wanted < reach:
                left.append(layer._replace(past=layer.past + wanted))
        else:
            there = mass(layer.heap)
            took, rest = split(layer.heap, wanted, 0.0)
            about = _near(layer, there, wanted) if at + 1 < len(layers) else 0.0
            if about:
                took = blurred(took, rectangle(about))
                unsure += _above(layers[at + 1 :], about)
            parts.append(took)
            wanted -= min(there, wanted)
            if mass(rest) > _EMPTY:
                left.append(Layer(rest, layer.var + var))
            elif at + 1 < len(layers) and _reach(layer) > max(wanted, 0.0):
                left.append(Layer(_faint(layer.heap), layer.var + var, max(wanted, _EMPTY)))
    drawn = blurred(joined(*parts), var)
    if unsure:
        most = max(parcel.var for heap in unsure for parcel in heap)
        drawn = joined(blurred(drawn, most), *unsure)
    return drawn, tuple(left), bool(unsure)


def _above(layers: tuple[Layer, ...], about: float) -> list[Heap]:
    """What may have come instead, from the layers up to the next that is there for sure."""
    found = []
    for layer in layers:
        found.append(_named(layer.heap, about))
        if not layer.past:
            break
    return found


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
    return tuple(
        Parcel(each.lot, 0.0, rectangle(each.kg / total * half_kg), each.mixing) for each in heap if total
    )


def _faint(heap: Heap) -> Heap:
    """As good as nothing of it, in the same shares."""
    total = mass(heap)
    return tuple(each._replace(kg=_FAINT * each.kg / total, var=0.0) for each in heap if total)

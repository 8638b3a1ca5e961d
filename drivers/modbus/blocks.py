"""Blocks: which registers one request reads, and where their words go in the group's raw words. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from drivers.modbus.pdu import DISCRETES, FUNCTIONS, MOST_BITS, MOST_WORDS, Read
from drivers.modbus.question import Question
from gateway.layout import Layout
from gateway.site import Device, Group, Point


class PlanError(ValueError):
    """The group cannot be read as its map says; the text names device, point and reason."""


class Price(Protocol):
    """What a read costs: so much for asking, so much for each register."""

    asking_ns: float
    word_ns: float


@dataclass(frozen=True, slots=True)
class Atom:
    """What is never split over two requests: one value, or the points of a coherent group."""

    function: int
    start: int
    end: int  # one past the last address
    points: tuple[int, ...]  # indices in the group


def limit(device: Device, function: int) -> int:
    """Most registers or bits of one request to this device."""
    words = min(device.max_words, MOST_WORDS)
    return min(16 * words, MOST_BITS) if function <= DISCRETES else words


def atoms_of(device: Device, group: Group) -> list[Atom]:
    """The group's atoms in address order. Raises PlanError."""
    together: dict[object, list[int]] = {}
    for index, point in enumerate(group.points):
        _check(device, point)
        together.setdefault(("word", point.coherent) if point.coherent else index, []).append(index)
    atoms = [_atom(device, group, indices) for indices in together.values()]
    return sorted(atoms, key=lambda atom: (atom.function, atom.start, atom.end))


def problems(device: Device) -> list[str]:
    """Why the device's groups cannot be read as mapped; empty if they can. For `check`, which needs no hardware."""
    found = []
    for group in device.groups:
        try:
            atoms_of(device, group)
        except PlanError as error:
            found.append(str(error))
    return found


def _check(device: Device, point: Point) -> None:
    where = f"{device.name}: {point.name}"
    if point.table not in FUNCTIONS:
        raise PlanError(f'{where}: table "{point.table}" is none of {", ".join(FUNCTIONS)}')
    if FUNCTIONS[point.table] <= DISCRETES and point.field.type != "bit":
        raise PlanError(f"{where}: a {point.table} is a bit, not {point.field.type}")
    if not 0 <= point.address <= 0x10000 - point.field.width:
        raise PlanError(f"{where}: address {point.address} is outside of 0..65535")


def _atom(device: Device, group: Group, indices: list[int]) -> Atom:
    points = [group.points[index] for index in indices]
    functions = {FUNCTIONS[point.table] for point in points}
    what = (
        f'{device.name}: coherent "{points[0].coherent}"'
        if len(points) > 1
        else f"{device.name}: {points[0].name}"
    )
    if len(functions) > 1:
        raise PlanError(f"{what}: points of two tables cannot come in one request")
    function = functions.pop()
    start = min(point.address for point in points)
    end = max(point.address + point.field.width for point in points)
    if end - start > limit(device, function):
        raise PlanError(
            f"{what}: {end - start} from {start} on, but one request reads {limit(device, function)}"
        )
    return Atom(function, start, end, tuple(indices))


@dataclass(frozen=True, slots=True)
class Range:
    """Atoms first..last-1, read by one request."""

    first: int
    last: int


def partition(
    atoms: Sequence[Atom], device: Device, price: Price, *, cuts: frozenset[int], left_out: frozenset[int]
) -> list[Range]:
    """The cheapest requests that read every atom not left out. `cuts` holds i where atoms i-1 and i must
    part.

    Exact: best[j] is the least cost of the atoms before j (a shortest path over at most `limit` registers
    back).
    """
    count = len(atoms)
    holes = [0, *(max(atoms[i].start - atoms[i - 1].end, 0) for i in range(1, count))]  # before atom i
    widest = 0x10000 if device.max_gap is None else device.max_gap
    apart = [
        i == 0
        or i in cuts
        or i - 1 in left_out
        or holes[i] > widest
        or atoms[i].function != atoms[i - 1].function
        for i in range(count)
    ]
    starts, ends = [atom.start for atom in atoms], [atom.end for atom in atoms]
    asking, word = price.asking_ns, price.word_ns
    best: list[float] = [0.0] + [float("inf")] * count
    back = [0] * (count + 1)
    for last in range(1, count + 1):
        if last - 1 in left_out:
            best[last], back[last] = best[last - 1], last - 1
            continue
        function = atoms[last - 1].function
        longest, unit = limit(device, function), 1 / 16 if function <= DISCRETES else 1.0
        each = word * unit
        end, least, least_first = ends[last - 1], float("inf"), last - 1
        for first in range(last - 1, -1, -1):
            end = max(end, ends[first])
            words = end - starts[first]
            if words > longest:
                break
            cost = best[first] + asking + words * each
            if cost < least:
                least, least_first = cost, first
            if apart[first]:
                break
        best[last], back[last] = least, least_first
    ranges, last = [], count
    while last > 0:
        if last - 1 not in left_out:
            ranges.append(Range(back[last], last))
        last = back[last]
    return ranges[::-1]


@dataclass(slots=True)
class Block:
    """One request, and how its answer fills the group's raw words."""

    question: Question
    read: Read
    range: Range
    points: NDArray[np.intp]  # of the group, that this block reads
    source: NDArray[np.intp] = field(repr=False)  # indices in the answer's words ...
    target: NDArray[np.intp] = field(repr=False)  # ... and where they go in the raw words
    whole: bool = False  # the answer's words are the raw words

    @property
    def cost_words(self) -> float:
        """Registers' worth of data."""
        return self.read.count / 16 if self.read.function <= DISCRETES else float(self.read.count)


def block_of(device: Device, group: Group, layout: Layout, atoms: Sequence[Atom], span: Range) -> Block:
    """The block that reads some atoms."""
    members = atoms[span.first : span.last]
    start, end = members[0].start, max(atom.end for atom in members)
    points = sorted(index for atom in members for index in atom.points)
    source: list[int] = []
    target: list[int] = []
    for index in points:
        width = group.points[index].field.width
        offset = group.points[index].address - start
        source += range(offset, offset + width)
        target += range(layout.starts[index], layout.starts[index] + width)
    read = Read(members[0].function, start, end - start)
    every = list(range(layout.words))
    return Block(
        question=Question(device.unit, read),
        read=read,
        range=span,
        points=np.array(points, dtype=np.intp),
        source=np.array(source, dtype=np.intp),
        target=np.array(target, dtype=np.intp),
        whole=source == every and target == every and read.count == layout.words,
    )

"""A plant's history out of two CSV files, lots and the kilograms between them; what is wrong is said with its line."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gateway.cli.csvfile import lines_in, rows_of, shown, wrong
from gateway.cli.output import Code, Exit, paced
from gateway.cli.stored import instant
from gateway.genealogy import GenealogyError
from gateway.genealogy.graph import AGGREGATED, GROUND, Graph
from gateway.genealogy.order import in_order

if TYPE_CHECKING:
    from numpy.typing import NDArray

NODES = ("lot", "kind", "kg", "closed_at")
EDGES = ("from", "to", "kg", "sigma_kg")
PACKED = frozenset({"pallet", "shipment"})
"""Kinds that are put together and not transformed."""

_PIECE = 20_000
_NAME_LIMIT = 200
_KIND_LIMIT = 40
_MOST_KG = 1e15  # so that no sum or square of masses leaves what a float can say


class _Rows(NamedTuple):
    """A file's rows and the line of each."""

    file: Path
    lines: array[int]

    def wrong(self, row: int, text: str) -> Exit:
        return Exit(Code.USAGE, f"{self.file}:{self.lines[row]}: {text}")


class _Nodes(NamedTuple):
    rows: _Rows
    number: dict[str, int]  # by name, in the order of the file
    kinds: list[str]
    kind: array[int]
    kg: array[float]
    closed_ns: array[int]


class _Edges(NamedTuple):
    rows: _Rows
    parent: array[int]
    child: array[int]
    kg: array[float]
    sigma_kg: array[float]


def read_graph(nodes: Path, edges: Path, taken: Callable[[str], bool]) -> Graph:
    """The genealogy in two files. `taken` says whether a lot is known already.

    Ends the command with code 2 at the first row that cannot be: FILE:LINE: what.
    """
    lots = _nodes(nodes, taken)
    links = _edges(edges, lots)
    _check_times(lots, links)
    _check_masses(lots, links)
    return _graph(lots, links)


def _nodes(file: Path, taken: Callable[[str], bool]) -> _Nodes:
    made = _Nodes(_Rows(file, array("q")), {}, [], array("i"), array("d"), array("q"))
    kinds: dict[str, int] = {}
    for line, (lot, kind, kg, closed) in _fields(file, NODES, "lots"):
        _check_name(file, line, lot)
        if lot in made.number:
            wrong(file, line, f'"{shown(lot)}" is there already, in line {made.rows.lines[made.number[lot]]}')
        if taken(lot):
            wrong(file, line, f'"{shown(lot)}" is in the journal already')
        if not kind or len(kind) > _KIND_LIMIT or not kind.isprintable():
            wrong(file, line, f'"{shown(kind)}" is no kind of lot, such as material, batch, box or shipment')
        made.rows.lines.append(line)
        made.number[lot] = len(made.number)
        made.kind.append(kinds.setdefault(kind, len(kinds)))
        made.kg.append(_mass(file, line, kg, "kg", least=0.0, more=True))
        made.closed_ns.append(_time(file, line, closed))
    if not made.number:
        wrong(file, 2, "there are no rows below the header")
    if len(kinds) > 200:
        wrong(file, 1, f"there are {len(kinds)} kinds of lot: is the column the right one?")
    made.kinds.extend(kinds)
    return made


def _edges(file: Path, lots: _Nodes) -> _Edges:
    made = _Edges(_Rows(file, array("q")), array("i"), array("i"), array("d"), array("d"))
    for line, (parent, child, kg, sigma) in _fields(file, EDGES, "edges"):
        for name in (parent, child):
            if name not in lots.number:
                wrong(file, line, f'there is no lot "{shown(name)}" in {lots.rows.file}')
        if parent == child:
            wrong(file, line, f'"{shown(parent)}" cannot go into itself')
        made.rows.lines.append(line)
        made.parent.append(lots.number[parent])
        made.child.append(lots.number[child])
        made.kg.append(_mass(file, line, kg, "kg", least=0.0, more=True))
        made.sigma_kg.append(_mass(file, line, sigma, "sigma_kg", least=0.0, more=False))
    return made


def _fields(file: Path, wanted: Sequence[str], label: str) -> Iterator[tuple[int, list[str]]]:
    """Rows with their line, fields in the order wanted."""
    rows = rows_of(file)
    _, head = next(rows, (1, []))
    names = [name.strip() for name in head]
    if sorted(names) != sorted(wanted):
        wrong(
            file, 1, f"the columns are {', '.join(wanted)}; here they are {shown(', '.join(names)) or 'none'}"
        )
    places = [names.index(name) for name in wanted]
    straight = places == list(range(len(wanted)))
    for _ in paced(range(lines_in(file) // _PIECE + 2), label, lines_in(file) // _PIECE + 2):
        for count, (line, row) in enumerate(rows, 1):
            if len(row) != len(wanted):
                wrong(file, line, f"{len(row)} fields, where the header has {len(wanted)}")
            yield (
                line,
                [field.strip() for field in row] if straight else [row[place].strip() for place in places],
            )
            if count == _PIECE:
                break


def _check_name(file: Path, line: int, lot: str) -> None:
    if not lot:
        wrong(file, line, "there is no name for the lot")
    if len(lot) > _NAME_LIMIT or not lot.isprintable():
        wrong(file, line, f'"{shown(lot)}" is no name: at most {_NAME_LIMIT} characters that can be printed')


def _mass(file: Path, line: int, text: str, name: str, *, least: float, more: bool) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or "_" in text or not text.isascii():
        hint = "; write a decimal point" if "," in text else ""
        wrong(file, line, f'{name} "{shown(text)}" is not a number{hint}' if text else f"there is no {name}")
    if value < least or (more and value == least):
        wrong(file, line, f"{name} {value:g} is {'not above' if more else 'below'} {least:g}")
    if value > _MOST_KG:
        wrong(file, line, f"{name} {value:g} is above {_MOST_KG:g}: is it in kilograms?")
    return value


def _time(file: Path, line: int, text: str) -> int:
    if not text:
        wrong(file, line, "there is no closed_at")
    try:
        time_ns = instant(text)
    except (Exit, OverflowError):
        time_ns = 2**63
    if not -(2**63) <= time_ns < 2**63:
        wrong(file, line, f'closed_at "{shown(text)}": write it as 2026-11-21T08:00:00Z, or as nanoseconds')
    return time_ns


def _check_times(lots: _Nodes, links: _Edges) -> None:
    """An input is closed no later than what it went into, and nothing is made of itself by way of others."""
    closed = np.frombuffer(lots.closed_ns, np.int64)
    parent, child = _ints(links.parent), _ints(links.child)
    late = np.flatnonzero(closed[parent] > closed[child])
    if late.size:
        names = _names(lots, parent[late[0]], child[late[0]])
        raise links.rows.wrong(int(late[0]), f"{names[0]} was closed after {names[1]}, and cannot be in it")
    try:
        in_order(closed, parent, child, [*lots.number])
    except GenealogyError as error:
        cycle = _on_cycle(parent, child, len(closed))
        raise links.rows.wrong(cycle, f"a circle: {error}") from error


def _on_cycle(parent: NDArray[np.int64], child: NDArray[np.int64], size: int) -> int:
    """The last edge of a circle by the order of the file: what is left when lots without open inputs are taken away."""
    alive = np.ones(len(parent), np.bool_)
    while True:
        open_ = np.bincount(child[alive], minlength=size) > 0
        onward = np.bincount(parent[alive], minlength=size) > 0
        kept = alive & open_[parent] & onward[child]
        if kept.sum() == alive.sum():
            return int(np.flatnonzero(alive)[-1])
        alive = kept


def _check_masses(lots: _Nodes, links: _Edges) -> None:
    """No more is taken from a lot than it had, but for what the weighings are uncertain by."""
    graph = _graph(lots, links)
    over = graph.overdrawn()
    if over.size:
        name = graph.name(int(over[0]))
        drawn = np.flatnonzero(_ints(links.parent) == lots.number[name])
        taken = float(np.frombuffer(links.kg)[drawn].sum())
        had = lots.kg[lots.number[name]]
        raise links.rows.wrong(
            int(drawn[-1]), f'{taken:g} kg are taken from "{shown(name)}" in all, which has {had:g} kg'
        )


def _graph(lots: _Nodes, links: _Edges) -> Graph:
    closed = np.frombuffer(lots.closed_ns, np.int64)
    kind = np.frombuffer(lots.kind, np.int32)
    parent, child = _ints(links.parent), _ints(links.child)
    order = in_order(closed, parent, child, [*lots.number])
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    is_regrind = np.array([name == "regrind" for name in lots.kinds])[kind]
    fresh = np.zeros(len(order), np.bool_)  # made of something that is no regrind yet
    fresh[child[~is_regrind[parent]]] = True
    packed = np.array([name in PACKED for name in lots.kinds])[kind]
    flags = GROUND * (is_regrind & fresh) + AGGREGATED * packed
    parent, child = rank[parent], rank[child]
    rows = np.lexsort((parent, child))
    names = [*lots.number]
    none = np.zeros(len(order))
    return Graph(
        np.frombuffer(lots.kg)[order],
        closed[order],
        kind[order].astype(np.uint8),
        flags[order].astype(np.uint8),
        none,
        none,
        np.searchsorted(child[rows], np.arange(len(order) + 1)),
        parent[rows].astype(np.int32),
        np.frombuffer(links.kg)[rows],
        np.frombuffer(links.sigma_kg)[rows],
        np.zeros(len(rows), np.uint8),
        tuple(lots.kinds),
        tuple(names[place] for place in order.tolist()),
    )


def _ints(numbers: array[int]) -> NDArray[np.int64]:
    return np.frombuffer(numbers, np.int32).astype(np.int64)


def _names(lots: _Nodes, *numbers: int) -> list[str]:
    names = [*lots.number]
    return [f'"{shown(names[int(number)])}"' for number in numbers]

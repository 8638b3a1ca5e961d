"""Any-trace over one journal: which lots can hold anything at all of which, from arrays made of the tables.

A journal of many lots keeps the arrays in a file beside it, `links.npz`, with the number of versions they were made of.
Versions are never removed, so equal numbers are equal tables: what is older is made again, and never used.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import zipfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gateway.genealogy import GenealogyError, reach
from gateway.genealogy.chains import Chains
from gateway.genealogy.graph import Graph
from gateway.genealogy.order import in_order
from gateway.journal.errors import JournalCorrupt, translated
from gateway.journal.madelots import NEWEST, MadeLots

NAME = "links.npz"
KEPT_FROM = 50_000
"""Lots: fewer are read from the tables in less than half a second."""

_CHAINS = ("lot", "place", "begin", "end", "below_at", "below", "above_at", "above")


@dataclass(frozen=True, eq=False)
class Links:
    """Lots by number, in the order of making, and the chains they hang in."""

    names: NDArray[np.bytes_]  # [n], UTF-8
    by_name: NDArray[np.int32]  # [n]: their order by name
    kind: NDArray[np.uint8]  # [n], places in `kinds`
    kinds: tuple[str, ...]  # "": only named as an input
    chains: Chains

    def number(self, lot: str) -> int | None:
        """None for a lot that no event names."""
        wanted = np.bytes_(lot.encode("utf-8", "replace"))
        place = int(np.searchsorted(self.names, wanted, sorter=self.by_name))
        found = int(self.by_name[place]) if place < len(self.names) else -1
        return found if found >= 0 and self.names[found] == wanted else None

    def reached(self, lots: Iterable[str], *, forward: bool, kind: str | None = None) -> list[str]:
        """Lots that can hold anything of these, or of which these can; they themselves are not among them."""
        begun = [number for lot in lots if (number := self.number(lot)) is not None]
        if not begun:
            return []
        wanted = None if kind is None else self.kind == self._kind(kind)
        way = reach.forward if forward else reach.backward
        found = way(self.chains, np.array(begun, np.int64), wanted)
        found = found[~np.isin(found, begun)]
        return [name.decode("utf-8") for name in self.names[found].tolist()]

    def by_kind(self, lots: Iterable[str]) -> Counter[str]:
        """How many of these lots are of each kind."""
        numbers = (self.number(lot) for lot in lots)
        return Counter(self.kinds[int(self.kind[number])] for number in numbers if number is not None)

    def _kind(self, kind: str) -> int:
        return self.kinds.index(kind) if kind in self.kinds else 255


def links_of(db: sqlite3.Connection, path: Path, upto: int = NEWEST) -> Links:
    """The links of a journal as they are now, out of the file beside it where that is as new. Raises JournalError."""
    count = MadeLots(db, path).count(upto)
    file = path.with_name(NAME)
    if upto == NEWEST and count >= KEPT_FROM:
        kept = _kept(file, count)
        if kept is not None:
            return kept
    made = _made(db, path, upto)
    if upto == NEWEST and count >= KEPT_FROM:
        _keep(file, made, count)
    return made


def _made(db: sqlite3.Connection, path: Path, upto: int) -> Links:
    with translated(path):
        newest: dict[str, int] = {}
        kind_of: dict[str, tuple[str, int]] = {}
        for lot, seq, kind, time_ns in db.execute(_NEWEST, (upto,)):  # the newest version of a lot comes last
            newest[lot], kind_of[lot] = seq, (kind, time_ns)
        number = {lot: place for place, lot in enumerate(newest)}
        parents, children = [], []
        for parent, lot, seq in db.execute("SELECT parent, lot, seq FROM made_of WHERE seq <= ?", (upto,)):
            if newest[lot] == seq:
                parents.append(number.setdefault(parent, len(number)))
                children.append(number[lot])
    first = -(2**63)
    known = [kind_of.get(lot, ("", first)) for lot in number]
    kinds = tuple(sorted({kind for kind, _ in known}))
    places = {kind: place for place, kind in enumerate(kinds)}
    closed = np.array([time_ns for _, time_ns in known], np.int64)
    parent, child = np.array(parents, np.int64), np.array(children, np.int64)
    names = [*number]
    try:
        order = in_order(
            closed, parent, child, names, late=True
        )  # a late scan may name a lot that was closed later
    except GenealogyError as error:
        raise JournalCorrupt(f"{path}: its lots go round in a circle: {error}") from error
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    code = np.array([places[kind] for kind, _ in known], np.uint8)
    encoded = np.array([name.encode("utf-8") for name in names] or [b""], np.bytes_)[order]
    return Links(
        encoded,
        np.argsort(encoded, kind="stable").astype(np.int32),
        code[order],
        kinds,
        Chains.of(_graph(code[order], rank[parent], rank[child])),
    )


def _graph(kind: NDArray[np.uint8], parent: NDArray[np.int64], child: NDArray[np.int64]) -> Graph:
    """Links alone: no masses. Kinds there are, as chains go by them: the contents of one vessel make one chain."""
    size = len(kind)
    rows = np.lexsort((parent, child))
    none, small = np.zeros(size), np.zeros(size, np.uint8)
    start = np.searchsorted(child[rows], np.arange(size + 1))
    edges = np.zeros(len(rows))
    return Graph(
        none, none.astype(np.int64), kind, small, none, none, start, parent[rows].astype(np.int32),
        edges, edges, edges.astype(np.uint8),
    )  # fmt: skip


def _kept(file: Path, count: int) -> Links | None:
    """None: there is no file, or it is not of so many versions, or not whole."""
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as held:
            if int(held["count"]) != count:
                return None
            chains = Chains(*(held[name] for name in _CHAINS))
            return Links(held["names"], held["by_name"], held["kind"], tuple(held["kinds"].tolist()), chains)
    except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile):
        return None


def _keep(file: Path, made: Links, count: int) -> None:
    """Whole or not at all; where nobody may write, the next one makes them again."""
    partial = file.with_name(f"{file.name}.{os.getpid()}")
    with contextlib.suppress(OSError):
        try:
            with partial.open("wb") as stream:
                np.savez(
                    stream,
                    allow_pickle=False,
                    count=np.int64(count),
                    names=made.names,
                    by_name=made.by_name,
                    kind=made.kind,
                    kinds=np.array(made.kinds, np.str_),
                    **{name: getattr(made.chains, name) for name in _CHAINS},
                )
            partial.replace(file)
        finally:
            partial.unlink(missing_ok=True)


_NEWEST = "SELECT lot, seq, kind, time_ns FROM made WHERE seq <= ? ORDER BY lot, version, seq"

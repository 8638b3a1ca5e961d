"""Which lots a lot was made of, and what was made of it, as scanned: over one journal or many replicas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.journal.lots import LotRecord, Window


class KnowsLots(Protocol):
    """What a trace asks of a reader."""

    def lot(self, lot: str) -> LotRecord | None: ...


@dataclass(frozen=True, slots=True)
class Node:
    """A lot in a trace."""

    lot: str
    depth: int  # links from the lot that was asked for
    windows: tuple[Window, ...]
    known: bool  # False: only named as a parent, never scanned by itself here


@dataclass(frozen=True, slots=True)
class Trace:
    """Lots in the order of their depth, and the links between them, each (parent, child) once."""

    nodes: tuple[Node, ...]
    links: tuple[tuple[str, str], ...]


def trace(readers: Sequence[KnowsLots], lot: str, *, forward: bool) -> Trace:
    """Forward what was made of the lot, backward what it was made of. A lot that is its own forebear ends there."""
    nodes: dict[str, Node] = {}
    links: dict[tuple[str, str], None] = {}
    rank = [lot]
    depth = 0
    while rank:
        following: dict[str, None] = {}
        for name in rank:
            records = [record for record in (reader.lot(name) for reader in readers) if record]
            windows = sorted({window for record in records for window in record.windows}, key=_since)
            nodes[name] = Node(name, depth, tuple(windows), any(record.changes for record in records))
            found = {
                other for record in records for other in (record.children if forward else record.parents)
            }
            for other in sorted(found):
                links[(name, other) if forward else (other, name)] = None
                if other not in nodes and other not in rank:
                    following[other] = None
        rank = list(following)
        depth += 1
    return Trace(tuple(nodes.values()), tuple(links))


def _since(window: Window) -> tuple[int, str]:
    return window.since_ns, window.cell

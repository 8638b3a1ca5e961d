"""Lots without what they are made of, thousands for one question: a statement brings many of them.

Where a lot went is told of ten thousand lots that were looked at. One by one that takes seconds: each is two statements
and a composition of hundreds of numbers, of which nobody wants any, or those of one source.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import orjson

from gateway.journal.codec import event_of
from gateway.model import LotMade

AT_ONCE = 500
"""Lots in one statement: a statement takes some milliseconds, and its names some kilobytes."""


class Edge(NamedTuple):
    """An `Ingredient`, at a third of its price."""

    lot: str
    kg: float
    sigma_kg: float
    mixing: str


class Brief(NamedTuple):
    """A `LotMade` in short, and where to look for the rest of it."""

    time_ns: int
    lot: str
    kind: str
    cell: str
    kg: float
    sigma_kg: float
    version: int
    aggregated: bool
    inputs: tuple[Edge, ...]
    digest: bytes | None  # of its composition; None: it stands in the event
    seq: int


Row = tuple[int, int, int, str, str, bytes | None]
"""seq, cause, time, kind, body, digest of the composition."""


def brief_of(row: Row) -> Brief:
    """Raises JournalCorrupt, ValueError, KeyError or TypeError for what is no lot."""
    seq, cause, time_ns, kind, body, digest = row
    plain: dict[str, Any] = orjson.loads(body)
    if digest is None or "composition" in plain:  # one with numbers that JSON cannot say keeps its own
        return _whole(event_of(seq, cause, time_ns, kind, body).event, seq)
    get = plain.get
    return Brief(
        time_ns,
        plain["lot"],
        plain["kind"],
        plain["cell"],
        plain["kg"],
        plain["sigma_kg"],
        get("version", 1),
        get("aggregated", False),
        tuple(
            [Edge(e["lot"], e["kg"], e.get("sigma_kg", 0.0), e.get("mixing", "")) for e in plain["inputs"]]
        ),
        digest,
        seq,
    )


def _whole(made: Any, seq: int) -> Brief:
    if not isinstance(made, LotMade):
        raise TypeError(f"event {seq} is no lot")
    edges = tuple(Edge(edge.lot, edge.kg, edge.sigma_kg, edge.mixing) for edge in made.inputs)
    return Brief(
        made.time_ns, made.lot, made.kind, made.cell, made.kg, made.sigma_kg, made.version, made.aggregated, edges,
        None, seq,
    )  # fmt: skip

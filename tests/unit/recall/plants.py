"""Small plants in journals with signed heads, for recalls."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gateway.clock import VirtualClock
from gateway.genealogy import Vector, mix, source, to_composition
from gateway.journal import Journal
from gateway.journal.signer import sign_now
from gateway.model import Block, Ingredient, LotMade, NumberedEvent
from tests.unit.journal.plant import Dice

T0 = 1_800_000_000_000_000_000
Row = tuple[str, str, float, Sequence[tuple[str, float, str]]]
"""Lot, kind, kilograms, what went in: lot, kilograms, mixing."""

NORTH: list[Row] = [
    ("R-1", "material", 1000.0, []),
    ("R-2", "material", 1000.0, []),
    ("G-1", "regrind", 50.0, [("R-1", 50.0, "")]),
    ("C-1", "content", 600.0, [("R-1", 600.0, "fifo"), ("R-1", 300.0, "mixed"), ("R-2", 300.0, "mixed")]),
    ("B-1", "batch", 100.0, [("C-1", 80.0, ""), ("G-1", 20.0, "")]),
    ("B-2", "batch", 100.0, [("R-2", 99.95, ""), ("G-1", 0.05, "")]),
    ("X-1", "box", 25.0, [("B-1", 25.0, "")]),
    ("X-2", "box", 25.0, [("B-1", 20.0, ""), ("B-2", 5.0, "")]),
    ("X-3", "box", 25.0, [("B-2", 25.0, "")]),
    ("P-1", "pallet", 50.0, [("X-1", 25.0, ""), ("X-2", 25.0, "")]),
    ("S-1", "shipment", 50.0, [("P-1", 50.0, "")]),
]
SOUTH: list[Row] = [
    ("X-1", "material", 25.0, []),  # what north shipped is a source here
    ("R-9", "material", 100.0, []),
    ("A-1", "batch", 50.0, [("X-1", 10.0, ""), ("R-9", 40.0, "")]),
    ("Y-1", "box", 50.0, [("A-1", 50.0, "")]),
]


def made(rows: Sequence[Row], first: int = 1) -> list[NumberedEvent]:
    vectors: dict[str, Vector] = {}
    events = []
    for place, (lot, kind, kg, inputs) in enumerate(rows):
        parts = [(vectors[name], part, 0.0, mixing) for name, part, mixing in inputs]
        vectors[lot] = mix(parts) if parts else source(lot)
        edges = tuple(Ingredient(name, part, 0.0, mixing) for name, part, mixing in inputs)
        whole = LotMade(T0 + place, lot, kind, "hall/line1", kg, 0.0, edges, to_composition(vectors[lot]))
        events.append(NumberedEvent(first + place, 0, whole))
    return events


def write(folder: Path, site: str, rows: Sequence[Row], each: int = 3) -> Path:
    """A journal of these lots in blocks of so many, its head signed."""
    events = made(rows)
    with Journal.open(
        folder, site=site, gateway="box", clock=VirtualClock(), entropy=Dice(len(rows))
    ) as journal:
        journal.take_in(Block((), tuple(events[at : at + each])) for at in range(0, len(events), each))
        sign_now(journal, VirtualClock(), Dice(9))
    return folder

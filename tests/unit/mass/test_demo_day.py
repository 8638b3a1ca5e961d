"""The demo's plant for some minutes: what is traced into each box is what the simulator itself put into it.

The simulator keeps kilograms by source lot and generation in books of its own, and knows nothing of meters or lots.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import replace

import pytest

from gateway.codes.identify import Identified, lot_of
from gateway.config import load
from gateway.folding.foldstate import State
from gateway.genealogy import EXACT, check
from gateway.model import Event, LotMade, Noted
from gateway.pipeline import Pipeline
from gateway.plain import from_plain, to_plain
from gateway.resources import config_dir
from simulators.plant.line import OPENING_LOT, Plant
from simulators.wholeday import inputs

pytestmark = pytest.mark.long  # a day of the demo is folded for all of them

LOADED = load(config_dir() / "demo" / "site.yaml")
SITE = replace(
    LOADED, characteristics=(), alarm_limits=(), lot_rules=(),
    devices=tuple(replace(device, anomaly=None) for device in LOADED.devices),
)  # fmt: skip
SECONDS = 90.0


def book_name(source: str) -> str:
    """The simulator's name of a source lot: it scans no GTIN, and what was there at first is one lot to it."""
    if ":opening:" in source:
        return OPENING_LOT
    return source.rpartition(":")[2]


class Day:
    """One run of the plant and of the fold beside it."""

    def __init__(self, seed: int, shift_ns: int) -> None:
        self.plant = Plant(seed)
        pipeline = Pipeline(SITE)
        state = pipeline.start()
        self.events: list[Event] = []
        self.inputs = list(inputs(self.plant, SITE, SECONDS, shift_ns))
        for given in self.inputs:
            step = pipeline.step(state, given)
            state = step.state
            self.events += step.events
        self.state = state
        packing = self.plant.packing
        named = ((lot_of(f"]C0{box}"), blend) for box, blend in {**packing.boxes, **packing.shipped}.items())
        self.boxes = {lot.lot: blend for lot, blend in named if isinstance(lot, Identified)}
        self.made = {event.lot: event for event in self.events if isinstance(event, LotMade)}


@pytest.fixture(scope="module", params=[(1, 3_000_000), (3, 17_000_000)], ids=["seed1", "seed3"])
def day(request) -> Day:
    return Day(*request.param)


def test_every_box_holds_what_the_books_say(day):
    compared = 0
    for box, blend in day.boxes.items():
        lot = day.made.get(box)
        if lot is None:
            continue
        made = lot.composition
        told: dict[str, list[float]] = {}
        for at, source in enumerate(made.sources):
            rows = [row[at] for row in made.shares]
            found = told.setdefault(book_name(source), [0.0, 0.0, 0.0])
            found[0] += min(rows)
            found[1] += max(rows)
            found[2] = math.hypot(found[2], made.sigma[at])
        books = blend.by_lot()
        for source in {*told, *books}:
            low, high, sigma = told.get(source, (0.0, 0.0, 0.0))
            unsure = 3 * math.hypot(sigma * lot.kg, high * lot.sigma_kg)
            kg = books.get(source, 0.0)
            assert low * lot.kg - unsure - 1e-9 <= kg <= (high + max(made.rest)) * lot.kg + unsure + 1e-9, (
                box,
                source,
            )
            compared += 1
    assert compared > 100


def test_every_box_holds_each_generation_as_the_books_say(day):
    for box, blend in day.boxes.items():
        if (lot := day.made.get(box)) is None:
            continue
        books: Counter[int] = Counter()
        for (_, generation), kg in blend.items():
            books[min(generation, 8)] += kg
        for generation in range(9):
            share = lot.composition.passes[0][generation]
            unsure = 3 * math.hypot(lot.composition.regrind_sigma * lot.kg, share * lot.sigma_kg)
            assert abs(books[generation] - share * lot.kg) <= unsure + 1e-9, (box, generation)


def test_every_box_is_weighed_and_none_differs(day):
    kinds = Counter(event.kind for event in day.events if isinstance(event, Noted))
    shipped = [event for event in day.events if isinstance(event, LotMade) and event.kind == "shipment"]
    assert len(shipped) > 12
    assert kinds["lot_weighed"] >= len(shipped)
    unwanted = {
        "weight_differs",
        "vessel_short",
        "mass_estimated",
        "mass_unknown",
        "lot_not_made",
        "level_differs",
    }
    assert not unwanted & set(kinds)


def test_no_lot_s_shares_miss_one(day):
    assert max(check(lot.composition) for lot in day.made.values()) <= EXACT


def test_the_state_stays_small_and_its_snapshot_is_the_state(day):
    assert len(day.state.mass.vectors) < 150
    assert len(json.dumps(to_plain(day.state.mass))) < 400_000
    again: State = from_plain(State, json.loads(json.dumps(to_plain(day.state))))
    assert to_plain(again.mass) == to_plain(day.state.mass)

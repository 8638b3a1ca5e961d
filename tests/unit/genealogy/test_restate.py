"""A correction changes what was made of the lot, and nothing else; a plant made anew with it is the same."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.genealogy import CannotMix, Correction, Cycle, Edge, Facts, Lot, mix, restated, share_of, source
from gateway.genealogy.restate import _same
from gateway.model import Ingredient
from tests.unit.genealogy.plants import Drawn, plants, vectors


class Tables:
    """A drawn plant as the journal's tables would tell it, and which lots were asked for."""

    def __init__(self, drawn: Drawn) -> None:
        self.drawn, self.vectors = drawn, vectors(drawn)
        self.asked: set[str] = set()
        self.lots = {lot.name: lot for lot in drawn.lots}

    def edges_into(self, lot):
        self.asked.add(lot)
        return [Ingredient(edge.parent, edge.kg, edge.sigma_kg, edge.mixing) for edge in self.drawn.into(lot)]

    def children_of(self, lot):
        return [edge.child for edge in self.drawn.edges if edge.parent == lot]

    def vector_of(self, lot):
        return self.vectors[lot]

    def facts_of(self, lot):
        return Facts(self.lots[lot].closed_ns, self.lots[lot].kg, self.lots[lot].ground)


def below(drawn: Drawn, lot: str) -> set[str]:
    reached = {lot}
    for edge in drawn.edges:  # in the order of their children
        if edge.parent in reached:
            reached.add(edge.child)
    return reached


@settings(max_examples=20)
@given(plants(40, ("", "fifo", "mixed")), st.integers(0, 2**32))
def test_as_if_it_had_been_so_from_the_start(drawn, seed):
    chance = random.Random(seed)
    made = [lot for lot in drawn.lots if drawn.into(lot.name)]
    if not made:
        return
    wrong = chance.choice(made)
    earlier = [lot.name for lot in drawn.lots[: wrong.closed_ns]]
    names = chance.sample(earlier, min(2, len(earlier)))
    inputs = tuple(Ingredient(name, float(chance.randint(1, 50)), 0.1) for name in names)
    tables = Tables(drawn)
    changed = restated(tables, [Correction(wrong.name, inputs=inputs)])
    kept = [edge for edge in drawn.edges if edge.child != wrong.name]
    new = [
        drawn.edges[0]._replace(parent=i.lot, child=wrong.name, kg=i.kg, sigma_kg=0.1, mixing="")
        for i in inputs
    ]
    expected = vectors(drawn._replace(edges=kept + new))
    assert changed.keys() <= below(drawn, wrong.name)
    assert tables.asked <= below(drawn, wrong.name)
    for lot in drawn.lots:
        now = changed.get(lot.name, tables.vectors[lot.name])
        assert _same(now, expected[lot.name]), lot.name
    order = [tables.lots[name].closed_ns for name in changed]
    assert order == sorted(order)


def small() -> Tables:
    lots = [Lot("A", 100, 0), Lot("B", 100, 1), Lot("batch", 50, 2), Lot("box", 20, 3), Lot("pallet", 40, 4)]
    lots += [Lot("other", 20, 2), Lot("C", 100, 9)]
    edges = [Edge("A", "batch", 50, 0.1), Edge("batch", "box", 20, 0.1), Edge("B", "other", 20, 0.1)]
    edges += [Edge("box", "pallet", 20, 0.1), Edge("other", "pallet", 20, 0.1)]
    return Tables(Drawn(sorted(lots, key=lambda lot: lot.closed_ns), edges, []))


def test_another_bag_than_the_one_scanned():
    changed = restated(small(), [Correction("batch", inputs=(Ingredient("B", 50.0),))])
    assert list(changed) == ["batch", "box", "pallet"]
    assert share_of(changed["pallet"], "B").low == pytest.approx(1.0)


def test_a_scan_twenty_minutes_late_brings_a_lot_made_later():
    changed = restated(small(), [Correction("batch", inputs=(Ingredient("A", 40.0), Ingredient("C", 10.0)))])
    assert share_of(changed["pallet"], "C").low == pytest.approx(0.1)


def test_a_recount_counts_where_all_of_the_lot_went():
    changed = restated(small(), [Correction("box", kg=10.0)])
    assert list(changed) == ["pallet"]
    assert share_of(changed["pallet"], "A").low == pytest.approx(1 / 3)


def test_what_is_said_twice_of_a_lot_is_taken_together():
    said = [
        Correction("box", kg=10.0),
        Correction("box", inputs=(Ingredient("B", 10.0),)),
        Correction("box", kg=5.0),
    ]
    changed = restated(small(), said)
    assert list(changed) == ["box", "pallet"]
    assert share_of(changed["box"], "B").low == 1.0


def test_a_source_that_was_another():
    changed = restated(small(), [Correction("A", source=source("A", recycled=0.5))])
    assert list(changed) == ["A", "batch", "box", "pallet"]
    assert changed["pallet"].recycled.tolist() == pytest.approx([0.25])
    other = mix([(source("supplier's 7"), 1.0, 0.0, "")])
    assert share_of(restated(small(), [Correction("A", source=other)])["pallet"], "supplier's 7").low == 0.5


def test_a_lot_that_came_from_outside_after_all():
    changed = restated(small(), [Correction("batch", inputs=())])
    assert share_of(changed["box"], "batch") == (1.0, 1.0, 0.0)


def test_what_is_as_it_was_changes_nothing():
    assert restated(small(), [Correction("batch", inputs=(Ingredient("A", 99.0, 0.1),))]) == {}


def test_a_lot_of_itself_is_refused():
    with pytest.raises(Cycle, match="batch would be made of pallet, which is made of it"):
        restated(small(), [Correction("batch", inputs=(Ingredient("pallet", 1.0),))])
    with pytest.raises(Cycle, match="batch would be made of batch"):
        restated(small(), [Correction("batch", inputs=(Ingredient("batch", 1.0),))])


def test_inputs_without_mass_are_refused():
    with pytest.raises(CannotMix, match="kg together"):
        restated(small(), [Correction("batch", inputs=(Ingredient("A", 0.0),))])

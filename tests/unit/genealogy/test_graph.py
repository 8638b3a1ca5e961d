"""A graph is refused with the lot's name where it cannot be one, and is put in the order of making otherwise."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings

from gateway.genealogy import (
    CannotMix,
    Cycle,
    Edge,
    Exact,
    Graph,
    LaterInput,
    Lot,
    Overdrawn,
    SameLot,
    UnknownLot,
)
from gateway.genealogy.levels import levels
from gateway.genealogy.order import in_order
from tests.unit.genealogy.plants import plants

RESIN, BLEND, BOX = Lot("resin", 100.0, 1), Lot("blend", 50.0, 2), Lot("box", 10.0, 3)


@pytest.mark.parametrize(
    ("lots", "edges", "error", "words"),
    [
        ([RESIN, RESIN], [], SameLot, "two lots are called resin"),
        ([RESIN], [Edge("resin", "box", 1.0)], UnknownLot, "from resin to box: there is no lot box"),
        ([BOX], [Edge("resin", "box", 1.0)], UnknownLot, "from resin to box: there is no lot resin"),
        ([RESIN, BLEND], [Edge("blend", "resin", 1.0)], LaterInput, "resin is said to be made of blend"),
        ([RESIN], [Edge("resin", "resin", 1.0)], Cycle, "resin is made of itself"),
        (
            [RESIN, BLEND, BOX],
            [Edge("resin", "blend", 1.0), Edge("blend", "box", 1.0), Edge("box", "blend", 1.0)],
            Cycle,
            "(blend|box) is made of itself",
        ),
        ([RESIN, BLEND], [Edge("resin", "blend", -1.0)], CannotMix, "blend: -1.0 .* kg of resin is no mass"),
        ([RESIN, BLEND], [Edge("resin", "blend", 1.0, 0.0, "?")], CannotMix, "blend: mixing is"),
        ([Lot("resin", -1.0)], [], CannotMix, "resin: -1.0 kg is no mass"),
        ([Lot("resin", 1.0, recycled=2.0)], [], CannotMix, "resin: recycled content"),
    ],
)
def test_what_is_no_genealogy_is_refused_by_name(lots, edges, error, words):
    with pytest.raises(error, match=words):
        Graph.of(lots, edges)


def test_an_input_scanned_late_is_borne_where_that_is_asked_for():
    closed, parent, child = np.array([50, 20, 30]), np.array([0, 1]), np.array([1, 2])
    assert in_order(closed, parent, child, ["resin", "batch", "box"], late=True).tolist() == [0, 1, 2]
    with pytest.raises(Cycle, match="is made of itself"):
        in_order(closed, np.array([0, 1]), np.array([1, 0]), ["resin", "batch", "box"], late=True)


def test_inputs_without_mass_are_found_when_they_are_weighed():
    graph = Graph.of([RESIN, BLEND], [Edge("resin", "blend", 0.0)])
    with pytest.raises(CannotMix, match="blend: its inputs have no mass"):
        graph.weights(0)


def test_more_than_there_was_is_found_beyond_the_weighing():
    edges = [Edge("resin", "blend", 60.0, 0.5), Edge("resin", "box", 42.0, 0.5)]
    Graph.of([RESIN, BLEND, BOX], edges).check_drawn()  # 2 kg too many, at 0.7 kg of uncertainty
    graph = Graph.of([RESIN, BLEND, BOX], [edges[0], Edge("resin", "box", 45.0, 0.5)])
    with pytest.raises(Overdrawn, match="resin had 100 kg, and 105 kg were taken from it"):
        graph.check_drawn()


def test_a_silo_is_not_drawn_from_twice():
    """80 kg by layers and 80 kg from the mixed content are the same 80 kg, told twice."""
    edges = [Edge("resin", "box", 80.0, 0.0, "fifo"), Edge("resin", "blend", 80.0, 0.0, "mixed")]
    Graph.of([RESIN, BLEND, BOX], edges).check_drawn()


def test_lots_without_a_name_go_by_their_number():
    graph = Graph.of([RESIN, BLEND], [Edge("resin", "blend", 200.0)])
    bare = Graph(
        *(getattr(graph, name) for name in Graph.__dataclass_fields__ if name not in {"kinds", "names"})
    )
    with pytest.raises(Overdrawn, match="lot 0 had 100 kg"):
        bare.check_drawn()


@settings(max_examples=20)
@given(plants(30, ("", "fifo", "mixed")))
def test_the_order_of_lines_in_a_file_changes_nothing(drawn):
    chance = random.Random(2)
    same_time = [lot._replace(closed_ns=lot.closed_ns // 5) for lot in drawn.lots]  # then inputs decide
    lots, edges = chance.sample(same_time, len(same_time)), chance.sample(drawn.edges, len(drawn.edges))
    graph = Graph.of(lots, edges)
    assert (graph.parent < graph.child).all()
    place = {name: number for number, name in enumerate(graph.names)}
    one, other = Exact(graph), Exact(drawn.graph())
    for number, lot in enumerate(drawn.lots):
        moved = one.lot(place[lot.name])[:, [place[other_lot.name] for other_lot in drawn.lots]]
        assert moved == pytest.approx(other.lot(number), abs=1e-15)


@settings(max_examples=10)
@given(plants(60))
def test_levels_come_after_what_they_are_made_of(drawn):
    graph = drawn.graph()
    for block in (None, 1, 7):
        order = levels(graph, block)
        seen = set(graph.sources.tolist())
        for level in range(len(order)):
            lots = order.lots[order.lot_at[level] : order.lot_at[level + 1]].tolist()
            edges = order.edges[order.edge_at[level] : order.edge_at[level + 1]]
            assert set(graph.parent[edges].tolist()) <= seen
            assert sorted(set(graph.child[edges].tolist())) == sorted(lots)
            seen |= set(lots)
        assert seen == set(range(len(graph)))


def test_weights_sum_to_exactly_one():
    chance = np.random.default_rng(3)
    lots = [Lot(f"L{i}", 1.0, i) for i in range(200)]
    edges = [Edge(f"L{j}", f"L{i}", float(chance.random())) for i in range(1, 200) for j in range(0, i, 7)]
    graph = Graph.of(lots, edges)
    sums = np.add.reduceat(graph.weights(0), graph.start[1:-1])
    assert (sums == 1.0).all()


def test_an_empty_plant_is_a_plant():
    graph = Graph.of([], [])
    assert (len(graph), len(levels(graph)), graph.weights(0).tolist()) == (0, 0, [])


def test_of_a_cycle_a_lot_is_named_that_is_on_it_and_none_below() -> None:
    names = ["resin", "mill", "press", "box"]
    parent, child = np.array([2, 0, 1, 2]), np.array([3, 1, 2, 1])  # the box first: it waits as well
    with pytest.raises(Cycle, match=r"^(mill|press) is made of itself"):
        in_order(np.arange(4), parent, child, names)

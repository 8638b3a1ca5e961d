"""Small cases with numbers anybody can work out, for what a drawn plant would show late or never."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gateway.genealogy import (
    Correction,
    Edge,
    Facts,
    Graph,
    Lot,
    Vector,
    mix,
    rebuild,
    restated,
    share_of,
    source,
)
from gateway.genealogy.restate import _same
from gateway.genealogy.vector import EXACT
from gateway.model import Ingredient

A, B, C = source("A"), source("B"), source("C")


def test_boxes_of_one_batch_are_that_batch_to_the_last_bit() -> None:
    batch = mix([(A, 1.0, 0.1, ""), (B, 0.7, 0.0, ""), (C, 0.1, 0.0, "")])
    for kilograms in ((0.1, 0.7, 0.3), (1.3, 7.6, 6.9), (2.4, 4.5, 4.1), (6.9, 0.1, 4.1)):
        pallet = mix([(batch, kg, 0.01, "") for kg in kilograms])
        assert pallet.sources == batch.sources
        assert pallet.table.tobytes() == batch.table.tobytes(), kilograms


def test_two_boxes_of_a_batch_beside_another_are_weighed_apart() -> None:
    """3 +- 0.3 and 1 +- 0.4 kg of A, 4 kg of B: 4 +- 0.5 kg of A."""
    two = mix([(A, 3.0, 0.3, ""), (A, 1.0, 0.4, ""), (B, 4.0, 0.0, "")])
    assert share_of(two, "A") == pytest.approx((0.5, 0.5, 0.5 * 0.5 / 8))


def test_flags_and_declared_content_are_those_that_were_said() -> None:
    plain, ground, pallet = Lot("a", 1.0), Lot("b", 1.0, ground=True), Lot("c", 1.0, aggregated=True)
    flags = Graph.of([plain, ground, pallet], []).flags.tolist()
    assert (flags[0], len(set(flags))) == (0, 3)
    graph = Graph.of([Lot("a", 1.0, recycled=0.3, recycled_sigma=0.05), Lot("b", 1.0)], [])
    assert (graph.recycled.tolist(), graph.recycled_sigma.tolist()) == ([0.3, 0.0], [0.05, 0.0])


def rebuilt(graph: Graph, block: int = 4) -> dict[str, Vector]:
    own: dict[int, Vector] = {}
    found = {}
    for part in rebuild(graph, block):
        own |= {lot: part.vector(place, graph.names) for place, lot in enumerate(part.own.tolist())}
        assert part.defect() <= EXACT
        assert (int(part.at[0]), int(part.at[-1]), len(part.share[0])) == (0, *[len(part.source)] * 2)
        for lot, same in zip(range(part.begin, part.end), part.same_as.tolist(), strict=True):
            found[graph.names[lot]] = own[same]
    return found


def test_a_weighing_is_unsure_in_the_rows_in_which_it_counts() -> None:
    """Out of a vessel: A if first in, first out, B if mixed, and some of C anyway, A alone weighed badly."""
    lots = [Lot("A", 9.0, 0), Lot("B", 9.0, 1), Lot("C", 9.0, 2), Lot("batch", 4.0, 3)]
    parts = [("A", 2.0, 0.5, "fifo"), ("B", 2.0, 0.0, "mixed"), ("C", 2.0, 0.0, "")]
    graph = Graph.of(lots, [Edge(name, "batch", kg, sigma, how) for name, kg, sigma, how in parts])
    one, other = (
        rebuilt(graph)["batch"],
        mix([(source(name), kg, sigma, how) for name, kg, sigma, how in parts]),
    )
    for name in "ABC":
        assert share_of(one, name) == pytest.approx(share_of(other, name))
    assert share_of(one, "B") == pytest.approx((0.0, 0.5, 0.0))
    assert share_of(one, "C") == pytest.approx((0.5, 0.5, 0.5 * 0.5 / 4))


def test_a_plant_of_several_blocks_is_mixed_as_lot_by_lot() -> None:
    """Resin A, B; blends, one ground and fed back; boxes that share a vector. Worked out in eighths."""
    lots = [Lot("A", 99.0, 0, recycled=0.5, recycled_sigma=0.1), Lot("B", 99.0, 1), Lot("b1", 8.0, 2)]
    lots += [Lot("g1", 4.0, 3, ground=True), Lot("b2", 8.0, 4), Lot("x1", 2.0, 5), Lot("x2", 4.0, 6)]
    lots += [Lot("g2", 4.0, 7, ground=True), Lot("b3", 8.0, 8)]
    into = [("A", "b1", 6.0), ("B", "b1", 2.0), ("b1", "g1", 4.0), ("A", "b2", 4.0), ("g1", "b2", 4.0)]
    into += [("b2", "x1", 2.0), ("x1", "x2", 2.0), ("b2", "g2", 4.0), ("g2", "b3", 4.0), ("B", "b3", 4.0)]
    graph = Graph.of(lots, [Edge(above, below, kg, 0.0) for above, below, kg in into])
    for block in (1, 2, 4, 64):
        found = rebuilt(graph, block)
        assert {name: share_of(vector, "A").low for name, vector in found.items()} == pytest.approx(
            {
                "A": 1,
                "B": 0,
                "b1": 6 / 8,
                "g1": 6 / 8,
                "b2": 7 / 8,
                "x1": 7 / 8,
                "x2": 7 / 8,
                "g2": 7 / 8,
                "b3": 7 / 16,
            }
        )
        assert found["b3"].passes[0, :4].tolist() == pytest.approx([0.5, 0.25, 0.25, 0.0])
        assert found["b2"].recycled.tolist() == pytest.approx([7 / 16])
        assert float(found["b2"].sigma[-1]) == pytest.approx(0.1 * 7 / 8)
        assert found["g2"].regrind.tolist() == [1.0]


class Bag:
    """A bag of 20 kg, all or some of which went into a box, with another."""

    def __init__(self, taken: float, bag: Vector = A) -> None:
        self._into = [Ingredient("bag", taken), Ingredient("other", 20.0)]
        self._vectors = {"bag": bag, "other": B, "box": mix([(bag, taken, 0.0, ""), (B, 20.0, 0.0, "")])}

    def edges_into(self, lot: str) -> list[Ingredient]:
        return self._into if lot == "box" else []

    def children_of(self, lot: str) -> list[str]:
        return [] if lot == "box" else ["box"]

    def vector_of(self, lot: str) -> Vector:
        return self._vectors[lot]

    def facts_of(self, lot: str) -> Facts:
        return Facts({"bag": 0, "other": 1, "box": 2}[lot], 20.0)


@pytest.mark.parametrize(
    ("taken", "share"), [(20.0, 1 / 3), (20.0 * (1 + 5e-10), 1 / 3), (19.9, None), (20.1, None)]
)
def test_a_recount_counts_where_all_was_taken_but_for_rounding(taken: float, share: float | None) -> None:
    changed = restated(Bag(taken), [Correction("bag", kg=10.0)])
    assert (share_of(changed["box"], "A").low if changed else None) == (share and pytest.approx(share))


def test_each_thing_said_of_a_lot_holds_until_it_is_said_anew() -> None:
    another = mix([(source("C"), 1.0, 0.0, "")])
    said = [Correction("bag", source=another), Correction("bag", kg=10.0)]
    for order in (said, said[::-1]):
        changed = restated(Bag(20.0), order)
        assert share_of(changed["box"], "C").low == pytest.approx(1 / 3)
    changed = restated(Bag(20.0), [*said, Correction("bag", kg=20.0, source=B)])
    assert share_of(changed["box"], "B").low == 1.0


def two_rows(*, more: float) -> Vector:
    """A half and half of A and B, in one row `more` of A than in the other."""
    tail, sigma = np.zeros((2, 11)), np.zeros(4)
    tail[:, 2] = 1.0
    return Vector.of(("A", "B"), np.array([[0.5, 0.5], [0.5 + more, 0.5 - more]]), tail, sigma)


def test_two_rows_are_one_only_where_both_are_near_it() -> None:
    half = mix([(A, 1.0, 0.0, ""), (B, 1.0, 0.0, "")])
    assert half.rows == 1
    assert _same(two_rows(more=EXACT / 2), half)
    assert _same(half, two_rows(more=EXACT / 2))
    assert not _same(two_rows(more=3 * EXACT), half)
    assert not _same(half, two_rows(more=0.25))
    unsure = mix([(A, 1.0, 0.1, ""), (B, 1.0, 0.0, "")])
    assert not _same(two_rows(more=0.0), unsure), "as much, but less surely"


def test_names_in_another_order_are_the_same_lot() -> None:
    one, other = mix([(A, 1.0, 0.0, ""), (B, 3.0, 0.0, "")]), mix([(B, 3.0, 0.0, ""), (A, 1.0, 0.0, "")])
    turned = Vector(one.sources[::-1], one.table[:, [1, 0, *range(2, one.table.shape[1])]])
    assert _same(one, turned)
    assert _same(one, other)
    assert not _same(one, mix([(A, 3.0, 0.0, ""), (B, 1.0, 0.0, "")]))
    assert not _same(one, mix([(A, 1.0, 0.0, ""), (C, 3.0, 0.0, "")]))


def test_what_is_cut_off_is_counted_and_its_weighing_is_not_followed() -> None:
    first = mix([(A, 1.0, 0.1, ""), (B, 1.0, 0.0, ""), (C, 1e-7, 0.0, "")])
    other = mix([(first, 1.0, 0.1, ""), (B, 1.0, 0.1, "")])
    assert float(other.rest[0]) == pytest.approx(0.25e-7, rel=1e-6)
    followed = (
        len(other.sources) + 2
    )  # sources, regrind share, recycled content; then the rest and the passes
    assert other.table[-1, followed:].tolist() == [0.0] * 10


def test_where_both_ways_to_mix_give_the_same_there_is_one_row() -> None:
    same = mix([(A, 1.0, 0.1, "fifo"), (A, 1.0, 0.1, "mixed"), (B, 1.0, 0.0, "")])
    assert (same.rows, sorted(same.sources)) == (1, ["A", "B"])
    assert share_of(same, "A") == pytest.approx((0.5, 0.5, 0.5 * 0.1 / 2))
    other = mix([(A, 1.0, 0.0, "fifo"), (A, 2.0, 0.0, "mixed"), (B, 1.0, 0.0, "")])
    assert other.rows == 2
    assert share_of(other, "A")[:2] == pytest.approx((1 / 2, 2 / 3))


@pytest.mark.parametrize("how", ["fifo", "mixed"])
def test_what_counts_in_one_row_only_stands_for_the_other(how: str) -> None:
    lots = [Lot("A", 9.0, 0), Lot("B", 9.0, 1), Lot("C", 9.0, 2), Lot("x", 4.0, 3), Lot("y", 4.0, 4)]
    edges = [
        Edge("A", "x", 1.0, 0.0, how),
        Edge("B", "x", 3.0, 0.0, how),
        Edge("C", "y", 1.0),
        Edge("x", "y", 3.0),
    ]
    graph = Graph.of(lots, edges)
    assert graph.weights(0).tolist() == graph.weights(1).tolist() == [0.25, 0.75, 0.25, 0.75]
    assert share_of(rebuilt(graph)["y"], "B") == pytest.approx((9 / 16, 9 / 16, 0.0))


def test_a_part_too_small_to_weigh_does_not_take_from_the_sum() -> None:
    vector = mix([(A, 1.0, 0.0, ""), (B, 1e-20, 0.0, ""), (C, 1.0, 0.0, "")])
    assert math.fsum(vector.shares[0].tolist()) + float(vector.rest[0]) == 1.0

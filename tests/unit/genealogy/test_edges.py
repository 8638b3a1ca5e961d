"""Genealogy where it turns: what is just no mass, just overdrawn, and whose uncertainty is whose.

Found by mutation testing (`python -m benchmarks mutation --room genealogy`): each of these could be broken unnoticed.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from gateway.genealogy import (
    CannotMix,
    Cycle,
    Edge,
    Graph,
    Lot,
    Overdrawn,
    mix,
    regrind_share,
    share_of,
    source,
)
from gateway.genealogy.bounds import Bound, recycled
from gateway.genealogy.levels import changes, levels


@pytest.mark.parametrize("kg", [-1e-9, math.inf, math.nan])
def test_what_is_no_mass(kg: float) -> None:
    with pytest.raises(CannotMix, match="is no mass"):
        Graph.of([Lot("bag", kg)], [])
    with pytest.raises(CannotMix, match="is no mass"):
        Graph.of([Lot("bag", 1.0), Lot("box", 1.0, 1)], [Edge("bag", "box", kg)])
    with pytest.raises(CannotMix, match="is no mass"):
        Graph.of([Lot("bag", 1.0), Lot("box", 1.0, 1)], [Edge("bag", "box", 1.0, kg)])


def test_a_lot_of_nothing_is_a_lot() -> None:
    assert Graph.of([Lot("bag", 0.0)], []).kg.tolist() == [0.0]


@pytest.mark.parametrize(("share", "sigma"), [(-0.001, 0.0), (1.001, 0.0), (0.5, -0.001), (0.5, math.inf)])
def test_recycled_content_that_cannot_be(share: float, sigma: float) -> None:
    with pytest.raises(CannotMix, match="recycled content is a share from 0 to 1"):
        Graph.of([Lot("bag", 1.0, recycled=share, recycled_sigma=sigma)], [])


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_recycled_content_at_its_ends(share: float) -> None:
    assert len(Graph.of([Lot("bag", 1.0, recycled=share)], [])) == 1


def drawn(kg: float, *, sigma: float = 1.0, mixing: tuple[str, str] = ("", "")) -> Graph:
    """A bag of 100 kg, of which two boxes take so much together."""
    lots = [Lot("bag", 100.0, 1), Lot("one", kg / 2, 2), Lot("two", kg / 2, 3)]
    return Graph.of(
        lots,
        [Edge("bag", name, kg / 2, sigma, how) for name, how in zip(("one", "two"), mixing, strict=True)],
    )


@pytest.mark.parametrize(("kg", "over"), [(100.0, []), (108.4, []), (108.5, [0]), (200.0, [0])])
def test_more_may_be_taken_by_six_standard_uncertainties(kg: float, over: list[int]) -> None:
    """Of two weighings of 1 kg each: 6 sqrt(2) = 8.485 kg."""
    assert drawn(kg).overdrawn().tolist() == over
    if over:
        with pytest.raises(Overdrawn, match="bag"):
            drawn(kg).check_drawn()


def test_exact_weighings_leave_no_room() -> None:
    assert drawn(100.0, sigma=0.0).overdrawn().tolist() == []
    assert drawn(100.001, sigma=0.0).overdrawn().tolist() == [0]


def test_what_may_have_gone_by_either_way_counts_in_its_own_row_only() -> None:
    """120 kg, 60 of them only if the vessel was mixed and 60 only if it was not: no row has more than there is."""
    assert drawn(120.0, sigma=0.0, mixing=("fifo", "mixed")).overdrawn().tolist() == []
    assert drawn(240.0, sigma=0.0, mixing=("fifo", "mixed")).overdrawn().tolist() == [0]


def test_each_uncertainty_is_of_its_own_share() -> None:
    """Half of a bag with declared content 0.4 +- 0.02 and half of one with 0.1 exactly, weighed exactly."""
    half = mix([(source("a", 0.4, 0.02), 5.0, 0.0, ""), (source("b", 0.1), 5.0, 0.0, "")])
    assert recycled(half) == pytest.approx(Bound(0.25, 0.25, 0.01))
    assert regrind_share(half) == Bound(0.0, 0.0, 0.0)
    assert share_of(half, "a") == Bound(0.5, 0.5, 0.0)
    assert share_of(half, "c") == Bound(0.0, 0.0, 0.0)


def test_the_uncertainty_of_weighing_is_that_of_shares() -> None:
    """Of two equal parts, one weighed to 0.1 of 5 kg: d share = (1 - 0.5) 0.1 / 10."""
    half = mix([(source("a"), 5.0, 0.1, ""), (source("b"), 5.0, 0.0, "")])
    assert share_of(half, "a").sigma == pytest.approx(0.005)
    assert share_of(half, "b").sigma == pytest.approx(0.005)


def test_ground_material_is_all_regrind_one_pass_on() -> None:
    once = mix([(source("a"), 5.0, 0.0, "")], ground=True)
    assert regrind_share(once) == Bound(1.0, 1.0, 0.0)
    mixed = mix([(once, 1.0, 0.0, ""), (source("b"), 3.0, 0.0, "")])
    assert regrind_share(mixed) == pytest.approx(Bound(0.25, 0.25, 0.0))
    twice = mix([(mixed, 1.0, 0.0, "")], ground=True)
    assert regrind_share(twice) == Bound(1.0, 1.0, 0.0)
    passes = [each.passes.tolist()[0][:3] for each in (once, mixed, twice)]
    assert passes == [[0.0, 1.0, 0.0], [0.75, 0.25, 0.0], [0.0, 0.75, 0.25]]


def test_runs_begin_where_keys_change() -> None:
    assert changes(np.array([3, 3, 5, 5, 5, 9])).tolist() == [True, False, True, False, False, True]
    assert changes(np.array([7])).tolist() == [True]
    assert changes(np.array([], np.int64)).tolist() == []


def test_a_lot_is_one_level_below_its_deepest_input() -> None:
    names = ["a", "b", "c", "d", "e"]
    lots = [Lot(name, 100.0, number) for number, name in enumerate(names)]
    edges = [("a", "b"), ("b", "c"), ("a", "c"), ("a", "d"), ("c", "e"), ("d", "e")]
    graph = Graph.of(lots, [Edge(parent, child, 1.0) for parent, child in edges])
    order = levels(graph)
    found = [
        order.lots[one:two].tolist() for one, two in zip(order.lot_at[:-1], order.lot_at[1:], strict=True)
    ]
    assert [[names[lot] for lot in level] for level in found] == [["b", "d"], ["c"], ["e"]]


def test_a_vessel_of_which_nobody_knows_how_it_mixed_has_two_rows_of_everything() -> None:
    ground = mix([(source("a"), 1.0, 0.0, "")], ground=True)
    either = mix([(source("a"), 1.0, 0.0, "fifo"), (ground, 1.0, 0.0, "mixed")])
    assert (either.shares.shape, either.passes.shape) == ((2, 1), (2, 9))
    assert (either.rest.tolist(), sorted(either.regrind.tolist())) == ([0.0, 0.0], [0.0, 1.0])
    assert sorted(row[:2] for row in either.passes.tolist()) == [[0.0, 1.0], [1.0, 0.0]]
    assert regrind_share(either) == Bound(0.0, 1.0, 0.0)
    assert either.sigma.tolist() == [0.0, 0.0, 0.0]


def test_who_is_made_of_itself_is_named_and_not_what_hangs_on_it() -> None:
    lots = [Lot(name, 1.0) for name in ("resin", "box", "mill", "press")]
    into = [("resin", "press"), ("mill", "press"), ("press", "mill"), ("press", "box")]
    with pytest.raises(Cycle, match=r"^(mill|press) is made of itself"):
        Graph.of(lots, [Edge(parent, child, 1.0) for parent, child in into])


def test_levels_of_blocks_stay_in_their_block() -> None:
    lots = [Lot(f"L{number}", 9.0, number) for number in range(6)]
    graph = Graph.of(lots, [Edge(f"L{number}", f"L{number + 1}", 1.0) for number in range(5)])
    order = levels(graph, block=2)
    found = [
        order.lots[one:two].tolist() for one, two in zip(order.lot_at[:-1], order.lot_at[1:], strict=True)
    ]
    assert found == [[1], [2], [3], [4], [5]]
    assert levels(Graph.of(lots, []), block=2).lots.tolist() == []

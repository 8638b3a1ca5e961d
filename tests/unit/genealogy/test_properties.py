"""What holds for every plant: nothing is lost, the bound is never broken, the order of inputs does not matter."""

from __future__ import annotations

import random
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings

from benchmarks.genealogy_plant import CONTENT
from benchmarks.genealogy_plant import plant as big_plant
from gateway.genealogy import EXACT, Exact, check, mix, share_of, source, to_composition
from tests.unit.genealogy.plants import fractions, plants, vectors

ALL = ("", "", "fifo", "mixed")


@settings(max_examples=20)
@given(plants(40))
def test_what_came_in_is_in_the_end_somewhere(drawn):
    made, exact = vectors(drawn), Exact(drawn.graph())
    left = np.array(drawn.left, float)
    rounding = 1e-14 * left.sum()
    for number, lot in enumerate(drawn.lots):
        if drawn.into(lot.name):
            continue
        assert exact.source(number)[0] @ left == pytest.approx(lot.kg, abs=rounding)
        held = [
            (share_of(made[other.name], lot.name), kg)
            for other, kg in zip(drawn.lots, drawn.left, strict=True)
        ]
        assert sum(bound.low * kg for bound, kg in held) <= lot.kg + rounding
        assert sum(bound.high * kg for bound, kg in held) >= lot.kg - rounding


def test_so_it_is_in_each_row_of_a_plant_with_silos():
    """The mixed row as it stands. In the row of layers contents of silos are no lots: what they hold, layers hold."""
    graph = big_plant(3_000).graph
    sources = graph.sources.tolist()
    held = Exact(graph).sources(sources)
    for row in range(2):
        counts = graph.mixing != 2 - row
        left = graph.kg - np.bincount(graph.parent[counts], graph.edge_kg[counts], len(graph))
        assert left.min() > -1e-6
        if row == 0:
            left[
                np.unique(
                    graph.child[graph.mixing == 2][graph.kind[graph.child[graph.mixing == 2]] == CONTENT]
                )
            ] = 0
        assert left @ held[row] == pytest.approx(graph.kg[sources], rel=1e-9)


@pytest.mark.long
@settings(max_examples=25)
@given(plants(45, ALL))
def test_the_bound_holds_the_exact_share(drawn):
    exact = Exact(drawn.graph())
    for row in range(2):
        truth = fractions(drawn, row)
        for number, (lot, vector) in enumerate(vectors(drawn).items()):
            one = min(row, vector.rows - 1)
            share = dict(zip(vector.sources, vector.shares[one].tolist(), strict=True))
            solved = exact.lot(number)
            assert check(vector) <= EXACT
            for name, true in truth[number].items():
                low = share.get(name, 0.0)
                assert low - EXACT <= float(true) <= low + float(vector.rest[one]) + EXACT
                assert abs(solved[min(row, len(solved) - 1), int(name[1:])] - float(true)) <= EXACT
                bound = share_of(vector, name)
                assert bound.low - EXACT <= float(true) <= bound.high + EXACT
            assert sum(truth[number].values()) == Fraction(1), lot


@settings(max_examples=25)
@given(plants(30, ALL))
def test_the_order_of_inputs_changes_nothing(drawn):
    chance = random.Random(1)
    made = vectors(drawn)
    for lot in drawn.lots:
        parts = [(made[edge.parent], edge.kg, edge.sigma_kg, edge.mixing) for edge in drawn.into(lot.name)]
        if parts:
            chance.shuffle(parts)
            assert to_composition(mix(parts, ground=lot.ground)) == to_composition(made[lot.name])


@pytest.mark.long
def test_sums_stay_one_through_ten_thousand_mixings():
    """The benchmark does a hundred thousand; what is lost grows at most with their number."""
    chance = random.Random(7)
    lots = [source(f"S{number}") for number in range(8)]
    worst = 0.0
    for _ in range(10_000):
        one, two, three = chance.sample(range(8), 3)
        thirds = chance.random() < 0.5  # the case in which weights that were only divided would lose most
        kg = (1.0, 1.0, 1.0) if thirds else (chance.random(), chance.random(), chance.random())
        parts = [(lots[place], k, 0.0, "") for place, k in zip((one, two, three), kg, strict=True)]
        lots[one] = mix(parts)
        worst = max(worst, check(lots[one]))
    assert worst <= EXACT / 10

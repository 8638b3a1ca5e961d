"""A plant rebuilt in blocks is the plant mixed lot by lot."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from benchmarks.genealogy_plant import plant
from gateway.genealogy import EXACT, Exact, Graph, Vector, rebuild
from tests.unit.genealogy.plants import plants, vectors


def rebuilt(graph: Graph, block: int) -> dict[str, Vector]:
    own, found = {}, {}
    for part in rebuild(graph, block):
        assert part.defect() <= EXACT
        for place, lot in enumerate(part.own.tolist()):
            own[lot] = part.vector(place, graph.names)
        for lot, same in zip(range(part.begin, part.end), part.same_as.tolist(), strict=True):
            found[graph.names[lot]] = own[same]
    return found


def by_source(vector: Vector) -> dict[str, list[float]]:
    shares = np.broadcast_to(vector.shares, (2, len(vector.sources)))
    columns = np.vstack((shares, vector.sigma[:-2])).T.tolist()
    return dict(sorted(zip(vector.sources, columns, strict=True)))


@pytest.mark.long
@settings(max_examples=15)
@given(plants(40, ("", "", "fifo", "mixed")))
def test_the_same_as_mixing_lot_by_lot(drawn):
    graph = drawn.graph()
    expected = vectors(drawn)
    for block in (1, 8, 64):
        for name, vector in rebuilt(graph, block).items():
            one, other = by_source(vector), by_source(expected[name])
            assert one.keys() == other.keys()
            for source in one:
                assert one[source][:2] == pytest.approx(other[source][:2], abs=1e-14)
                assert one[source][2] == pytest.approx(other[source][2], rel=1e-6, abs=1e-12)
            tail = np.broadcast_to(expected[name].tail, vector.tail.shape)
            assert vector.tail == pytest.approx(tail, abs=1e-14)
            assert vector.sigma[-2:] == pytest.approx(expected[name].sigma[-2:], rel=1e-6, abs=1e-12)


def test_the_bound_holds_in_a_plant_of_silos_and_regrind():
    graph = plant(6_000).graph
    exact = Exact(graph)
    lots = np.linspace(0, len(graph) - 1, 50).astype(int).tolist()
    truth = exact.lots(lots)
    same = np.zeros(len(graph), np.int64)
    own, names = {}, [str(number) for number in range(len(graph))]
    for part in rebuild(graph, 500):
        same[part.begin : part.end] = part.same_as
        for place, lot in enumerate(part.own.tolist()):
            own[lot] = part.vector(place, names)
    for place, lot in enumerate(lots):
        vector = own[int(same[lot])]
        low = np.zeros((2, len(graph)))
        low[:, [int(name) for name in vector.sources]] = vector.shares
        assert (truth[:, :, place] >= low - EXACT).all()
        assert (truth[:, :, place] <= low + vector.rest[:, None] + EXACT).all()

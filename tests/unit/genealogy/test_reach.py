"""Any-trace gives what walking the links gives, forward and backward."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings

from benchmarks.genealogy_plant import SHIPMENT, plant
from gateway.genealogy import Chains, Edge, Graph, Lot, backward, forward
from tests.unit.genealogy.plants import plants


def walked(graph: Graph, lot: int, *, back: bool) -> list[int]:
    links: dict[int, set[int]] = {}
    for parent, child in zip(graph.parent.tolist(), graph.child.tolist(), strict=True):
        links.setdefault(child if back else parent, set()).add(parent if back else child)
    seen, waiting = {lot}, [lot]
    while waiting:
        for other in links.get(waiting.pop(), set()) - seen:
            seen.add(other)
            waiting.append(other)
    return sorted(seen)


@settings(max_examples=25)
@given(plants(60))
def test_every_lot_that_links_lead_to(drawn):
    graph = drawn.graph()
    chains = Chains.of(graph)
    for lot in range(0, len(graph), 3):
        assert forward(chains, np.array([lot])).tolist() == walked(graph, lot, back=False)
        assert backward(chains, np.array([lot])).tolist() == walked(graph, lot, back=True)


def test_so_it_does_in_a_plant_and_by_kind():
    graph = plant(4_000).graph
    chains = Chains.of(graph)
    shipments, sources = graph.kind == SHIPMENT, np.diff(graph.start) == 0
    resin, shipment = int(graph.sources[3]), int(np.flatnonzero(shipments)[-1])
    expected = [lot for lot in walked(graph, resin, back=False) if shipments[lot]]
    assert forward(chains, np.array([resin]), shipments).tolist() == expected
    expected = [lot for lot in walked(graph, shipment, back=True) if sources[lot]]
    assert backward(chains, np.array([shipment]), sources).tolist() == expected


def test_several_lots_at_once():
    lots = [Lot(name, 1.0, number) for number, name in enumerate("abcde")]
    chains = Chains.of(Graph.of(lots, [Edge("a", "c", 1.0), Edge("b", "d", 1.0)]))
    assert forward(chains, np.array([0, 1])).tolist() == [0, 1, 2, 3]
    assert backward(chains, np.array([4])).tolist() == [4]


def test_content_of_a_vessel_is_one_chain():
    """A silo filled 40 times, a batch from each content, its regrind in the next fill: the silo is one chain."""
    lots, edges = [Lot("s0", 9.0, 0, "content")], []
    for fill in range(1, 40):
        lots += [Lot(f"b{fill}", 1.0, 3 * fill, "batch"), Lot(f"s{fill}", 9.0, 3 * fill + 1, "content")]
        edges += [Edge(f"s{fill - 1}", f"b{fill}", 1.0)]
        edges += [Edge(f"s{fill - 1}", f"s{fill}", 8.0), Edge(f"b{fill}", f"s{fill}", 1.0)]
    chains = Chains.of(Graph.of(lots, edges))
    assert int((chains.end - chains.begin).max()) == 40


def test_a_lot_and_what_alone_was_made_of_it_are_one_chain():
    lots = [Lot(name, 1.0, number) for number, name in enumerate("abc")]
    for one, other, apart in (("a", "b", 2), ("b", "c", 0), ("a", "c", 1)):
        chains = Chains.of(Graph.of(lots, [Edge(one, other, 1.0)]))
        lengths = (chains.end - chains.begin)[np.argsort(chains.lot)].tolist()
        assert [lengths[lot] == 1 for lot in range(3)] == [lot == apart for lot in range(3)]
        assert max(lengths) == 2


def test_lots_without_links_reach_themselves():
    chains = Chains.of(Graph.of([Lot("a", 1.0, 0), Lot("b", 1.0, 1)], []))
    assert forward(chains, np.array([1])).tolist() == backward(chains, np.array([1])).tolist() == [1]

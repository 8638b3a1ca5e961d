"""Parents across cells: material scanned upstream is in what is made downstream."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given, strategies

from gateway.folding.foldstate import State
from gateway.lots import Paths, lots_at
from gateway.model import LotChanged
from gateway.plain import from_plain, to_plain
from gateway.site import Flow, ScanPoint, Site
from tests.unit.fold.line import CELL, Run, S, at, config, kinds, point, reading, scan, site

BLEND, DRY, OTHER = "hall/line1/blend", "hall/line1/dry", "hall/line1/press2"
FLOWS = (Flow(BLEND, DRY), Flow(DRY, CELL), Flow(DRY, OTHER))


def plant(flows: tuple[Flow, ...] = FLOWS) -> Site:
    made = site([point("t")])
    more = (
        ScanPoint("bag", BLEND, "open", "material"),
        ScanPoint("bag60", BLEND, "open", "material", lasts_ns=60 * S),
        ScanPoint("bag5", BLEND, "open", "material", lasts_ns=5 * S),
        ScanPoint("bag-empty", BLEND, "close", "material"),
        ScanPoint("dryer", DRY, "move", "material"),
        ScanPoint("box2", OTHER, "open"),
    )
    return replace(made, scan_points=(*made.scan_points, *more), flows=flows)


@pytest.fixture
def run() -> Run:
    return Run(plant())


def linked(run: Run) -> set[tuple[str, str]]:
    """Every (parent, product) told so far."""
    told = [event for event in run.events if isinstance(event, LotChanged)]
    return {(parent, event.lot) for event in told for parent in event.parents}


def last(run: Run) -> LotChanged:
    event = run.events[-1]
    assert isinstance(event, LotChanged)
    return event


def test_a_box_has_the_resin_that_was_scanned_two_cells_upstream(run):
    run(scan(1, "RESIN", "bag"), scan(2, "A"))
    assert (last(run).change, last(run).parents) == ("opened", ("RESIN",))


def test_without_a_flow_it_has_none():
    run = Run(plant(()))
    run(scan(1, "RESIN", "bag"), scan(2, "A"), scan(3, "MORE", "bag"))
    assert linked(run) == set()


def test_what_is_at_the_cell_itself_comes_first_then_the_nearest(run):
    run(scan(1, "RESIN", "bag"), scan(2, "DRIED", "dryer"), scan(3, "COLOUR", "hopper"), scan(4, "A"))
    assert last(run).parents == ("COLOUR", "DRIED", "RESIN")


def test_resin_that_comes_later_links_the_boxes_of_every_press_downstream(run):
    run(scan(1, "A"), scan(2, "B", "box2"), scan(3, "S", "store"))
    events = run(scan(5, "RESIN", "bag"))
    assert kinds(events) == ["lot opened RESIN", "lot linked A", "lot linked B"]
    assert [event.cell for event in events] == [BLEND, CELL, OTHER]
    assert {event.time_ns for event in events} == {at(5).time_ns}


def test_nothing_flows_upstream_or_sideways(run):
    run(scan(1, "COLOUR", "hopper"), scan(2, "B", "box2"))
    assert last(run).parents == ()
    assert kinds(run(scan(3, "MORE", "hopper"))) == ["lot opened MORE"]


def test_resin_that_was_gone_before_the_box_came_is_no_parent(run):
    run(scan(1, "RESIN", "bag"), scan(5, "RESIN", "bag-empty"), scan(6, "A"))
    assert last(run).parents == ()


def test_resin_that_is_moved_along_its_way_is_not_linked_again(run):
    run(scan(1, "RESIN", "bag"), scan(2, "A"))
    assert kinds(run(scan(3, "RESIN", "dryer"))) == ["lot closed RESIN", "lot moved RESIN"]
    run(scan(4, "B"))
    assert last(run).parents == ("RESIN",)


def test_a_late_bag_links_the_boxes_made_meanwhile_each_when_both_were_there(run):
    run(
        scan(10, "A"),
        scan(20, "B"),
        scan(30, "RESIN", "bag"),
        scan(31, "RESIN", "bag-empty"),
        reading(40, 1.0),
    )
    events = run(scan(15, "EARLY", "bag"))
    assert kinds(events) == ["scan_late", "lot opened EARLY", "lot linked A", "lot linked B"]
    assert [event.time_ns for event in events[2:]] == [at(15).time_ns, at(20).time_ns]


def test_a_late_box_has_the_bags_of_its_own_time_each_once(run):
    run(
        scan(1, "OLD", "bag"),
        scan(5, "OLD", "bag-empty"),
        scan(12, "RESIN", "bag"),
        scan(14, "RESIN", "dryer"),
    )
    run(scan(16, "NEW", "bag"), scan(20, "B"), scan(25, "LATEST", "bag"), reading(40, 1.0))
    events = run(scan(10, "A"))
    assert kinds(events) == [
        "scan_late", "lot opened A", "lot linked A", "lot linked A", "lot closed A",
    ]  # fmt: skip
    assert [(e.time_ns, e.parents) for e in events if isinstance(e, LotChanged) and e.change == "linked"] == [
        (at(12).time_ns, ("RESIN",)),
        (at(16).time_ns, ("NEW",)),
    ]


def test_no_lot_is_its_own_parent_across_cells(run):
    run(scan(1, "A", "bag"), scan(2, "A"))
    assert last(run).parents == ()
    run(scan(3, "B", "box2"))
    assert kinds(run(scan(4, "B", "bag"))) == ["lot opened B", "lot linked A"]


def test_a_bag_that_lasts_is_used_up_at_its_instant_and_closed_by_the_next_scan(run):
    run(scan(1, "RESIN", "bag60"), scan(60.9, "A"))
    assert last(run).parents == ("RESIN",)
    assert [lots_at(run.state.lots, BLEND, at(t).time_ns) for t in (60.9, 61)] == [("RESIN",), ()]
    events = run(scan(70, "B"))
    assert kinds(events) == ["lot closed RESIN", "lot closed A", "lot opened B"]
    assert (events[0].time_ns, last(run).parents) == (at(61).time_ns, ())
    assert kinds(run(scan(71, "C"))) == ["lot closed B", "lot opened C"], "told once"


def test_a_bag_is_closed_before_it_is_used_up_and_not_after(run):
    run(scan(1, "RESIN", "bag60"))
    assert kinds(run(scan(30, "RESIN", "bag-empty"))) == ["lot closed RESIN"]
    assert kinds(run(scan(40, "RESIN", "bag60"))) == ["lot opened RESIN"]
    assert kinds(run(scan(101, "RESIN", "bag-empty"))) == ["scan_refused"]
    assert kinds(run(scan(102, "RESIN", "bag60"))) == ["lot closed RESIN", "lot opened RESIN"]


def test_a_bag_scanned_again_lasts_from_its_first_scan(run):
    run(scan(1, "RESIN", "bag60"))
    assert kinds(run(scan(50, "RESIN", "bag60"))) == ["scan_repeated"]
    run(scan(62, "A"))
    assert last(run).parents == ()


def test_a_late_bag_lasts_from_when_it_was_scanned(run):
    run(scan(30, "A"), scan(80, "B"), reading(90, 1.0))
    assert kinds(run(scan(10, "RESIN", "bag60"))) == ["scan_late", "lot opened RESIN", "lot linked A"]
    assert [lots_at(run.state.lots, BLEND, at(t).time_ns) for t in (69.9, 70)] == [("RESIN",), ()]


def test_a_late_scan_of_a_bag_that_was_opened_again_joins_or_stays_apart(run):
    run(scan(100, "RESIN", "bag60"), reading(110, 1.0))
    assert kinds(run(scan(10, "RESIN", "bag60"))) == ["scan_late", "lot opened RESIN"]
    run(scan(50, "RESIN", "bag-empty"), scan(60, "RESIN", "bag60"))
    stays = run.state.lots.material[BLEND]
    assert [(stay.from_ns, stay.end_ns) for stay in stays] == [
        (at(10).time_ns, at(50).time_ns),
        (at(60).time_ns, at(160).time_ns),
    ]


def test_new_flows_hold_from_the_next_scan():
    old = Run(plant(()))
    old(scan(1, "RESIN", "bag"), scan(2, "A"))
    run = Run(plant(), started=False)
    run.state = old.state
    run(config(3, plant()))
    assert kinds(run(scan(4, "MORE", "bag"), scan(5, "B"))) == [
        "lot opened MORE", "lot linked A", "lot closed A", "lot opened B",
    ]  # fmt: skip
    assert last(run).parents == ("RESIN", "MORE")


def test_links_survive_a_snapshot(run):
    run(scan(1, "RESIN", "bag"), scan(2, "A"))
    again = Run(plant(), started=False)
    again.state = from_plain(State, to_plain(run.state))
    assert again(scan(3, "RESIN", "dryer"), scan(4, "B")) == run(scan(3, "RESIN", "dryer"), scan(4, "B"))


SCANS = strategies.lists(
    strategies.tuples(
        strategies.integers(1, 30),
        strategies.sampled_from("ABC"),
        strategies.sampled_from(["bag", "bag5", "bag-empty", "hopper", "hopper-out"]),
    )
    | strategies.tuples(
        strategies.integers(1, 30), strategies.sampled_from("XYZ"), strategies.sampled_from(["box", "box2"])
    ),
    max_size=16,
)


@pytest.mark.long
@given(SCANS)
def test_whoever_was_upstream_while_a_box_was_made_is_linked(scans):
    run = Run(plant())
    for seconds, code, place in scans:
        run(scan(seconds, code, place))
    lots, paths = run.state.lots, Paths.of(FLOWS)
    met = {
        (material.lot, product.lot)
        for cell, products in lots.product.items()
        for above in paths.above(cell)
        for product, material in itertools.product(products, lots.material.get(above, ()))
        if material.meets(product.from_ns, product.to_ns)
    }
    assert met <= linked(run)
    for products in lots.product.values():
        for product in products:
            assert len(set(product.parents)) == len(product.parents)
            assert {(parent, product.lot) for parent in product.parents} <= linked(run)


@given(strategies.lists(strategies.tuples(strategies.integers(0, 7), strategies.integers(0, 7)), max_size=14))
def test_above_and_below_are_two_views_of_one_way(pairs):
    cells = "abcdefgh"
    paths = Paths.of(Flow(cells[min(pair)], cells[max(pair)]) for pair in pairs if pair[0] != pair[1])
    for one, other in itertools.product(cells, cells):
        assert (one in paths.above(other)) == (other in paths.below(one))
        assert paths.above(one)[0] == paths.below(one)[0] == one


def test_a_circle_in_a_journal_ends():
    paths = Paths.of([Flow("a", "b"), Flow("b", "c"), Flow("c", "a")])
    assert paths.above("a") == ("a", "c", "b")
    assert paths.below("a") == ("a", "b", "c")

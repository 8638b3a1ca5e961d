"""Scans and what they do to the lots; membership is by wire time."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, strategies

from gateway.lots import lots_at, product_at
from gateway.model import LotChanged, Noted
from tests.unit.fold.line import CELL, Run, at, kinds, point, reading, scan, site, start


@pytest.fixture
def run() -> Run:
    return Run(site([point("t")]))


def here(run: Run, seconds: float) -> tuple[str, ...]:
    return lots_at(run.state.lots, CELL, at(seconds).time_ns)


def test_opening_the_next_product_lot_closes_the_one_before(run):
    assert kinds(run(scan(10, "A"), scan(20, "B"))) == ["lot opened A", "lot closed A", "lot opened B"]
    assert [here(run, t) for t in (9.9, 10, 19.9, 20, 99)] == [(), ("A",), ("A",), ("B",), ("B",)]


def test_a_repeated_scan_changes_nothing(run):
    run(scan(10, "A"))
    before = run.state.lots
    assert kinds(run(scan(12, "A"))) == ["scan_repeated"]
    assert run.state.lots is before


def test_material_lots_stay_open_side_by_side_until_closed(run):
    run(scan(1, "RESIN", "hopper"), scan(2, "REGRIND", "hopper"))
    assert here(run, 3) == ("RESIN", "REGRIND")
    assert kinds(run(scan(5, "RESIN", "hopper-out"))) == ["lot closed RESIN"]
    assert here(run, 6) == ("REGRIND",)


def test_a_product_has_the_materials_at_its_cell_as_parents_and_later_ones_are_linked(run):
    run(scan(1, "RESIN", "hopper"))
    opened = run(scan(2, "A"))[0]
    assert isinstance(opened, LotChanged)
    assert opened.parents == ("RESIN",)
    events = run(scan(3, "REGRIND", "hopper"))
    assert kinds(events) == ["lot opened REGRIND", "lot linked A"]
    assert isinstance(events[1], LotChanged)
    assert events[1].parents == ("REGRIND",)


def test_a_material_gone_before_the_product_is_no_parent(run):
    opened = run(scan(1, "RESIN", "hopper"), scan(2, "RESIN", "hopper-out"), scan(3, "A"))[-1]
    assert isinstance(opened, LotChanged)
    assert opened.parents == ()


def test_a_move_ends_the_stay_where_the_lot_was(run):
    events = run(scan(1, "A"), scan(9, "A", "store"))
    assert kinds(events) == ["lot opened A", "lot closed A", "lot moved A"]
    assert [event.cell for event in events] == [CELL, CELL, "hall/store/rack"]
    assert here(run, 9) == ()
    assert product_at(run.state.lots, "hall/store/rack", at(9).time_ns) == "A"


def test_a_lot_that_the_next_one_closed_is_moved_all_the_same(run):
    assert kinds(run(scan(1, "A"), scan(9, "B"), scan(12, "A", "store")))[3:] == ["lot moved A"]


def test_a_move_of_a_lot_that_was_nowhere_opens_it(run):
    assert kinds(run(scan(1, "A", "store"))) == ["lot opened A"]


def test_closing_what_is_not_open_here_is_refused_closing_twice_is_repeated(run):
    assert kinds(run(scan(1, "A", "box-out"))) == ["scan_refused"]
    assert kinds(run(scan(2, "A"), scan(3, "A", "box-out"), scan(3, "A", "box-out"))) == [
        "lot opened A", "lot closed A", "scan_repeated",
    ]  # fmt: skip


@pytest.mark.parametrize(("place", "code"), [("nowhere", "A"), ("box", "  ")])
def test_unknown_points_and_codes_are_refused_with_the_reason(run, place, code):
    (event,) = run(scan(1, code, place))
    assert isinstance(event, Noted)
    assert event.kind == "scan_refused"
    assert event.facts["reason"]
    assert event.facts["code"] == code


def test_a_scan_that_lost_its_separator_is_held(run):
    (event,) = run(scan(1, "010950600013435210R2617281231", symbology="]C1"))
    assert isinstance(event, Noted)
    assert (event.kind, event.facts["refused"]) == ("scan_refused", "lost_separator")
    assert str(event.facts["reason"]).startswith(
        "scanner lost the separator: it may also say (01)09506000134352(10)R26"
    )
    assert here(run, 2) == ()
    assert kinds(run(scan(2, "010950600013435210R26\x1d17281231", symbology="]C1"))) == [
        "lot opened 09506000134352:R26"
    ]


def test_tag_and_label_of_a_box_are_one_lot(run):
    said = run(
        scan(1, "3114257BF4499602D2000000", symbology="epc"),
        scan(2, "00106141412345678908", "box-out", symbology="]C1"),
    )
    assert kinds(said) == ["lot opened sscc:106141412345678908", "lot closed sscc:106141412345678908"]


def test_a_tag_that_left_closes_where_presence_is_membership(run):
    run(scan(1, "E28A", symbology="epc"))
    assert kinds(run(scan(2, "E28A", symbology="epc", phase="left"))) == ["lot closed E28A"]
    run(scan(3, "E28A", "store", symbology="epc"))
    assert kinds(run(scan(4, "E28A", "store", symbology="epc", phase="left"))) == []


def test_a_late_scan_goes_where_it_belongs_and_rewrites_no_event(run):
    run(scan(10, "A"), scan(30, "C"), reading(40, 1.0))
    told = list(run.events)
    events = run(scan(20, "B"))
    assert kinds(events) == ["scan_late", "lot closed A", "lot opened B", "lot closed B"]
    assert [event.time_ns for event in events[1:]] == [at(20).time_ns, at(20).time_ns, at(30).time_ns]
    assert [here(run, t) for t in (15, 25, 35)] == [("A",), ("B",), ("C",)]
    assert run.events[: len(told)] == told


def test_a_late_scan_of_the_lot_that_is_there_makes_its_stay_longer(run):
    run(scan(1, "RESIN", "hopper"), scan(30, "A"), scan(40, "RESIN", "hopper-out"), reading(50, 1.0))
    events = run(scan(10, "A"))
    assert kinds(events) == ["scan_late", "lot opened A"]
    assert [here(run, t) for t in (9, 10, 45)] == [("RESIN",), ("A", "RESIN"), ("A",)]


def test_a_late_material_links_the_products_made_meanwhile(run):
    run(scan(10, "A"), scan(20, "B"), reading(30, 1.0))
    events = run(scan(5, "RESIN", "hopper"))
    assert kinds(events) == ["scan_late", "lot opened RESIN", "lot linked A", "lot linked B"]
    assert [event.time_ns for event in events[2:]] == [at(10).time_ns, at(20).time_ns]


def test_a_late_move_lasts_until_the_lot_was_seen_elsewhere(run):
    run(scan(30, "A"), reading(40, 1.0))
    assert kinds(run(scan(20, "A", "store"))) == ["scan_late", "lot opened A", "lot closed A"]
    assert [product_at(run.state.lots, "hall/store/rack", at(t).time_ns) for t in (25, 30)] == ["A", ""]
    assert here(run, 30) == ("A",)


def test_no_lot_is_its_own_parent(run):
    opened = run(scan(1, "A", "hopper"), scan(2, "A"))[-1]
    assert isinstance(opened, LotChanged)
    assert opened.parents == ()
    assert kinds(run(scan(3, "B"), scan(4, "B", "hopper"))) == [
        "lot closed A",
        "lot opened B",
        "lot opened B",
    ]


def test_after_a_restart_lateness_counts_from_there(run):
    run(reading(500, 1.0), start(100))
    assert kinds(run(scan(101, "A"))) == ["lot opened A"]


def test_old_stays_are_forgotten_open_ones_never(run):
    run(scan(0, "RESIN", "hopper"), scan(1, "A"), scan(2, "B"), scan(3 * 86_400, "C"))
    stays = run.state.lots.product[CELL]
    assert [stay.lot for stay in stays] == ["B", "C"]
    assert here(run, 3 * 86_400) == ("C", "RESIN")


def test_many_short_lots_are_bounded(run):
    run(*(scan(t, f"L{t}") for t in range(1, 400)))
    assert len(run.state.lots.product[CELL]) == 257


SCANS = strategies.lists(
    strategies.tuples(
        strategies.integers(1, 40),
        strategies.sampled_from("ABC"),
        strategies.sampled_from(["box", "box-out", "store"]),
    ),
    max_size=25,
)


@pytest.mark.long
@given(SCANS)
def test_whatever_is_scanned_in_whatever_order_a_cell_makes_one_lot_at_a_time(scans):
    run = Run(site([point("t")]))
    for seconds, code, place in scans:
        run(scan(seconds, code, place))
    for stays in run.state.lots.product.values():
        for before, after in itertools.pairwise(stays):
            assert before.to_ns is not None
            assert before.to_ns <= after.from_ns
        assert all(stay.to_ns is None or stay.from_ns <= stay.to_ns for stay in stays)


@given(strategies.permutations([(10, "A"), (20, "B"), (30, "C"), (40, "D")]))
def test_stays_do_not_depend_on_the_order_in_which_scans_arrive(scans):
    run = Run(site([point("t")]))
    for seconds, code in scans:
        run(scan(seconds, code))
    assert [here(run, t) for t in (5, 15, 25, 35, 45)] == [(), ("A",), ("B",), ("C",), ("D",)]

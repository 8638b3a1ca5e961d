"""Hold, release, results: what people do with lots, and every way it is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.lots import Lots, Stay
from gateway.model import LotChanged, Noted, Severity, Tick
from gateway.site import LotRule, ResultLimit
from tests.unit.fold.line import at, scan

from .plant import BLENDER, PACKING, POINTS, Plant, alarm, note, words

MFR = ResultLimit("mfr", ("pp",), (), 18.0, 24.0)


def test_a_held_lot_is_looked_up_outside():
    plant = Plant()
    told = plant.says("hold", lot="PP-7", reason="melt flow")
    assert words(told) == ["lot_held PP-7"]
    [order] = plant.holds.orders
    assert (order.kind, order.body, order.operator) == ("exposure", {"lot": "PP-7"}, "17")


def test_the_same_hold_twice_is_refused_and_another_reason_is_not():
    plant = Plant()
    plant.says("hold", lot="PP-7", reason="melt flow")
    again = plant.says("hold", lot="PP-7", reason="melt flow")
    assert note(again, "hold_refused").facts["reason"] == "it is held for that reason already"
    plant.says("hold", 21.0, lot="PP-7", reason="colour")
    assert [why.reason for why in plant.holds.held["PP-7"].why] == ["melt flow", "colour"]


def test_what_was_made_of_it_is_held_in_one_alarm_and_what_was_shipped_is_suspect():
    plant = Plant()
    plant.says("hold", lot="PP-7", reason="melt flow")
    row = {"kind": "box", "cell": "c", "low": 0.5, "high": 0.6}
    told = plant.answer(
        {"lot": "B1", **row, "shipped": False},
        {"lot": "B2", **row, "shipped": False},
        {"lot": "B3", **row, "shipped": True},
        {"lot": "B4", "kind": "box", "cell": "c", "low": 0.0, "high": 0.0009, "shipped": False},
        {"lot": "SILO.8", **row, "kind": "content", "shipped": False},
    )
    assert set(plant.holds.held) == {"PP-7", "B1", "B2"}, (
        "below 0.1 % is not held, nor what nobody can put aside"
    )
    assert alarm(told, "lot_made_of_held").lots == ("B1", "B2")
    assert alarm(told, "shipped_suspect").lots == ("B3",)
    assert (alarm(told, "shipped_suspect").facts or {})["sentence"] == (
        "Shipped, now suspect: B3. They are made of PP-7, held for: melt flow. "
        "Do: Take it back, or tell whoever has it."
    )
    assert not plant.holds.orders


def test_an_answer_that_comes_twice_says_nothing_the_second_time():
    plant = Plant()
    plant.says("hold", lot="PP-7", reason="melt flow")
    order = plant.holds.orders[0].id
    row = {"lot": "B1", "kind": "box", "cell": "c", "low": 0.5, "high": 0.5, "shipped": False}
    plant.answer(row)
    assert plant.says("exposed", order=order, done=True, source=True, lots=[row]) == []


def test_pages_before_the_last_leave_the_order_open():
    plant = Plant()
    plant.says("hold", lot="PP-7", reason="melt flow")
    row = {"lot": "B1", "kind": "box", "cell": "c", "low": 0.5, "high": 0.5, "shipped": False}
    plant.answer(row, done=False)
    assert len(plant.holds.orders) == 1
    assert words(plant.answer({**row, "lot": "B2"}, row)) == ["lot_held B2", "alarm lot_made_of_held active"]
    assert not plant.holds.orders


def test_a_box_closed_later_of_a_held_source_is_held_by_its_composition():
    plant = Plant()
    plant.says("hold", lot="PP-7", reason="melt flow")
    told = plant.lot("B1", {"PP-7": 1.0, "PP-8": 9.0}, seconds=30)
    assert words(told) == ["lot_held B1", "alarm lot_made_of_held active"]
    assert note(told, "lot_held").facts["low"] == pytest.approx(0.1)
    assert plant.lot("B2", {"PP-7": 0.0005, "PP-8": 10.0}, seconds=40) == []


def test_a_held_blend_is_followed_through_what_is_made_of_it():
    plant = Plant()
    plant.lot("BLEND-1", {"PP-1": 5.0, "PP-2": 5.0}, "blend")
    plant.says("hold", lot="BLEND-1", reason="wrong pigment")
    plant.answer(source=False)
    plant.lot("DRYER.2", {"BLEND-1": 10.0, "PP-2": 10.0}, "content", seconds=30)
    told = plant.lot("B1", {"DRYER.2": 5.0, "PP-2": 5.0}, seconds=40)
    assert note(told, "lot_held").facts["high"] == pytest.approx(0.25)
    assert "DRYER.2" not in plant.holds.held


def test_what_was_made_between_the_hold_and_its_answer_is_not_missed():
    plant = Plant()
    plant.lot("BLEND-1", {"PP-1": 5.0}, "blend")
    plant.lot("DRYER.1", {"BLEND-1": 5.0}, "content")
    plant.says("hold", lot="BLEND-1", reason="wrong pigment")
    assert plant.lot("B1", {"DRYER.1": 5.0}, seconds=21) == [], "nobody knows yet what DRYER.1 is made of"
    row = {"lot": "DRYER.1", "kind": "content", "cell": "c", "low": 1.0, "high": 1.0, "shipped": False}
    assert words(plant.answer(row, source=False)) == ["lot_held B1", "alarm lot_made_of_held active"]


def test_a_lot_held_by_a_rule_spreads_to_its_pallet_and_not_to_what_is_milled_of_it():
    plant = Plant(LotRule("boxes", max_regrind=0.0))
    plant.lot("REG", {"PP-1": 1.0}, "regrind", ground=True)
    plant.lot("B1", {"REG": 1.0})
    assert "B1" in plant.holds.held
    assert words(plant.lot("P1", {"B1": 1.0}, "pallet", aggregated=True))[0] == "lot_held P1"
    plant.lot("REG2", {"B1": 1.0}, "regrind", ground=True)
    assert "REG2" not in plant.holds.held


def test_a_shipment_with_a_held_box_is_an_alarm():
    plant = Plant()
    plant.lot("B1", {"PP-1": 1.0})
    plant.says("hold", lot="B1", reason="scratches")
    plant.answer(source=False)
    told = plant.lot("S1", {"B1": 1.0, "B2": 1.0}, "shipment", aggregated=True, seconds=40)
    assert alarm(told, "shipped_held").lots == ("B1",)


def test_a_held_lot_that_leaves_by_the_gate_is_an_alarm_that_an_answer_closes():
    plant = Plant()
    plant.says("hold", lot="B1", reason="scratches")
    told = plant.told(
        scan(30, "B1", "gate"), LotChanged(at(30).time_ns, "B1", "closed", PACKING, "product", "B1")
    )
    left = alarm(told, "shipped_held")
    assert left.state == "active"
    assert words(plant.acknowledge(left.alarm)) == [
        "alarm shipped_held acknowledged",
        "alarm shipped_held closed",
    ]


def test_held_material_that_comes_to_a_cell_is_an_alarm_until_it_is_taken_off():
    plant = Plant()
    plant.says("hold", lot="PP-7", reason="melt flow")
    opened = LotChanged(at(30).time_ns, "PP-7", "opened", BLENDER, "material", "PP-7")
    told = plant.told(scan(30, "PP-7", "resin"), opened)
    assert words(told) == ["alarm material_held active"]
    closed = LotChanged(at(40).time_ns, "PP-7", "closed", BLENDER, "material", "PP-7")
    assert words(plant.told(scan(40, "PP-7", "resin_out"), closed)) == ["alarm material_held returned"]


def test_material_past_its_day_is_an_alarm_at_once_and_breaks_rules():
    plant = Plant(LotRule("boxes"))
    code = "(01)09506000134352(17)250131(10)R1"
    opened = LotChanged(at(30).time_ns, "09506000134352:R1", "opened", BLENDER, "material", code)
    assert words(plant.told(scan(30, code, "resin"), opened)) == ["alarm material_expired active"]
    told = plant.lot("B1", {"09506000134352:R1": 1.0, "PP-1": 9.0}, seconds=40)
    assert "expired" in str(note(told, "lot_held").facts["reason"])
    fresh = code.replace("250131", "280131")
    again = LotChanged(at(50).time_ns, "x", "opened", BLENDER, "material", fresh)
    assert plant.told(scan(50, fresh, "resin"), again) == []


def test_expired_may_be_of_no_interest():
    plant = Plant(LotRule("boxes", expired=False))
    plant.lot("PP-1", kind="material", facts={"expiry": "2026-01-01"})
    assert plant.lot("B1", {"PP-1": 1.0}) == []


def test_a_slice_of_a_stream_cannot_be_put_aside_and_a_bin_with_a_name_can():
    plant = Plant()
    plant.says("hold", lot="PP-7", reason="melt flow")
    plant.lot("plant-1:belt:20260101T000000.000", {"PP-7": 1.0}, "regrind", ground=True)
    plant.lot("BIN-3", {"PP-7": 1.0}, "regrind", ground=True)
    assert set(plant.holds.held) == {"PP-7", "BIN-3"}


def test_release_by_one_person():
    plant = Plant()
    plant.says("hold", lot="PP-7", reason="melt flow")
    row = {"lot": "B1", "kind": "box", "cell": "c", "low": 0.5, "high": 0.5, "shipped": False}
    plant.answer(row)
    told = plant.says("release", 30.0, "18", lot="PP-7", reason="measured again")
    assert words(told) == ["lot_released PP-7", "alarm lot_made_of_held returned"]
    facts = note(told, "lot_released").facts
    assert (facts["held_for"], facts["still_held"]) == (["melt flow"], 1)
    assert set(plant.holds.held) == {"B1"}
    assert plant.lot("B2", {"PP-7": 1.0}) == [], "nothing spreads from it any more"


def test_release_of_what_is_not_held_is_refused():
    told = Plant().says("release", lot="PP-7", reason="x")
    assert note(told, "release_refused").facts["reason"] == "it is not held"


def test_two_operators_release_where_a_rule_says_so():
    plant = Plant(LotRule("boxes", max_regrind=0.0, second_person=True))
    plant.lot("REG", {"PP-1": 1.0}, "regrind", ground=True)
    plant.lot("B1", {"REG": 1.0})
    assert words(plant.says("release", 20.0, "17", lot="B1", reason="ok")) == ["release_asked B1"]
    same = plant.says("release", 21.0, "17", lot="B1", reason="ok")
    assert "another one" in str(note(same, "release_refused").facts["reason"])
    told = plant.says("release", 22.0, "18", lot="B1", reason="ok")
    assert note(told, "lot_released").facts["asked_by"] == "17"
    assert plant.holds.held == {}


def test_who_asked_to_release_has_to_ask_again_after_a_new_reason():
    plant = Plant(second_person=True)
    plant.says("hold", lot="PP-7", reason="a")
    plant.says("release", 21.0, "18", lot="PP-7", reason="fine")
    plant.says("hold", 22.0, "19", lot="PP-7", reason="b")
    assert words(plant.says("release", 23.0, "20", lot="PP-7", reason="fine")) == ["release_asked PP-7"]


def test_a_result_outside_its_limits_holds_the_lot_and_looks_for_what_is_made_of_it():
    plant = Plant(results=(MFR,))
    told = plant.says("result", lot="PP-7", result="mfr", value=26.0)
    assert words(told) == ["lot_result PP-7", "lot_held PP-7"]
    assert note(told, "lot_held").facts["reason"] == "mfr 26 is outside from 18 to 24"
    assert {order.kind for order in plant.holds.orders} == {"restate", "exposure"}


@pytest.mark.parametrize(
    ("lot", "value", "verdict"),
    [("PP-7", 20.0, "inside"), ("PA-1", 26.0, "not judged"), ("PP-7", 18.0, "inside")],
)
def test_a_result_inside_or_of_another_material_holds_nothing(lot, value, verdict):
    plant = Plant(results=(MFR,))
    told = plant.says("result", lot=lot, result="mfr", value=value)
    assert words(told) == [f"lot_result {lot}"]
    assert note(told, "lot_result").facts["verdict"] == verdict


def test_a_result_that_is_measured_again_and_good_clears_and_does_not_release():
    plant = Plant(results=(MFR,))
    plant.says("result", lot="PP-7", result="mfr", value=26.0)
    told = plant.says("result", 60.0, lot="PP-7", result="mfr", value=20.0)
    assert words(told) == ["lot_result PP-7", "lot_cleared PP-7"]
    assert "PP-7" in plant.holds.held


def test_a_lot_in_use_that_is_held_is_an_alarm_where_it_is():
    plant = Plant()
    here = Lots({BLENDER: (Stay("PP-7", "PP-7", at(1).time_ns),)}, {})
    plant.kept = replace(plant.kept, lots=here)
    assert words(plant.says("hold", lot="PP-7", reason="melt flow")) == [
        "lot_held PP-7", "alarm material_held active",
    ]  # fmt: skip


def test_a_scan_that_comes_too_late_is_an_alarm():
    plant = Plant()
    late = Noted(at(30).time_ns, "scan_late", "resin", Severity.INFO, {"lot": "PP-7", "late_seconds": 599.0})
    assert plant.told(scan(30, "PP-7", "resin"), late, newest_ns=at(629).time_ns) == []
    [order] = plant.holds.orders
    assert (order.body["change"], order.body["lot"], order.body["was"]) == ("late_scan", "PP-7", "")
    assert order.body["cells"] == [BLENDER, POINTS[2].cell]
    later = Noted(at(30).time_ns, "scan_late", "resin", Severity.INFO, {"lot": "PP-7", "late_seconds": 600.0})
    assert words(plant.told(scan(30, "PP-7", "resin"), later)) == ["alarm scan_late active"]


def test_nothing_follows_of_other_things():
    assert Plant().told(Tick(at(1)), LotChanged(1, "B", "linked", BLENDER, "product", "B")) == []

"""Results are charted as tags are, and decide what becomes of the lot, with a second person where the plan says so."""

from __future__ import annotations

import pytest

from gateway.controlplan import Dues, Owed, Revisions
from gateway.controlplan.due import World
from gateway.model import AlarmChanged, Composition, Entry, LotMade, Noted, Quality, Signal
from gateway.site import Alerts, Ladder, Step
from tests.unit.controlplan.shop import (
    LINE_B,
    NS,
    Shop,
    alarm,
    charted,
    check,
    duty,
    note,
    release,
    result,
    said,
    shop,
    words,
)
from tests.unit.fold.line import CELL, WALL_NS, acknowledge, at, config, reading, scan, tick

EMPTY = Composition((), (), (), (1.0,), ((1.0,) + (0.0,) * 8,))
WORLD = World(at(5), {}, {})
RESIN = check(lots="material", usl=0.02, quarantine=True, cell=CELL, line=LINE_B)
COLOUR = check("colour", lots="material", usl=0.0, quarantine=True, outside="reject", line=LINE_B)


def resin(*checks, **options) -> Shop:
    run = Shop(shop(*(checks or (RESIN,)), **options))
    run(scan(10, "R1", "hopper"))
    return run


def test_a_lot_in_quarantine_is_free_when_its_last_result_is_inside():
    run = resin(RESIN, COLOUR)
    assert "lot_held R1" in words(run.events)
    assert words(run(result(20, "moisture", 0.01, lot="R1"))) == [
        "check_done moisture inside", "lot_result R1 inside",
    ]  # fmt: skip
    assert run.state.holds.held.keys() == {"R1"}
    told = run(result(30, "colour", 0.0, lot="R1", operator="18"))
    assert words(told)[-2:] == ["lot_released R1", "lot_disposition R1 accept"]
    disposed = note(told, "lot_disposition")
    assert disposed.facts == {
        "disposition": "accept", "operator": "18", "plan": "press B",
        "checks": {"moisture": "inside", "colour": "inside"},
    }  # fmt: skip
    assert run.state.holds.held == {}


def test_outside_is_a_hold_an_alarm_and_only_people_end_it():
    run = resin()
    told = run(result(20, "moisture", 0.05, lot="R1"))
    assert words(told) == [
        "check_done moisture outside", "alarm check_failed active", "lot_result R1 outside", "lot_held R1",
        "lot_disposition R1 hold",
    ]  # fmt: skip
    failed = alarm(told)
    assert failed.lots == ("R1",)
    assert said(failed)["plan"] == "press B"
    assert said(failed)["sentence"] == (
        "moisture of lot R1: 0.05, entered at 2027-01-15 08:00:20 UTC, is outside to 0.02. The lot is held. "
        "Do: look at the dryer"
    )
    assert words(run(acknowledge(30, failed.alarm))) == [
        "alarm check_failed acknowledged",
        "alarm check_failed closed",
    ]
    told = run(release(40, "R1", concession="customer 4711"))
    assert words(told)[0] == "lot_released R1"
    assert note(told, "lot_disposition").facts["disposition"] == "concession"
    assert note(told, "lot_disposition").facts["concession"] == "customer 4711"


def test_a_rejected_lot_leaves_by_a_concession_only():
    run = resin(COLOUR)
    assert words(run(result(20, "colour", 1.0, lot="R1")))[-1] == "lot_disposition R1 reject"
    refused = run(release(30, "R1"))
    assert words(refused) == ["release_refused R1"]
    assert "concession" in said(refused[0])["reason"]
    assert "R1" in run.state.holds.held
    assert "lot_disposition R1 concession" in words(run(release(40, "R1", concession="17/2027")))


def test_a_lot_that_was_conceded_once_is_released_as_any_other():
    run = resin(COLOUR)
    run(result(20, "colour", 1.0, lot="R1"), release(40, "R1", concession="17/2027"))
    run(Entry("hold", at(50), "17", {"lot": "R1", "reason": "dust"}))
    assert "lot_released R1" in words(run(release(60, "R1")))


def test_a_second_person_agrees_to_the_acceptance():
    run = resin(check(lots="material", usl=0.02, quarantine=True, second_person=True))
    assert words(run(result(20, "moisture", 0.01, lot="R1")))[-1] == "release_asked R1"
    assert words(run(release(30, "R1"))) == ["release_refused R1"]  # the same person
    told = run(release(40, "R1", operator="18"))
    assert "lot_released R1" in words(told)
    assert note(told, "lot_disposition").facts == {
        "disposition": "accept", "operator": "18", "checks": {"moisture": "inside"}, "reason": "looked at it",
        "concession": "", "asked_by": "17",
    }  # fmt: skip


def test_a_second_person_agrees_also_to_a_lot_that_nobody_saw_coming():
    run = Shop(shop(check(lots="material", usl=0.02, quarantine=True, second_person=True)))
    assert words(run(result(20, "moisture", 0.01, lot="R9")))[-2:] == ["lot_held R9", "release_asked R9"]
    assert "lot_disposition R9 accept" in words(run(release(40, "R9", operator="18")))


def test_a_person_rejects_a_lot():
    run = Shop(shop(check()))
    reject = Entry("hold", at(20), "17", {"lot": "B1", "reason": "dirt", "reject": True})
    assert words(run(reject)) == ["lot_held B1", "lot_disposition B1 reject"]
    assert words(run(release(30, "B1"))) == ["release_refused B1"]
    assert "lot_disposition B1 concession" in words(run(release(40, "B1", concession="4711")))


def test_a_second_person_releases_what_a_check_has_held():
    run = resin(check(lots="material", usl=0.02, second_person=True))
    run(result(20, "moisture", 0.05, lot="R1"))
    assert words(run(release(30, "R1"))) == ["release_asked R1"]
    assert "lot_disposition R1 concession" in words(run(release(40, "R1", operator="18")))


def test_what_is_only_told_holds_nothing():
    run = resin(check(lots="material", usl=0.02, outside="tell"))
    told = words(run(result(20, "moisture", 0.05, lot="R1")))
    assert told == ["check_done moisture outside", "alarm check_failed active", "lot_result R1 outside"]


def test_a_result_of_a_patrol_is_of_the_lot_at_the_press():
    run = Shop(shop(check("patrol", "time", period_ns=4 * 3600 * NS, usl=2.0)))
    run(scan(10, "B7"))
    told = run(result(20, "patrol", 3.0))
    assert "lot_held B7" in words(told)
    assert words(run(result(30, "patrol", 1.0)))[:2] == [
        "check_done patrol inside",
        "alarm check_failed returned",
    ]


def test_a_check_has_as_many_numbers_as_its_sample():
    run = Shop(shop(check("weight", size=3, usl=10.0, lsl=5.0)))
    run(scan(10, "B1"))
    assert words(run(result(20, "weight", 7.0, 8.0, lot="B1"))) == ["check_refused weight"]
    told = run(result(30, "weight", 7.0, 12.0, 8.0, lot="B1"))
    assert note(told, "check_done").facts["value"] == 12.0
    assert note(told, "check_done").facts["values"] == [7.0, 12.0, 8.0]
    assert note(told, "lot_result").facts["verdict"] == "outside"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (result(20, "moisture", 1.0), "of which lot"),
        (result(20, "melt_flow", 1.0), "no such check"),
    ],
)
def test_a_result_that_nobody_can_place_is_refused(given, says):
    run = Shop(shop(check(cell="")))
    told = run(given)
    assert [each.kind for each in told if isinstance(each, Noted)] == ["check_refused"]
    assert says in said(told[0])["reason"]


def test_results_are_charted_and_a_signal_names_the_lot_that_was_measured():
    run = Shop(shop(RESIN, rows=(charted(RESIN, center=0.01, sigma=0.001),)))
    run(scan(10, "R1", "hopper"), scan(11, "B1"))
    told = run(result(20, "moisture", 0.016, lot="R1"))
    signal = next(each for each in told if isinstance(each, Signal))
    assert (signal.characteristic, signal.tag, signal.lots, signal.plan) == (
        "moisture", f"{CELL}/moisture", ("R1",), "press B",
    )  # fmt: skip
    assert signal.rules == ("WE1",)
    assert signal.size_sigma == pytest.approx(6.0)
    assert alarm(told[:3]).kind == "signal"
    assert alarm(told[:3]).lots == ("R1",)
    assert run.state.lots.product.keys() == {CELL}, "the real lots are untouched"


def test_three_numbers_fill_a_subgroup():
    row = check("weight", size=3)
    run = Shop(shop(row, rows=(charted(row, "xbar-r", center=10.0, sigma=1.0),)))
    run(scan(10, "B1"))
    told = run(result(20, "weight", 13.0, 13.0, 13.0, lot="B1"))
    signal = next(each for each in told if isinstance(each, Signal))
    assert signal.value == pytest.approx(13.0)
    assert signal.ucl == pytest.approx(10.0 + 3.0 / 3**0.5)


GAUGE = duty(
    "balance", "calibration", 365, last_ns=WALL_NS - 365 * 86_400 * NS + 100 * NS, measures=(f"{CELL}/x",)
)


def test_a_gauge_past_its_date_makes_readings_uncertain_until_it_is_calibrated():
    run = Shop(shop(GAUGE))
    assert run.quality(reading(50, 1.0)) == [Quality.GOOD]
    run(tick(60), tick(101))
    assert run.quality(reading(102, 1.0)) == [Quality.UNCALIBRATED]
    assert words(run(result(110, "balance", 0.0))) == [
        "check_done balance not judged",
        "alarm check_missed returned",
    ]
    assert run.quality(reading(111, 1.0)) == [Quality.GOOD]


def test_what_was_recorded_folds_to_the_same_again():
    run = Shop(shop(GAUGE))
    run(tick(60), tick(101), reading(102, 1.0), result(110, "balance", 0.0), reading(111, 1.0))
    again = Shop(shop(GAUGE), started=False)
    for record in run.records:
        again.step(record)
    assert again.events == run.events
    assert [getattr(record, "quality", None) is not None for record in again.records].count(True) == 2


def test_a_result_of_a_gauge_past_its_date_accepts_nothing():
    row = check(lots="material", usl=0.02, quarantine=True, gauge="balance")
    run = Shop(shop(row, GAUGE, rows=(charted(row, center=0.01, sigma=0.001),)))
    run(tick(60), tick(101), scan(110, "R1", "hopper"))
    told = run(result(120, "moisture", 0.016, lot="R1"))
    assert words(told) == ["check_done moisture uncertain", "lot_result R1 uncertain"]
    assert note(told, "check_done").facts["quality"] == "uncertain"
    assert "R1" in run.state.holds.held
    assert "lot_disposition R1 accept" in words(run(release(130, "R1")))


def test_outside_is_outside_whatever_the_gauge():
    row = check(lots="material", usl=0.02, gauge="balance")
    run = Shop(shop(row, GAUGE))
    run(tick(60), tick(101), scan(110, "R1", "hopper"))
    assert "lot_held R1" in words(run(result(120, "moisture", 0.05, lot="R1")))


def test_a_lot_made_here_is_checked_too():
    site = shop(check("contamination", lots="regrind"))
    made = LotMade(at(5).time_ns, "G1", "regrind", CELL, 10.0, 0.0, (), EMPTY)
    owed, found = Dues(site, Revisions(site)).came(Owed(), WORLD, made)
    assert words([each for each in found if isinstance(each, Noted)]) == ["check_due contamination"]
    assert list(owed.due) == ["contamination G1"]


def test_a_missed_check_climbs_its_ladder():
    ladder = Ladder("l", (Step(0, ()), Step(600 * NS, ())))
    run = Shop(shop(check(), alerts=Alerts(ladders=(ladder,), default="l")))
    run(scan(10, "B1"), tick(3700))
    assert words(run(tick(7300))) == [
        "check_missed moisture",
        "alarm check_missed active",
        "escalated " + _alarm(run),
    ]
    assert words(run(tick(7800))) == []
    assert words(run(tick(7901))) == ["escalated " + _alarm(run)]


def _alarm(run: Shop) -> str:
    return next(each.alarm for each in run.events if isinstance(each, AlarmChanged))


def test_a_person_who_enters_for_another_lot_does_not_end_this_one():
    run = Shop(shop(check()))
    run(scan(10, "B1"), scan(20, "B2"))
    run(result(30, "moisture", 1.0, lot="B9"))
    assert sorted(due.lot for due in run.state.owed.due.values()) == ["B1", "B2"]


def test_a_plain_result_of_no_plan_goes_by_the_sites_limits():
    run = Shop(shop(check()))
    told = run(Entry("result", at(5), "17", {"lot": "B1", "result": "melt", "value": 3.0}))
    assert words(told) == ["lot_result B1 not judged"]


def test_a_config_without_checks_leaves_nothing_behind():
    run = Shop(shop(RESIN))
    run(scan(10, "R1", "hopper"))
    bare = shop()
    run.pipeline = type(run.pipeline)(bare)
    run.state = run.pipeline.adopt(run.state)
    run(config(20, bare), tick(30), tick(20_000))
    assert not run.state.owed.due

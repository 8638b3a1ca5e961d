"""Checks and duties fall due by lot, clock, shift, machine and date; late and missed are told once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.model import Setting
from gateway.pipeline import Pipeline
from gateway.site import Alerts, PlannedStop, When
from tests.unit.controlplan.shop import DAY, NS, H, Shop, alarm, check, duty, note, result, said, shop, words
from tests.unit.fold.line import CELL, WALL_NS, at, config, reading, scan, start, tick

# the virtual line begins at 2027-01-15 08:00:00 UTC


def test_a_lot_that_comes_is_due_late_missed_and_done_after_all():
    run = Shop(shop(check()))
    assert words(run(scan(10, "B1"))) == ["check_due moisture"]
    due = note(run.events, "check_due")
    assert due.facts == {
        "due_ns": at(10).time_ns, "window": 3600.0, "lot": "B1", "what": "check", "every": "lot", "cell": CELL,
    }  # fmt: skip
    assert words(run(tick(10 + H))) == []
    assert words(run(tick(11 + H))) == ["check_late moisture"]
    assert words(run(tick(12 + H))) == []
    told = run(tick(11 + 2 * H))
    assert words(told) == ["check_missed moisture", "alarm check_missed active"]
    assert alarm(told).lots == ("B1",)
    assert alarm(told).reaction == "look at the dryer"
    assert "moisture" in said(told[1])["sentence"]
    assert "批次 B1" in said(told[1])["sentence_zh"]
    assert words(run(tick(20 + 5 * H))) == []
    done = run(result(20 + 6 * H, "moisture", 0.1, lot="B1"))
    assert words(done)[:2] == ["check_done moisture not judged", "alarm check_missed returned"]
    assert note(done, "check_done").facts["late"] is True
    assert note(done, "check_done").facts["operator"] == "17"


def test_a_lot_is_asked_for_once():
    run = Shop(shop(check()))
    run(scan(10, "B1"), scan(20, "B2"))
    assert words(run(scan(30, "B1", "box"))) == []
    run(result(40, "moisture", 1.0, lot="B2"))
    assert [due.lot for due in run.state.owed.due.values()] == ["B1"]


def test_a_material_is_due_where_it_comes_and_only_of_its_kind():
    run = Shop(shop(check(lots="material")))
    assert words(run(scan(10, "B1"))) == []
    assert words(run(scan(20, "R1", "hopper"))) == ["check_due moisture"]


def test_a_patrol_comes_again_and_again_and_the_next_one_ends_the_one_before():
    run = Shop(shop(check("patrol", "time", period_ns=4 * 3600 * NS)))
    assert words(run(tick(1), tick(4 * H))) == []
    assert words(run(tick(4 * H + 1))) == ["check_due patrol"]
    assert words(run(result(4 * H + 60, "patrol", 1.0))) == ["check_done patrol not judged"]
    assert words(run(tick(8 * H + 1))) == ["check_due patrol"]
    assert words(run(tick(9 * H + 2), tick(10 * H + 2))) == [
        "check_late patrol", "check_missed patrol", "alarm check_missed active",
    ]  # fmt: skip
    assert words(run(tick(12 * H + 1))) == ["check_due patrol"]
    assert words(run(result(12 * H + 5, "patrol", 1.0))) == [
        "check_done patrol not judged", "alarm check_missed returned",
    ]  # fmt: skip


def test_one_that_is_not_late_yet_is_missed_when_the_next_is_due():
    run = Shop(shop(check("patrol", "time", period_ns=3600 * NS, within_ns=1800 * NS, missed_ns=9000 * NS)))
    run(tick(1), tick(H + 1), tick(1.6 * H))
    assert words(run(tick(2 * H + 1))) == [
        "check_missed patrol", "alarm check_missed active", "check_due patrol",
    ]  # fmt: skip


def test_each_shift_has_its_own():
    run = Shop(shop(check("colour", "shift")))
    assert words(run(tick(1), tick(5.9 * H))) == []
    assert words(run(tick(6 * H))) == ["check_due colour"]  # 14:00
    run(result(6.1 * H, "colour", 0.0))
    assert words(run(tick(14 * H - 1))) == []
    assert words(run(tick(14 * H))) == ["check_due colour"]  # 22:00


STATE = When(f"{CELL}/state", ("2",))


def test_a_first_piece_is_due_when_the_machine_starts_and_waits_while_it_stands():
    run = Shop(shop(check("first", "start", when=STATE), points=("state",)))
    assert words(run(reading(1, 2.0), reading(2, 1.0))) == []  # it ran when the gateway came
    assert words(run(reading(3, 2.0))) == ["check_due first"]
    assert words(run(reading(4, 1.0), tick(5), tick(5 * H))) == []  # stands: nobody can make it
    assert words(run(reading(5 * H, 2.0), tick(5 * H + 1), tick(6 * H - 1))) == ["check_due first"]  # anew
    assert words(run(tick(6 * H + 1))) == ["check_late first"]


def test_a_stop_in_the_middle_stops_the_clock_of_a_patrol():
    row = check("patrol", "time", period_ns=12 * 3600 * NS, when=STATE)
    run = Shop(shop(row, points=("state",)))
    run(reading(1, 2.0), tick(2), tick(12 * H + 2))
    assert list(run.state.owed.due) == ["patrol "]
    run(reading(12 * H + 100, 1.0), tick(12 * H + 100))
    assert words(run(tick(15 * H))) == []
    run(reading(15 * H + 100, 2.0))
    assert words(run(tick(15 * H + 100), tick(15.9 * H))) == []
    assert words(run(tick(16.1 * H))) == ["check_late patrol"]


def test_a_changeover_is_due_when_the_key_is_another():
    run = Shop(shop(check("tool", "changeover", key=(f"{CELL}/mould",)), points=("mould",)))
    assert words(run(reading(1, 7.0), reading(2, 7.0))) == []
    assert words(run(reading(3, 8.0))) == ["check_due tool"]


def test_a_changeover_while_nobody_looked_is_seen_afterwards():
    run = Shop(shop(check("tool", "changeover", key=(f"{CELL}/mould",)), points=("mould",)))
    run(reading(1, 7.0), start(100, stopped=50))
    assert words(run(reading(101, 7.0))) == []
    run(start(200, stopped=150))
    assert words(run(reading(201, 8.0))) == ["check_due tool"]


def test_a_planned_stop_announces_itself_and_nothing_is_due_meanwhile():
    stop = PlannedStop("weekend", WALL_NS + 10 * 3600 * NS, WALL_NS + 30 * 3600 * NS, announce_ns=3600 * NS)
    run = Shop(shop(check("patrol", "time", period_ns=4 * 3600 * NS), alerts=Alerts(stops=(stop,))))
    run(
        tick(1),
        tick(4 * H + 1),
        result(4 * H + 2, "patrol", 1.0),
        tick(8 * H + 1),
        result(8 * H + 2, "patrol", 1.0),
    )
    assert words(run(tick(9 * H))) == ["planned_stop_ahead weekend"]
    assert words(run(tick(10 * H))) == ["planned_stop weekend"]
    assert words(run(tick(12 * H + 1), tick(20 * H))) == []
    assert words(run(tick(30 * H))) == ["planned_stop_over weekend", "check_due patrol"]
    assert words(run(tick(33.9 * H))) == [
        "check_late patrol",
        "check_missed patrol",
        "alarm check_missed active",
    ]


def test_a_weekly_stop_comes_again():
    friday = PlannedStop("clean", days=(4,), hours=(9 * 3600 * NS, 10 * 3600 * NS))  # 2027-01-15 is a Friday
    run = Shop(shop(alerts=Alerts(stops=(friday,))))
    assert words(run(tick(H), tick(1.5 * H), tick(2 * H))) == [
        "planned_stop clean",
        "planned_stop_over clean",
    ]
    assert words(run(tick(7 * DAY + H))) == ["planned_stop clean"]


def test_a_duty_is_told_before_its_date_and_missed_after_its_grace():
    row = duty(
        "audit_press",
        "audit",
        30,
        last_ns=WALL_NS - 20 * 86_400 * NS,
        lead_ns=5 * 86_400 * NS,
        missed_ns=86_400 * NS,
    )
    run = Shop(shop(row))
    assert words(run(tick(1), tick(4.9 * DAY))) == []
    told = run(tick(5 * DAY + 1))
    assert words(told) == ["check_due audit_press"]
    assert said(told[0])["due_ns"] == WALL_NS + 10 * 86_400 * NS
    assert words(run(tick(9.9 * DAY))) == []
    assert words(run(tick(10.1 * DAY))) == ["check_late audit_press"]
    assert words(run(tick(11.1 * DAY))) == ["check_missed audit_press", "alarm check_missed active"]
    assert words(run(result(12 * DAY, "audit_press", 0.0))) == [
        "check_done audit_press not judged", "alarm check_missed returned",
    ]  # fmt: skip
    assert words(run(tick(36.9 * DAY))) == []
    assert words(run(tick(37.1 * DAY))) == ["check_due audit_press"]  # 12 + 30 - 5


def test_done_before_it_is_due_counts_for_the_date():
    row = duty("oil", "maintenance", 30, last_ns=WALL_NS - 20 * 86_400 * NS, lead_ns=5 * 86_400 * NS)
    run = Shop(shop(row))
    run(tick(1), result(2, "oil", 0.0))
    assert words(run(tick(24.9 * DAY))) == []
    assert words(run(tick(25.1 * DAY))) == ["check_due oil"]


def test_another_boot_keeps_what_is_due():
    run = Shop(shop(check()))
    run(scan(10 * H, "B1"))
    booted = at(10.5 * H)._replace(boottime_ns=5 * NS)
    run(Setting("start", booted, {"stopped_ns": at(10.1 * H).time_ns}))
    later = replace_time(10.9 * H, 5 + 0.4 * H)
    assert words(run(later)) == []
    assert words(run(replace_time(11.1 * H, 5 + 0.6 * H))) == ["check_late moisture"]


def replace_time(wall: float, boot: float):
    return replace(tick(wall), at=at(wall)._replace(boottime_ns=round(boot * NS)))


def test_a_tick_that_changes_nothing_is_not_stored():
    row = check("patrol", "time", period_ns=4 * 3600 * NS)
    run = Shop(shop(check(), row, duty("oil", "maintenance", 30, last_ns=WALL_NS)))
    run(tick(1), scan(2, "B1"), tick(3))
    before = len(run.records)
    for seconds in range(4, 3000, 97):
        assert run.step(tick(seconds)).record is None
    assert len(run.records) == before


@pytest.mark.parametrize("gone", ["moisture", "patrol"])
def test_what_left_the_plan_is_owed_by_nobody(gone):
    rows = (check(), check("patrol", "time", period_ns=4 * 3600 * NS))
    run = Shop(shop(*rows))
    run(tick(1), scan(2, "B1"), tick(4 * H + 2), tick(9 * H))
    left = shop(*(row for row in rows if row.id != gone))
    run.pipeline = Pipeline(left)
    run.state = run.pipeline.adopt(run.state)
    told = run(config(9 * H + 1, left))
    assert "alarm check_missed returned" in words(told)
    assert all(due.check != gone for due in run.state.owed.due.values())

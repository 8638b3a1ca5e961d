"""Shelved: out of sight for a time by somebody's word, while the alarm lives on beneath."""

from __future__ import annotations

import pytest

from gateway.model import Entry, Instant, Plain
from gateway.site import AlarmLimit
from tests.unit.alarms.desk import HOUR, Desk
from tests.unit.fold.line import CELL, WALL_NS, Run, S, at, kinds, point, reading, site, start, tick


def shelved(desk: Desk, seconds: float = 2, hours: float = 2.0) -> list[str]:
    return desk.says("shelve", seconds, for_s=hours * HOUR, reason="sensor is being changed")


def test_a_shelf_says_by_whom_why_and_until_when():
    desk = Desk()
    desk.there(1)
    assert shelved(desk) == ["shelved"]
    facts = desk.facts()
    assert (facts["beneath"], facts["shelved_by"], facts["shelved_reason"]) == (
        "active", "17", "sensor is being changed",
    )  # fmt: skip
    assert facts["shelved_until_ns"] == WALL_NS + (2 + 7200) * S


def test_time_takes_it_off_and_the_alarm_is_what_it_is_by_then():
    desk = Desk()
    desk.there(1)
    shelved(desk)
    assert desk.gone(10) == ["shelved"]
    assert desk.facts()["beneath"] == "returned"
    assert desk.tick(2 * HOUR + 1) == []
    assert desk.tick(2 * HOUR + 2) == ["returned"]
    assert desk.facts()["unshelved_by"] == "time"
    assert "shelved_by" not in desk.facts()
    assert desk.tick(2 * HOUR + 3) == []


def test_a_shelved_alarm_records_what_happens_and_closes_only_off_its_shelf():
    desk = Desk()
    desk.there(1, ("A",))
    shelved(desk)
    assert desk.there(3, ("B",)) == ["shelved"]
    assert desk.last.lots == ("A", "B")
    assert desk.says("acknowledge", 4, cause="heater") == ["shelved"]
    assert desk.gone(5) == ["shelved"]
    assert desk.facts()["beneath"] == "closed"
    assert desk.there(6) == ["shelved"], "it came again: still the same shelf"
    assert desk.facts()["beneath"] == "active"
    assert "cause" not in desk.facts(), "that answer was for the time before"
    desk.says("acknowledge", 7)
    desk.gone(8)
    assert desk.says("unshelve", 9, operator="9") == ["closed"]
    assert desk.facts()["unshelved_by"] == "9"
    assert not desk.alarms
    assert [each.version for each in desk.told] == list(range(1, len(desk.told) + 1))  # type: ignore[union-attr]


def test_shelving_again_is_another_time():
    desk = Desk()
    desk.there(1)
    shelved(desk)
    assert shelved(desk, 100, 1) == ["shelved"]
    assert desk.tick(99 + HOUR) == []
    assert desk.tick(101 + HOUR) == ["active"]


@pytest.mark.parametrize("seconds", [0.5, 1, 24 * HOUR])
def test_the_shortest_and_the_longest_shelf(seconds):
    desk = Desk()
    desk.there(1)
    assert desk.says("shelve", 2, for_s=seconds, reason="x") == ["shelved"]
    assert desk.tick(2 + seconds - 0.1) == []
    assert desk.tick(2 + seconds) == ["active"]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"for_s": 3600, "reason": " "}, "no reason"),
        ({"for_s": 3600}, "no reason"),
        ({"for_s": 0, "reason": "x"}, "above 0"),
        ({"for_s": 25 * HOUR, "reason": "x"}, "at most 86400"),
        ({"for_s": float("nan"), "reason": "x"}, "above 0"),
        ({"for_s": "2h", "reason": "x"}, "not a number"),
        ({"for_s": True, "reason": "x"}, "not a number"),
        ({"for_s": 60, "reason": "x" * 1001}, "at most 1000 characters"),
    ],
)
def test_a_shelf_without_an_end_or_a_reason_is_refused(body, why):
    desk = Desk()
    desk.there(1)
    assert desk.says("shelve", 2, **body) == ["shelve_refused"]
    assert why in str(desk.note.facts["reason"])
    assert desk.last.state == "active"


def test_unshelving_what_is_not_shelved_is_refused():
    desk = Desk()
    desk.there(1)
    assert desk.says("unshelve", 2) == ["shelve_refused"]
    assert desk.note.facts["reason"] == "not shelved"


def test_a_shelf_goes_on_over_a_reboot_by_wall_time():
    desk = Desk()
    desk.there(10 * HOUR)
    shelved(desk, 10 * HOUR, 2)
    desk.boot(Instant(at(11 * HOUR).time_ns, 5 * S, 2))  # boottime began anew
    left = desk.alarms["limit_HH hall/line1/press1/x "].shelf
    assert left is not None
    assert left.until_boottime_ns == 5 * S + 3600 * S
    assert desk.tick(HOUR + 6) == ["active"]


def test_a_shelf_of_a_clock_that_was_wrong_never_lasts_longer_than_a_day():
    desk = Desk()
    desk.there(1)
    shelved(desk)
    desk.boot(Instant(0, 0, 2))  # 1970: the clock lost its battery
    assert desk.tick(24 * HOUR) == ["active"]


def test_through_the_fold_and_a_restart_of_the_same_boot():
    run = Run(site([point("x")], limits=[AlarmLimit(f"{CELL}/x", "HH", 80.0, 2.0, "")], stale_s=1e6))
    run(reading(1, 90.0))
    (alarm,) = run.state.alarms.values()
    body: dict[str, Plain] = {"alarm": alarm.id, "for_s": 60, "reason": "x"}
    assert kinds(run(Entry("shelve", at(2), "17", body))) == ["alarm limit_HH shelved"]
    again = start(10, stopped=5)
    same = type(again)("start", again.at, {**again.body, "stopped_seconds": 5.0})
    assert kinds(run(same, tick(61))) == ["gap"]
    assert kinds(run(tick(62))) == ["alarm limit_HH active"]
    assert kinds(run(Entry("unshelve", at(63), "17", {"alarm": alarm.id}))) == ["shelve_refused"]

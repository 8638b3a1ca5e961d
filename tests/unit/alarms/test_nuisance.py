"""First-out and chattering."""

from __future__ import annotations

from gateway.alarms import Cause
from gateway.model import Severity
from tests.unit.alarms.desk import HOT, Desk
from tests.unit.fold.line import CELL

COLD = Cause("limit_LL", f"{CELL}/y", Severity.ALARM, f"{CELL}/y")
ELSEWHERE = Cause("limit_LL", "hall/line1/press2/y", Severity.ALARM, "hall/line1/press2/y")
QUIET = Cause("stale", "press1/fast", Severity.WARNING, at=CELL)
NOWHERE = Cause("stale", "gateway", Severity.WARNING)


def test_alarms_of_a_cell_within_the_window_name_the_one_that_came_first():
    desk = Desk()
    desk.there(1)
    first = desk.id
    assert desk.facts()["first_out"] == first
    desk.there(20, cause=COLD)
    assert desk.facts()["first_out"] == first
    desk.there(31, cause=QUIET)
    assert desk.facts()["first_out"] == first
    desk.there(31.5, cause=ELSEWHERE)
    assert desk.facts()["first_out"] == desk.id != first


def test_after_the_window_another_one_is_first():
    desk = Desk()
    desk.there(1)
    desk.there(31.1, cause=COLD)
    assert desk.facts()["first_out"] == desk.id


def test_an_alarm_of_no_cell_is_first_nowhere():
    desk = Desk(NOWHERE)
    desk.there(1)
    assert "first_out" not in desk.facts()


def test_three_raises_in_a_minute_are_told_as_chattering_once():
    desk = Desk()
    told = []
    for second in (1, 20, 40, 59):
        told += desk.there(second)
        desk.gone(second + 1)
    assert told == ["active", "active", "active", "alarm_chattering", "active"]
    assert desk.note.subject == desk.id
    assert desk.facts()["chattering"] == {"raises": 3, "within_s": 39.0}


def test_an_alarm_answered_each_time_chatters_too():
    desk = Desk()
    for second in (1, 20, 40):
        desk.there(second)
        desk.says("acknowledge", second + 1)
        desk.gone(second + 2)
    assert len({each.alarm for each in desk.told if hasattr(each, "alarm")}) == 3
    assert desk.note.kind == "alarm_chattering"


def test_three_raises_in_longer_are_none():
    desk = Desk()
    for second in (1, 31, 62, 93, 124):
        assert "alarm_chattering" not in desk.there(second)
        desk.gone(second + 1)


def test_what_is_over_is_not_remembered():
    desk = Desk()
    desk.there(1)
    desk.there(100, cause=COLD)
    assert set(desk.alarms.raises) == {COLD.name}
    assert HOT.name in desk.alarms

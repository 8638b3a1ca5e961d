"""Alarms as whoever answers for them sees them: what came first, whom the ladder tells next, what it was before."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.model import AlarmChanged, Entry
from gateway.plan.hours import stood_still_ns
from gateway.site import Alerts, Ladder, Line, Person, PlannedStop, Shifts, Step
from gateway.study.pareto import pareto
from gateway.views.alarms import Desk, alarms, causes
from gateway.views.firstout import grouped
from gateway.views.moments import iso
from gateway.web.pages import PAGES, NotFound
from gateway.web.pages.page import Asked
from tests.unit.fold.line import S, at, characteristic, site, tick
from tests.unit.views.plant import kept
from tests.unit.views.test_past import POINTS, noise, readings

MIN = 60 * S
ALERTS = Alerts(
    people=(Person("lead"), Person("boss")),
    ladders=(Ladder("std", (Step(0, ("owner",)), Step(10 * MIN, ("lead",)), Step(60 * MIN, ("boss",)))),),
    default="std",
)
CAUSES = ("check ring worn", "wrong resin")


def row(alarm, begun, lots=(), **facts):
    return {"alarm": alarm, "site": "plant", "begun_ns": begun, "lots": list(lots), "facts": facts}


def test_the_oldest_alarm_of_a_lot_is_the_first_and_gathers_the_others():
    rows = [row("c", 3, ["L1", "L2"]), row("d", 4, ["L2"]), row("a", 1, ["L1"]), row("x", 2)]
    assert grouped(rows) == [
        {"first": "a", "then": ["c"], "lots": ["L1", "L2"]},
        {"first": "d", "then": [], "lots": ["L2"]},  # with `c` alone it shares a lot, and `c` gathers none
        {"first": "x", "then": [], "lots": []},
    ]


def test_what_the_box_said_came_first_did():
    rows = [
        row("late", 9, first_out="early"),
        row("early", 1, ["L1"]),
        row("odd", 2, first_out="closed long ago"),
    ]
    assert [(group["first"], group["then"]) for group in grouped(rows)] == [("early", ["late"]), ("odd", [])]


def test_lots_of_two_sites_with_one_name_are_two():
    rows = [row("a", 1, ["L1"]), {**row("b", 2, ["L1"]), "site": "other"}]
    assert len(grouped(rows)) == 2


def test_the_causes_that_matter_stand_first_and_add_up():
    bars = pareto(["b", "a", "c", "a", "b", "a"])
    assert [(bar.name, bar.count) for bar in bars] == [("a", 3), ("b", 2), ("c", 1)]
    assert [bar.reached for bar in bars] == pytest.approx([3 / 6, 5 / 6, 1.0])
    assert pareto([]) == ()


def drifted(folder, *more):
    """A chart that signals at 31 s, with `more` inputs behind its readings."""
    rows = noise(40)
    rows[30:, 0] += 8
    one = replace(characteristic("x", "x", rules=("WE1",)), line=Line(owner="boss", causes=CAUSES))
    plant = replace(site(POINTS, [one], stale_s=1e6), alerts=ALERTS)
    return kept(folder, plant, [*readings(rows), *more])


def answer(alarm, cause, cause_class="assignable"):
    body = {"alarm": alarm, "cause": cause, "cause_class": cause_class, "action": "changed"}
    return Entry("acknowledge", at(50), "17", body)


def test_the_clock_of_the_ladder_counts_to_whoever_is_next(tmp_path):
    _, reader, _ = drifted(tmp_path, tick(700))
    with reader:
        (found,) = alarms([reader])
        about = Desk(reader, at(700).time_ns).about(found)
    assert about["begun"] == iso(at(31).time_ns)
    assert about["causes"] == list(CAUSES)
    assert [each["to"] for each in about["escalation"]["told"]] == [["boss"], ["lead"]]
    ahead = about["escalation"]["next"]
    assert (ahead["step"], ahead["steps"], ahead["to"], ahead["stopped"]) == (3, 3, ["boss"], False)
    assert ahead["at"] == iso(at(31).time_ns + 60 * MIN)


def test_planned_stops_that_are_over_stood_still_too():
    day, hour = 86_400_000_000_000, 60 * MIN
    shifts, monday = Shifts(), 4 * day  # 1970-01-05
    stops = (
        PlannedStop("weekly", days=(0,), hours=(8 * hour, 10 * hour), cells=("hall/line1/press1",)),
        PlannedStop("once", from_ns=monday + 9 * hour, to_ns=monday + 11 * hour),
        PlannedStop("elsewhere", from_ns=0, to_ns=9 * day, cells=("hall/line1/press2",)),
    )

    def stood(t0, t1, cell="hall/line1/press1"):
        return (
            stood_still_ns(shifts, stops, cell, (monday + round(t0 * hour), monday + round(t1 * hour))) / hour
        )

    assert stood(7, 12) == 3.0  # 8 to 11: what overlaps counts once
    assert stood(9.5, 10.5) == 1.0
    assert stood(0, 24 * 14) == 5.0  # the next Monday's as well
    assert stood(11, 24) == 0.0
    assert stood(7, 12, "") == 2.0  # of no cell: a stop of the whole site alone


def test_an_answer_ends_the_ladder_and_is_counted(tmp_path):
    _, first, events = drifted(tmp_path / "first")
    first.close()
    alarm = next(event.alarm for event in events if isinstance(event, AlarmChanged))
    _, reader, _ = drifted(tmp_path / "second", answer(alarm, "check ring worn"))
    with reader:
        (found,) = alarms([reader])
        about = Desk(reader, at(60).time_ns).about(found)
        assert about["escalation"] is None
        assert about["causes_before"] == []  # it is among those of the plan
        assert causes([reader], at(0).time_ns) == [{"cause": "check ring worn", "count": 1, "reached": 1.0}]
        assert causes([reader], at(51).time_ns) == []
        page = PAGES["alarms"].data(Asked([reader], {"days": "7"}, at(60).time_ns))
        assert page["groups"] == [{"first": alarm, "then": [], "lots": []}]
        assert (page["days"], page["causes"][0]["cause"]) == (7, "check ring worn")
        for wrong in ("0", "-1", "week", "99999"):
            with pytest.raises(NotFound, match="write a whole number from 1 to 3660"):
                PAGES["alarms"].data(Asked([reader], {"days": wrong}, at(60).time_ns))

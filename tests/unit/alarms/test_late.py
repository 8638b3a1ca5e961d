"""A late scan shows that other lots were in an alarm: a new version, and an event that names the old one."""

from __future__ import annotations

from gateway.model import AlarmChanged, Noted
from gateway.site import AlarmLimit
from tests.unit.fold.line import CELL, Run, acknowledge, kinds, point, reading, scan, site

LIMIT = AlarmLimit(f"{CELL}/x", "HH", 80.0, 2.0, "")


def hot() -> Run:
    return Run(site([point("x")], limits=[LIMIT], stale_s=1e6))


def last(run: Run) -> AlarmChanged:
    return [event for event in run.events if isinstance(event, AlarmChanged)][-1]


def test_a_box_that_was_scanned_late_takes_the_place_of_the_one_that_was_named():
    run = hot()
    run(scan(1, "A"), reading(10, 90.0), reading(20, 20.0))
    assert last(run).lots == ("A",)
    told = run(scan(5, "B"))
    assert kinds(told)[-2:] == ["alarm limit_HH returned", "alarm_amended"]
    assert (last(run).lots, last(run).version) == (("B",), 3)
    note = told[-1]
    assert isinstance(note, Noted)
    assert note.subject == last(run).alarm
    assert note.facts == {"version": 2, "lots_added": ["B"], "lots_removed": ["A"], "code": "B"}


def test_an_alarm_that_stands_is_amended_again_from_where_it_was():
    run = hot()
    run(scan(1, "A"), reading(10, 90.0), reading(20, 20.0), scan(5, "B"))
    run(scan(6, "D"))
    assert (last(run).lots, last(run).version) == (("D",), 4)
    [kept] = run.state.alarms.values()
    assert (kept.lots, kept.version) == (("D",), 4)


def test_what_stood_before_the_late_box_stays_named():
    run = hot()
    run(scan(1, "A"), reading(4, 90.0), reading(6, 20.0), reading(8, 90.0), reading(9, 20.0))
    run(scan(5, "B"))
    assert last(run).lots == ("A", "B")


def test_an_alarm_that_closed_is_amended_and_stays_closed():
    run = hot()
    run(scan(1, "A"), reading(10, 90.0))
    run(acknowledge(11, last(run).alarm), reading(12, 20.0), scan(30, "C"))
    told = kinds(run(scan(5, "B")))
    assert told[-2:] == ["alarm limit_HH closed", "alarm_amended"]
    assert (last(run).lots, last(run).version) == (("B",), 4)
    assert run.state.alarms == {}
    again = kinds(run(scan(6, "D")))
    assert again[-2:] == ["alarm limit_HH closed", "alarm_amended"]
    assert (last(run).lots, last(run).version) == (("D",), 5)


def test_material_that_was_scanned_late_joins():
    run = hot()
    run(scan(1, "A"), reading(10, 90.0))
    run(scan(5, "R", "hopper"))
    assert last(run).lots == ("A", "R")


def test_a_scan_in_time_and_one_at_another_cell_amend_nothing():
    run = hot()
    run(scan(1, "A"), reading(10, 90.0), reading(11, 20.0))
    assert not [kind for kind in kinds(run(scan(12, "B"), scan(5, "Z", "store"))) if "alarm" in kind]


def test_a_late_scan_after_the_samples_amends_nothing():
    run = hot()
    run(scan(1, "A"), reading(10, 90.0), reading(11, 20.0), reading(30, 20.0))
    assert "alarm_amended" not in kinds(run(scan(12, "B")))

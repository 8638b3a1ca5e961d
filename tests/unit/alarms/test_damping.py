"""What keeps an alarm from chattering: samples and delays before it is raised, a delay before it returns."""

from __future__ import annotations

import numpy as np

from gateway.alarms import Damping, Limits
from gateway.site import AlarmLimit
from tests.unit.alarms.desk import Desk
from tests.unit.fold.line import CELL, Run, S, at, kinds, point, reading, site, tick

LATER = Damping(on_delay_ns=5 * S, off_delay_ns=10 * S)


def test_so_many_violating_samples_raise():
    desk = Desk(damping=Damping(on_samples=3))
    assert [desk.there(1, ("A",)), desk.there(2, ("B",)), desk.there(3)] == [[], [], ["active"]]
    assert desk.last.lots == ("A", "B")
    assert desk.last.version == 1


def test_a_cause_that_goes_before_is_forgotten():
    desk = Desk(damping=Damping(on_samples=3))
    desk.there(1)
    desk.there(2)
    assert desk.gone(3) == []
    assert [desk.there(4), desk.there(5), desk.there(6)] == [[], [], ["active"]]


def test_a_delay_is_over_with_a_tick_or_with_a_sample():
    desk, other = Desk(damping=LATER), Desk(damping=LATER)
    desk.there(1)
    assert [desk.tick(5.9), desk.tick(6), desk.tick(7)] == [[], ["active"], []]
    other.there(1)
    assert other.there(6) == ["active"]


def test_it_returns_after_the_off_delay_only():
    desk = Desk(damping=LATER)
    desk.there(1)
    desk.tick(6)
    assert desk.gone(7) == []
    assert not desk.alarms.there(desk.cause.name)
    assert desk.there(12) == [], "back before the delay was over: nothing happened"
    assert desk.gone(20) == []
    assert desk.gone(25) == []
    assert [desk.tick(29), desk.tick(30)] == [[], ["returned"]]


def test_an_acknowledged_alarm_closes_after_the_off_delay():
    desk = Desk(damping=LATER)
    desk.there(1)
    desk.tick(6)
    desk.gone(7)
    assert desk.says("acknowledge", 8) == ["acknowledged"]
    assert desk.tick(17) == ["closed"]


def test_delays_count_from_the_start_of_a_run():
    desk = Desk(damping=LATER)
    desk.there(100)
    desk.boot(at(3))
    assert [desk.tick(7.9), desk.tick(8)] == [[], ["active"]]
    desk.gone(9)
    desk.boot(at(1))
    assert [desk.tick(10.9), desk.tick(11)] == [[], ["returned"]]


def test_a_limit_that_waits_hears_of_each_good_sample_beyond_it():
    rows = AlarmLimit("x", "HH", 80.0, 2.0, ""), AlarmLimit("x", "L", 10.0, 2.0, "")
    limits = Limits(rows, {"x": 0})
    high, low = (cause.name for cause in limits.causes)
    waiting = [limits.waiting(np.array([x]), {high, low}).tolist() for x in (90.0, 79.0, np.nan, 9.0)]
    assert waiting == [[0], [], [], [1]]
    assert limits.waiting(np.array([90.0]), {low}).tolist() == []


def test_a_limit_of_the_config_has_its_delays():
    row = AlarmLimit(f"{CELL}/x", "HH", 80.0, 2.0, "", 2 * S, 3 * S)
    run = Run(site([point("x")], limits=[row], stale_s=1e6))
    told = [
        kinds(run(each)) for each in (reading(1, 90.0), tick(2), tick(3), reading(4, 20.0), tick(6), tick(7))
    ]
    assert told == [[], [], ["alarm limit_HH active"], [], [], ["alarm limit_HH returned"]]


def test_a_glitch_that_is_shorter_than_its_delay_is_none():
    row = AlarmLimit(f"{CELL}/x", "HH", 80.0, 2.0, "", 2 * S)
    run = Run(site([point("x")], limits=[row], stale_s=1e6))
    assert run(reading(1, 90.0), reading(2, 20.0), tick(3), tick(4), reading(5, 90.0), tick(6)) == []
    assert kinds(run(reading(7, 90.0))) == ["alarm limit_HH active"], "a sample may be what ends the delay"

"""An alarm that nobody acknowledges climbs its ladder, once a step, with quiet hours, stops and restarts between."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from gateway.alarms.ladders import Climb, Ladders, climbs_restarted
from gateway.model import AlarmChanged, Entry, Event, Noted, Setting
from gateway.pipeline import Pipeline
from gateway.site import AlarmLimit, Alerts, Characteristic, Ladder, Line, Person, PlannedStop, Sampling, Step
from tests.unit.controlplan.shop import NS, H, Shop, said, shop
from tests.unit.fold.line import CELL, WALL_NS, acknowledge, at, config, reading, start, tick

# 08:00 UTC at 0 s
MIN = 60.0
LEAD, QUALITY = (
    Person("lead", mail_from="file:lead"),
    Person("quality", quiet=((9 * 3600 * NS, 10 * 3600 * NS),)),
)
STEPS = (
    Step(0, ("owner",)),
    Step(600 * NS, ("lead", "quality")),
    Step(3600 * NS, ("boss",), despite_quiet=True),
)
ALERTS = Alerts(
    people=(LEAD, QUALITY, Person("boss", quiet=((0, 86_399 * NS),))),
    ladders=(Ladder("std", STEPS),),
    default="std",
)
LIMIT = AlarmLimit(f"{CELL}/x", "HH", 10.0, 1.0, "stop it")


def run(alerts: Alerts = ALERTS, **options) -> Shop:
    return Shop(replace(shop(alerts=alerts, **options), alarm_limits=(LIMIT,)))


def steps(events: Iterable[Event]) -> list[tuple[int, list[str]]]:
    found = (each for each in events if isinstance(each, Noted) and each.kind == "escalated")
    return [(said(each)["step"], said(each)["to"]) for each in found]


def alarm(line: Shop) -> str:
    return next(each.alarm for each in line.events if isinstance(each, AlarmChanged))


def test_each_step_is_told_once_at_its_time():
    line = run()
    assert steps(line(reading(10, 20.0))) == [(1, [])]  # nobody owns a limit
    assert steps(line(tick(11), tick(10 + 10 * MIN - 1))) == []
    assert steps(line(tick(10 + 10 * MIN))) == [(2, ["lead", "quality"])]
    assert steps(line(tick(11 * MIN), tick(59 * MIN))) == []
    told = line(tick(10 + H))
    assert steps(told) == [(3, ["boss"])]
    assert steps(line(tick(2 * H), tick(9 * H))) == []
    [event] = [each for each in told if isinstance(each, Noted)]
    assert event.subject == alarm(line)
    assert event.facts["steps"] == 3
    assert event.facts["since_ns"] == at(10).time_ns
    assert event.facts["reaction"] == "stop it"
    assert "HH" in str(event.facts["sentence"])
    assert "报警限" in str(event.facts["sentence_zh"])


def test_an_answer_ends_it():
    line = run()
    line(reading(10, 20.0), acknowledge(60, "x"))
    line(acknowledge(61, alarm(line)))
    assert steps(line(tick(10 * H))) == []
    assert line.state.climbs == {}


def test_a_cause_that_is_gone_is_no_answer():
    line = run()
    line(reading(10, 20.0), reading(20, 1.0))
    assert steps(line(tick(10 + 10 * MIN))) == [(2, ["lead", "quality"])]


def test_a_shelf_ends_it_and_it_begins_anew_behind_it():
    line = run()
    line(reading(10, 20.0))
    line(Entry("shelve", at(20), "17", {"alarm": alarm(line), "for_s": 1800, "reason": "known"}))
    assert steps(line(tick(30 * MIN - 1))) == []
    assert steps(line(tick(31 * MIN))) == [(1, [])]


def test_quiet_hours_wait_and_the_ladder_goes_on():
    line = run()
    assert steps(line(reading(55 * MIN, 20.0), tick(64 * MIN))) == [(1, [])]
    told = line(tick(65 * MIN))  # 09:05
    assert steps(told) == [(2, ["lead"])]
    assert said(told[0])["waiting"] == ["quality"]
    assert steps(line(tick(115 * MIN))) == [(3, ["boss"])]  # despite_quiet
    told = line(tick(2 * H))  # 10:00
    assert steps(told) == [(2, ["quality"])]
    assert said(told[0])["after_quiet_hours"] is True
    assert steps(line(tick(3 * H))) == []


def test_whoever_has_quiet_hours_is_not_told_of_what_was_answered_meanwhile():
    line = run()
    line(reading(55 * MIN, 20.0), tick(65 * MIN))
    line(acknowledge(70 * MIN, alarm(line)))
    assert steps(line(tick(2 * H))) == []


def test_quiet_hours_over_midnight_are_local():
    night = Person("lead", quiet=((22 * 3600 * NS, 6 * 3600 * NS),))
    alerts = Alerts(people=(night,), ladders=(Ladder("std", (Step(0, ("lead",)),)),), default="std")
    site = replace(shop(alerts=alerts), alarm_limits=(LIMIT,))
    line = Shop(replace(site, shifts=replace(site.shifts, offsets=((0, 8 * 3600),))))  # 16:00 local at 0 s
    assert steps(line(reading(6 * H + 1, 20.0))) == [(1, [])]  # 22:00 local
    assert steps(line(tick(13.9 * H))) == []
    assert steps(line(tick(14 * H))) == [(1, ["lead"])]  # 06:00


def test_time_stands_still_in_a_planned_stop():
    stop = PlannedStop("clean", WALL_NS + 300 * NS, WALL_NS + 7500 * NS)
    line = run(replace(ALERTS, stops=(stop,)))
    line(reading(10, 20.0), tick(300))
    assert steps(line(tick(5000))) == []
    assert steps(line(tick(7500), tick(7500 + 309))) == []
    assert steps(line(tick(7500 + 311))) == [(2, ["lead", "quality"])]


def test_how_long_times_stood_still_at_a_cell():
    stop = PlannedStop("clean", WALL_NS + 300 * NS, WALL_NS + 7500 * NS, cells=(CELL,))
    ladders = Ladders(shop(alerts=replace(ALERTS, stops=(stop,))))
    still = [ladders.stands_still(CELL, WALL_NS + seconds * NS) for seconds in (299, 300, 7499, 7500)]
    assert still == [False, True, True, False]
    assert not ladders.stands_still("hall/line1/press2", WALL_NS + 300 * NS)
    stood = [ladders.stood_ns(CELL, WALL_NS, WALL_NS + seconds * NS) for seconds in (300, 1000, 9000)]
    assert stood == [0, 700 * NS, 7200 * NS]
    assert ladders.stood_ns("hall/line1/press2", WALL_NS, WALL_NS + 9000 * NS) == 0


def test_a_stop_elsewhere_changes_nothing():
    stop = PlannedStop("clean", WALL_NS, WALL_NS + 7500 * NS, cells=("hall/line1/press2",))
    line = run(replace(ALERTS, stops=(stop,)))
    line(reading(10, 20.0))
    assert steps(line(tick(700))) == [(2, ["lead", "quality"])]


def test_the_rows_own_ladder_and_owner():
    row = Characteristic(
        "c", f"{CELL}/x", "imr", {"center": 0.0, "sigma": 1.0}, (), Sampling(), "look",
        line=Line("press", "B", owner="quality", ladder="short"),
    )  # fmt: skip
    short = Ladder("short", (Step(0, ("owner", "lead", "owner")),))
    line = Shop(shop(alerts=replace(ALERTS, ladders=(*ALERTS.ladders, short)), rows=(row,)))
    told = line(reading(10, 20.0))
    assert steps(told) == [(1, ["quality", "lead"])]
    assert next(e for e in told if isinstance(e, Noted)).facts["plan"] == "press B"


def test_an_alarm_that_stands_when_its_site_gets_a_ladder_climbs_it():
    line = run(replace(ALERTS, default=""))
    line(reading(10, 20.0))
    new = replace(shop(alerts=ALERTS), alarm_limits=(LIMIT,))
    line.pipeline = Pipeline(new)
    line.state = line.pipeline.adopt(line.state)
    assert steps(line(config(100, new), tick(101))) == [(1, [])]
    assert steps(line(start(200, stopped=150), tick(699))) == []
    assert steps(line(tick(701))) == [(2, ["lead", "quality"])]


def test_no_ladder_no_escalation():
    line = run(replace(ALERTS, default=""))
    line(reading(10, 20.0), tick(9 * H))
    assert steps(line.events) == []


def test_a_restart_goes_on_where_it_was_also_after_a_boot():
    line = run()
    line(reading(10, 20.0), start(300, stopped=200))
    booted = at(400)._replace(boottime_ns=7 * NS)
    line(Setting("start", booted, {"stopped_ns": at(300).time_ns}))
    assert steps(line(replace(tick(0), at=at(609)._replace(boottime_ns=216 * NS)))) == []
    assert steps(line(replace(tick(0), at=at(611)._replace(boottime_ns=218 * NS)))) == [
        (2, ["lead", "quality"])
    ]


def test_a_tick_between_two_steps_is_not_stored():
    line = run()
    line(reading(10, 20.0), tick(11))
    assert all(line.step(tick(seconds)).record is None for seconds in range(12, 600, 49))


def test_what_comes_next_is_said_step_by_step_and_behind_the_last_there_is_none():
    ladders = Ladders(replace(shop(alerts=ALERTS), alarm_limits=(LIMIT,)))
    told = [ladders.ahead("anything", step) for step in range(-1, 4)]
    assert told == [
        None,
        ("std", 3, STEPS[0], ()),  # nobody owns it
        ("std", 3, STEPS[1], ("lead", "quality")),
        ("std", 3, STEPS[2], ("boss",)),
        None,
    ]
    assert Ladders(shop(alerts=replace(ALERTS, default=""))).ahead("anything", 0) is None


def test_who_wakes_is_told_of_the_own_step_only():
    quiet = ((8 * 3600 * NS, 9 * 3600 * NS),)
    people = (Person("lead", quiet=quiet), Person("quality", quiet=quiet))
    ladder = Ladder("std", (Step(0, ("lead",)), Step(600 * NS, ("quality",))))
    line = run(Alerts(people=people, ladders=(ladder,), default="std"))
    line(reading(10, 20.0), tick(30 * MIN))
    assert steps(line(tick(H))) == [(1, ["lead"]), (2, ["quality"])]


def test_a_restart_of_the_same_boot_changes_no_climb_and_another_goes_by_wall_time():
    climbs = {"a": Climb("std", at(5).time_ns, at(9).boottime_ns, 1, paused_ns=at(20).boottime_ns)}
    assert climbs_restarted(climbs, at(30), same_boot=True) is climbs
    assert climbs_restarted(climbs, at(30), same_boot=False) == {
        "a": Climb("std", at(5).time_ns, at(5).boottime_ns, 1)
    }

"""Alarms through their life, and what raises them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import pytest

from gateway.alarms import LOTS_MOST, Alarms, Cause, raised
from gateway.bank.bank import RETURN_AFTER
from gateway.model import AlarmChanged, Noted, Plain, Quality, Severity
from gateway.site import AlarmLimit
from tests.unit.fold.line import (
    CELL,
    Run,
    acknowledge,
    at,
    characteristic,
    config,
    kinds,
    point,
    reading,
    scan,
    site,
    start,
    tick,
)


def limit(level: str, value: float, deadband: float = 2.0) -> AlarmLimit:
    return AlarmLimit(f"{CELL}/x", level, value, deadband, "stop the press")


def hot(level: str = "HH") -> Run:
    return Run(site([point("x")], limits=[limit(level, 80.0)]))


def last(run: Run) -> AlarmChanged:
    return [event for event in run.events if isinstance(event, AlarmChanged)][-1]


def facts(run: Run) -> Mapping[str, Plain]:
    return last(run).facts or {}


# --- limits ---


def test_what_to_do_is_told_in_both_languages():
    run = Run(site([point("x")], limits=[replace(limit("HH", 80.0), reaction_zh="停机。")]))
    run(reading(1, 81.0))
    assert last(run).reaction == "stop the press"
    assert facts(run)["reaction_zh"] == "停机。"
    assert str(facts(run)["sentence"]).endswith("Do: stop the press")
    assert str(facts(run)["sentence_zh"]).endswith("处理措施：停机。")


def test_beyond_the_limit_raises_and_back_by_the_deadband_returns():
    run = hot()
    told = [kinds(run(reading(t, v))) for t, v in enumerate([80.0, 80.1, 79.0, 78.1, 78.0], 1)]
    assert told == [[], ["alarm limit_HH active"], [], [], ["alarm limit_HH returned"]]
    assert (last(run).reaction, last(run).severity, last(run).tag) == (
        "stop the press",
        Severity.ALARM,
        f"{CELL}/x",
    )


def test_low_limits_mirror_high_ones():
    run = Run(site([point("x")], limits=[limit("L", 20.0), limit("LL", 10.0)]))
    told = [kinds(run(reading(t, v))) for t, v in enumerate([20.0, 19.0, 9.0, 12.0, 23.0], 1)]
    assert told == [
        [],
        ["alarm limit_L active"],
        ["alarm limit_LL active"],
        ["alarm limit_LL returned"],
        ["alarm limit_L returned"],
    ]


def test_a_value_that_is_not_good_neither_raises_nor_returns():
    run = Run(site([point("x", high=1000.0)], limits=[limit("HH", 80.0)]))
    assert run(reading(1, 5000.0), reading(2, 90.0, quality=[Quality.UNSTABLE])) == []
    run(reading(3, 90.0))
    assert run(reading(4, 5000.0), reading(5, 0.0, quality=[Quality.NO_ANSWER])) == []
    assert kinds(run(reading(6, 20.0))) == ["alarm limit_HH returned"]


# --- life ---


def test_acknowledged_then_returned_is_closed():
    run = hot()
    run(reading(1, 90.0))
    assert kinds(run(acknowledge(2, last(run).alarm))) == ["alarm limit_HH acknowledged"]
    assert kinds(run(reading(3, 20.0))) == ["alarm limit_HH closed"]
    assert run.state.alarms == {}


def test_returned_then_acknowledged_is_closed():
    run = hot()
    run(reading(1, 90.0), reading(2, 20.0))
    assert kinds(run(acknowledge(3, last(run).alarm))) == ["alarm limit_HH closed"]
    assert facts(run)["acknowledged_by"] == "17"
    assert run.state.alarms == {}


def test_raised_again_before_anybody_answered_is_the_same_alarm():
    run = hot()
    run(reading(1, 90.0), reading(2, 20.0), reading(3, 91.0))
    changes = [event for event in run.events if isinstance(event, AlarmChanged)]
    assert [change.version for change in changes] == [1, 2, 3]
    assert {change.alarm for change in changes} == {changes[0].alarm}
    assert last(run).state == "active"
    assert (facts(run)["value"], facts(run)["limit"]) == (91.0, 80.0)


def test_raised_again_it_keeps_the_lots_it_had():
    run = hot()
    run(scan(1, "A"), reading(2, 90.0), reading(3, 20.0), scan(4, "B"), reading(5, 91.0))
    assert last(run).lots == ("A", "B")


def test_after_it_closed_the_next_one_is_another_alarm():
    run = hot()
    run(reading(1, 90.0))
    first = last(run).alarm
    run(acknowledge(2, first), reading(3, 20.0), reading(4, 90.0))
    assert last(run).alarm != first
    assert last(run).version == 1


@pytest.mark.parametrize("alarm", ["nothing-of-that-name", None, 5])
def test_answering_for_an_alarm_that_is_not_there_is_refused(alarm):
    (event,) = hot()(acknowledge(1, alarm))
    assert isinstance(event, Noted)
    assert event.kind == "acknowledge_refused"


def test_answering_twice_is_refused_and_makes_no_version():
    run = hot()
    run(reading(1, 90.0), acknowledge(2, last(run).alarm if run.events else ""))
    run(acknowledge(3, last(run).alarm))
    assert kinds(run(acknowledge(4, last(run).alarm))) == ["acknowledge_refused"]


def test_ids_are_safe_as_a_topic_level_and_the_same_in_every_replay():
    run, again = hot(), hot()
    run(reading(1, 90.0))
    again(reading(1, 90.0))
    assert last(run).alarm == last(again).alarm
    assert re.fullmatch(r"[A-Za-z0-9_.-]{1,80}", last(run).alarm)


def test_every_change_of_an_alarm_is_urgent_and_a_plain_reading_is_not():
    run = hot()
    assert not run.step(reading(1, 20.0)).urgent
    assert run.step(reading(2, 90.0)).urgent
    assert not run.step(reading(3, 90.0)).urgent
    assert run.step(acknowledge(4, "x")).urgent
    assert run.step(scan(5, "A")).urgent


# --- signals ---


def charted(method: str = "imr") -> Run:
    return Run(
        site([point("x")], [characteristic("c", "x", method, rules=("WE1",) if method == "imr" else ())])
    )


def test_a_signal_raises_one_alarm_and_enough_quiet_samples_return_it():
    run = charted()
    assert kinds(run(reading(1, 60.0))) == ["signal WE1", "alarm signal active"]
    quiet = [kinds(run(reading(2 + t, 50.0))) for t in range(RETURN_AFTER)]
    assert quiet == [[]] * (RETURN_AFTER - 1) + [["alarm signal returned"]]


def test_what_returned_is_no_longer_awaited():
    run = charted()
    run(reading(1, 60.0), *(reading(2 + t, 50.0) for t in range(RETURN_AFTER)))
    (bank,) = run.state.groups["press1/fast"].charting.banks
    assert bank.quiet.tolist() == [-1]


def test_a_violation_on_the_way_begins_the_count_of_quiet_samples_anew():
    run = charted()
    run(reading(1, 60.0), *(reading(2 + t, 50.0) for t in range(5)))
    assert kinds(run(reading(8, 60.0))) == ["signal WE1"]
    assert run(*(reading(10 + t, 50.0) for t in range(RETURN_AFTER - 1))) == []


def test_lots_that_enter_while_it_lasts_get_into_the_alarm():
    run = charted()
    run(scan(1, "A"), reading(2, 60.0))
    assert last(run).lots == ("A",)
    assert kinds(run(reading(3, 60.0))) == []
    run(scan(4, "B"))
    assert kinds(run(reading(5, 60.0))) == ["alarm signal active"]
    assert (last(run).lots, last(run).version) == (("A", "B"), 2)


def test_rules_that_join_are_a_new_version():
    run = Run(site([point("x")], [characteristic("c", "x")]))
    run(reading(1, 54.0), reading(2, 54.0))
    assert facts(run)["rules"] == ["WE1", "WE2"]
    assert facts(run)["value"] == 54.0


# --- silence ---


def test_a_silent_group_is_stale_once_and_returns_with_the_first_value():
    run = Run(site([point("x")], stale_s=5))
    run(reading(1, 1.0))
    assert run(tick(5.9)) == []
    assert kinds(run(tick(6.1))) == ["alarm stale active"]
    assert last(run).subject == "press1/fast"
    assert run(tick(7), tick(8)) == []
    assert run(reading(9, 0.0, quality=[Quality.NO_ANSWER])) == []
    assert kinds(run(reading(10, 1.0))) == ["alarm stale returned"]


def test_only_bad_answers_are_silence():
    run = Run(site([point("x"), point("y")], stale_s=5))
    for t in range(1, 7):
        run(reading(t, 0.0, 0.0, quality=[Quality.NO_ANSWER] * 2))
    assert kinds(run(tick(7))) == ["alarm stale active"]


def test_a_group_never_heard_is_stale_by_the_start_of_the_run():
    run = Run(site([point("x")], stale_s=5))
    assert run(tick(4)) == []
    assert kinds(run(tick(6))) == ["alarm stale active"]


def test_downtime_is_no_silence():
    run = Run(site([point("x")], stale_s=5))
    assert kinds(run(reading(1, 1.0), start(1000, stopped=1.5), tick(1004))) == ["gap"]
    assert kinds(run(tick(1006))) == ["alarm stale active"]


# --- configs ---


def test_an_alarm_whose_row_left_the_config_returns():
    run = hot()
    run(reading(1, 90.0))
    new = site([point("x")])
    run.pipeline = type(run.pipeline)(new)
    run.state = run.pipeline.adopt(run.state)
    assert kinds(run(config(2, new))) == ["alarm limit_HH returned"]


def test_an_alarm_whose_row_stays_goes_on_under_a_new_config():
    run = hot()
    run(reading(1, 90.0))
    new = site([point("x"), point("y")], limits=[limit("HH", 80.0)])
    run.pipeline = type(run.pipeline)(new)
    run.state = run.pipeline.adopt(run.state)
    assert run(config(2, new), reading(3, 90.0, 1.0)) == []
    assert kinds(run(reading(4, 20.0, 1.0))) == ["alarm limit_HH returned"]


def test_a_group_that_is_new_in_the_config_is_awaited_from_then_on():
    run = Run(site([point("x")], stale_s=5))
    new = site([point("x")], other=[point("y")], stale_s=5)
    run.pipeline = type(run.pipeline)(new)
    run.state = run.pipeline.adopt(run.state)
    run(config(100, new), reading(101, 1.0))
    assert [last(run).subject for _ in run(reading(159, 1.0), tick(161))] == ["press1/slow"]


def test_an_alarm_that_stands_for_weeks_names_the_newest_lots_only():
    """Each version goes out whole: with every lot of a month in it that would be a megabyte an hour."""
    alarms = Alarms()
    cause = Cause("limit_HH", "x", Severity.ALARM)
    told: list[AlarmChanged] = []
    for number in range(3 * LOTS_MOST):
        lots = (f"L{number}", "resin")  # one box after the other, of one resin
        alarms, new = raised(alarms, cause, at(number), lots)
        told += [each for each in new if isinstance(each, AlarmChanged)]
        assert raised(alarms, cause, at(number), lots)[1] == ()
    assert [len(each.lots) for each in told[-2:]] == [LOTS_MOST, LOTS_MOST]
    assert {f"L{3 * LOTS_MOST - 1}", "resin"} <= set(told[-1].lots)
    every = {lot for each in told for lot in each.lots}
    assert len(every) == 3 * LOTS_MOST + 1, "some version names each"

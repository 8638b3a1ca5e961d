"""Acknowledged: by whom, why it happened, what was done."""

from __future__ import annotations

import pytest

from gateway.alarms import answered
from gateway.bank.bank import RETURN_AFTER
from gateway.model import Entry
from tests.unit.alarms.desk import Desk
from tests.unit.fold.line import Run, acknowledge, at, characteristic, kinds, point, reading, site


def test_an_answer_carries_cause_class_and_action():
    desk = Desk()
    desk.there(1)
    assert desk.says("acknowledge", 2, cause=" heater ", cause_class="assignable", action="changed it") == [
        "acknowledged"
    ]
    facts = desk.facts()
    assert [facts[name] for name in ("acknowledged_by", "cause", "cause_class", "action")] == [
        "17", "heater", "assignable", "changed it",
    ]  # fmt: skip


def test_a_cause_may_be_told_later_and_corrected():
    desk = Desk()
    desk.there(1)
    desk.says("acknowledge", 2)
    assert desk.says("acknowledge", 3, cause="heater", cause_class="unknown") == ["acknowledged"]
    assert desk.says("acknowledge", 4, cause_class="false", operator="8") == ["acknowledged"]
    facts = desk.facts()
    assert (facts["cause"], facts["cause_class"], facts["acknowledged_by"]) == ("heater", "false", "17")
    assert desk.says("acknowledge", 5, cause="heater") == ["acknowledge_refused"]
    assert desk.note.facts["reason"] == "acknowledged already"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"cause_class": "sabotage"}, "assignable, false, unknown"),
        ({"cause": 5}, "cause is not a text"),
        ({"action": "x" * 1001}, "action is not a text"),
        ({"alarm": "nothing"}, "no such open alarm"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(body, why):
    desk = Desk()
    desk.there(1)
    before = desk.alarms
    assert desk.says("acknowledge", 2, **body) == ["acknowledge_refused"]
    assert why in str(desk.note.facts["reason"])
    assert dict(desk.alarms) == dict(before)


def test_an_entry_of_another_kind_is_not_about_alarms():
    assert answered(Desk().alarms, Entry("result", at(1), "17", {})) is None


def test_an_answer_while_the_cause_is_there_begins_the_chart_anew_and_a_correction_does_not():
    run = Run(site([point("x")], [characteristic("c", "x", "cusum")]))
    run(reading(1, 60.0))
    (alarm,) = run.state.alarms.values()
    run(acknowledge(2, alarm.id))
    anew = run.state.groups["press1/fast"]
    assert kinds(run(*(reading(3 + t, 50.0) for t in range(RETURN_AFTER)))) == ["alarm signal closed"]
    run(reading(20, 60.0))
    (alarm,) = run.state.alarms.values()
    run(acknowledge(21, alarm.id))
    held = run.state.groups["press1/fast"]
    assert held is not anew
    run(Entry("acknowledge", at(22), "17", {"alarm": alarm.id, "cause": "mould"}))
    assert run.state.groups["press1/fast"] is held

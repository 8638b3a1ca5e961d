"""A corrected sample is judged again beside the live chart: told, never rewritten."""

from __future__ import annotations

import json

from gateway.folding.foldstate import State
from gateway.model import Entry, Noted, Plain
from gateway.plain import to_plain
from tests.unit.fold.line import Run, acknowledge, at, characteristic, kinds, point, reading, site


def charted(method: str = "imr") -> Run:
    rules = ("WE1",) if method == "imr" else ()
    return Run(site([point("x"), point("y")], [characteristic("c", "x", method, rules=rules)], stale_s=1e6))


def correct(seconds: float, sample: float, value: float | str | None, **more: Plain) -> Entry:
    body: dict[str, Plain] = {"characteristic": "c", "key": "", "time_ns": at(sample).time_ns, "value": value}
    return Entry("correct", at(seconds), "17", {**body, "reason": "typed wrong", **more})


def charts(state: State) -> str:
    return json.dumps(to_plain(state.groups))


def note(run: Run) -> Noted:
    return [event for event in run.events if isinstance(event, Noted)][-1]


def test_a_violation_that_was_a_typing_error_is_told_and_its_alarm_amended():
    run = charted()
    run(reading(1, 50.2, 0.0), reading(2, 60.0, 0.0), reading(3, 50.1, 0.0))
    before = charts(run.state)
    assert kinds(run(correct(4, 2, 50.3))) == ["alarm signal active", "sample_corrected"]
    assert charts(run.state) == before, "what was concluded then, was concluded"
    facts = note(run).facts
    (alarm,) = run.state.alarms.values()
    assert facts["verdicts"] == [{"time_ns": at(2).time_ns, "before": ["WE1"], "after": []}]
    assert (facts["alarm"], facts["version"], facts["value"], facts["operator"]) == (alarm.id, 1, 50.3, "17")
    assert (alarm.version, alarm.facts["amends"]) == (2, 1)


def test_a_sample_may_be_taken_out():
    run = charted()
    run(reading(1, 60.0, 0.0), reading(2, 61.0, 0.0))
    run(correct(3, 1, None))
    verdicts = note(run).facts["verdicts"]
    assert verdicts == [{"time_ns": at(1).time_ns, "before": ["WE1"], "after": []}]


def test_a_chart_that_began_anew_remembers_nothing_of_before():
    run = charted()
    run(reading(1, 60.0, 0.0))
    (alarm,) = run.state.alarms.values()
    run(acknowledge(2, alarm.id), reading(3, 50.0, 0.0))
    assert kinds(run(correct(40, 1, None))) == ["correct_refused"]


def test_a_correction_that_changes_no_verdict_is_told_as_such():
    run = charted()
    run(reading(1, 50.0, 0.0), reading(2, 50.1, 0.0))
    assert kinds(run(correct(3, 1, 50.2))) == ["sample_corrected"]
    assert (note(run).facts["changed"], note(run).severity) == (0, 0)
    assert "alarm" not in note(run).facts


def test_a_sum_that_would_have_signalled_is_told_without_an_alarm():
    run = charted("cusum")
    run(*(reading(t, 50.5, 0.0) for t in range(1, 5)))
    assert not run.state.alarms
    assert kinds(run(correct(9, 2, 70.0))) == ["sample_corrected"]
    verdicts = note(run).facts["verdicts"]
    assert isinstance(verdicts, list)
    assert verdicts[0]["before"] == []  # type: ignore[index,call-overload]
    assert verdicts[0]["after"] == ["CUSUM"]  # type: ignore[index,call-overload]


def test_what_is_not_remembered_is_refused():
    run = charted()
    run(reading(1, 50.0, 0.0))
    for entry, why in (
        (correct(2, 1.5, 5.0), "is remembered"),
        (correct(2, 1, 5.0, characteristic="d"), "no such characteristic"),
        (correct(2, 1, 5.0, key="PP"), "is remembered"),
        (correct(2, 1, 5.0, time_ns="now"), "whole number of nanoseconds"),
        (correct(2, 1, "five"), "a number or null"),
        (correct(2, 1, None, characteristic=None), "no such characteristic"),
    ):
        assert kinds(run(entry)) == ["correct_refused"]
        assert why in str(note(run).facts["reason"])

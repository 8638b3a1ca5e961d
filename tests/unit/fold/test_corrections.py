"""A corrected sample is judged again beside the live chart: to the oldest remembered, and not as something else."""

from __future__ import annotations

import pytest

from gateway.bank.memory import PAGE, PAGES
from gateway.model import Entry, Noted
from gateway.site import Sampling
from tests.unit.fold.line import Run, at, characteristic, kinds, point, reading, site


def correct(t: float, sample: float, value: object, name: str = "c") -> Entry:
    body = {
        "characteristic": name,
        "key": "",
        "time_ns": at(sample).time_ns,
        "value": value,
        "reason": "slip",
    }
    return Entry("correct", at(t), "17", body)  # type: ignore[arg-type] # whatever came in


def refused(run: Run, given: Entry) -> str:
    (event,) = run(given)
    assert isinstance(event, Noted)
    assert event.kind == "correct_refused"
    return str(event.facts["reason"])


def test_a_slip_that_raised_an_alarm_amends_it():
    run = Run(site([point("x")], [characteristic("c", "x")]))
    run(reading(1, 50.0), reading(2, 99.0))
    told = run(correct(3, 2, 49.9))
    assert kinds(told) == ["alarm signal active", "sample_corrected"]
    assert isinstance(told[1], Noted)
    assert told[1].facts["verdicts"] == [{"time_ns": at(2).time_ns, "before": ["WE1"], "after": []}]


def test_the_oldest_sample_that_is_remembered_and_the_one_before_it():
    run = Run(site([point("x")], [characteristic("c", "x")]))
    count = PAGE * (PAGES + 2)
    run(*(reading(t, 50.0) for t in range(1, count + 1)))
    oldest = count - PAGE * PAGES + 1
    assert kinds(run(correct(count + 1, oldest, 99.0))) == ["sample_corrected"]
    assert "look up its time" in refused(run, correct(count + 2, oldest - 1, 99.0))


def test_one_number_does_not_stand_for_several():
    sampling = Sampling(size=2)
    run = Run(site([point("x")], [characteristic("c", "x", "xbar-r", sampling=sampling, rules=("WE1",))]))
    run(*(reading(t, 57.0) for t in range(1, 3)))
    assert "excluded" in refused(run, correct(3, 2, 50.0))
    assert kinds(run(correct(4, 2, None)))[-1] == "sample_corrected"


@pytest.mark.parametrize("value", ["50", True, [50.0]])
def test_what_is_no_number_is_refused_with_what_would_be_right(value):
    run = Run(site([point("x")], [characteristic("c", "x")]))
    run(reading(1, 50.0))
    assert "a number or null" in refused(run, correct(2, 1, value))


def test_a_characteristic_that_is_not_there_is_refused():
    run = Run(site([point("x")], [characteristic("c", "x")]))
    assert refused(run, correct(2, 1, 1.0, "other")) == "there is no such characteristic"

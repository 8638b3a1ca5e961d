"""What every anomaly check keeps, found by walking gateway/anomaly/checks: a new one is tested before its author does.

A check is a frozen value, pure, causal, small; it takes any numbers, its state can be stored between two readings, and
its surprises come as rarely as they say on noise of several kinds.
"""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path
from typing import Any, get_type_hints

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.anomaly import Watcher, WatcherState, check_kinds, load_check
from gateway.anomaly.check import SILENT
from gateway.anomaly.habit import Habit, see
from gateway.anomaly.tail import Tail, rank
from gateway.plain import from_plain, to_plain

DOCS = Path(__file__).parents[2] / "docs" / "reference" / "anomaly.md"
kinds = pytest.mark.parametrize("kind", check_kinds())
values = st.one_of(
    st.floats(-1e6, 1e6),
    st.sampled_from([0.0, 1.0, 1.0, -1.0, 5e-324, 1e99, -1e99]),
)
START = 1_700_000_000.0


def seen_of(xs):
    """The readings as a check gets them, one a minute."""
    habit = Habit()
    for row, x in enumerate(xs):
        habit, seen = see(habit, float(x), row * 60.0, START + row * 60.0)
        yield seen


def noise(name: str, rows: int = 1500) -> np.ndarray:
    rng = np.random.default_rng(5)
    white = rng.normal(size=rows)
    if name == "heavy":
        return rng.standard_t(3, rows)
    hanging = np.empty(rows)
    last = 0.0
    for row in range(rows):
        last = 0.9 * last + white[row]
        hanging[row] = last
    return np.round(hanging) if name == "coarse" else hanging


def test_there_are_checks():
    assert {"spike", "step", "drift", "spread", "stuck", "gap", "rate", "reach", "hour", "cycle"} <= set(
        check_kinds()
    )


def test_an_unknown_check_is_refused_by_name():
    with pytest.raises(ValueError, match=r"spikes is not a check; there are .*spike"):
        load_check("spikes")


@kinds
@settings(max_examples=12)
@given(xs=st.lists(values, min_size=1, max_size=40))
def test_a_check_takes_any_numbers_and_changes_nothing_that_it_was_given(kind, xs):
    check = load_check(kind)()
    state = check.start()
    for seen in seen_of(xs):
        before = to_plain(state)
        after, value = check.step(state, seen)
        again, same = check.step(state, seen)
        assert to_plain(state) == before
        assert to_plain(after) == to_plain(again)
        assert value == same
        assert value >= 0.0 or value == SILENT
        state = after


@kinds
@pytest.mark.parametrize("law", ["hanging", "coarse", "heavy"])
def test_surprises_come_as_rarely_as_they_say(kind, law):
    check = load_check(kind)()
    state, tail, surprises = check.start(), Tail(1.0, *check.USUAL), []
    for seen in seen_of(noise(law)):
        state, value = check.step(state, seen)
        if seen.past >= 30 and value != SILENT:
            tail, surprise = rank(tail, value)
            surprises.append(surprise)
    rare = np.array([0.0, *surprises[270:]])  # an alarm's row begins a run: a run counts once
    begins = (rare[1:] >= 3.0) & (rare[:-1] < 3.0)
    assert begins.sum() <= 0.003 * 1500


@kinds
def test_a_check_is_a_frozen_value_with_a_plain_and_small_state(kind):
    check = load_check(kind)()
    assert dataclasses.is_dataclass(check)
    assert check == load_check(kind)()
    for field in dataclasses.fields(check):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(check, field.name, 0)
    state = load_check(kind)().start()
    for seen in seen_of(noise("heavy", 200)):
        state, _ = load_check(kind)().step(state, seen)
    kept = get_type_hints(load_check(kind).start)["return"]
    back: Any = from_plain(kept, json.loads(json.dumps(to_plain(state))))
    assert to_plain(back) == to_plain(state)
    assert type(back) is type(state)


@kinds
def test_the_file_says_what_it_sees_and_the_docs_describe_it(kind):
    text = sys.modules[load_check(kind).__module__].__doc__ or ""
    assert "sees" in text.split("\n\n")[0]
    assert f"`{kind}`" in DOCS.read_text("utf-8")


@settings(max_examples=15, deadline=None)
@given(
    rows=st.lists(st.tuples(values, values, st.booleans()), min_size=1, max_size=50),
    at=st.integers(0, 50),
)
def test_a_watcher_can_be_stored_between_two_rows(rows, at):
    watcher = Watcher(2, alarms_per_day=1.0)
    one = other = watcher.start()
    for row, (a, b, good) in enumerate(rows):
        if row == at:
            other = from_plain(WatcherState, json.loads(json.dumps(to_plain(one))))
        instant = row * 60 * 10**9
        one, scores = watcher.step(one, instant, instant, (a, b), (True, good))
        other, same = watcher.step(other, instant, instant, (a, b), (True, good))
        assert to_plain(scores) == to_plain(same)
        assert 0.0 <= scores.device <= 1.0
    assert to_plain(one) == to_plain(other)

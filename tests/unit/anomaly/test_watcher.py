"""The watcher: what was not read, its budget, its bounds; and the tail and the inverse that it stands on."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from gateway.anomaly import Watcher, WatcherState, score
from gateway.anomaly.again import Event, recall
from gateway.anomaly.peers import inverted
from gateway.anomaly.tag import onset
from gateway.anomaly.tail import Tail, decades, hush, rank
from gateway.plain import from_plain, to_plain

SECOND = 10**9


def test_a_value_that_was_not_read_leaves_its_tag_alone():
    watcher = Watcher(2)
    state = watcher.start()
    for row in range(50):
        state, _ = watcher.step(state, row * SECOND, None, [1.0 + row % 3, 5.0 - row % 4])
    for values, good in (([1.0, math.nan], None), ([1.0, 5.0], [True, False]), ([1.0, math.inf], None)):
        after, scores = watcher.step(state, 50 * SECOND, None, values, good)
        assert to_plain(after.tags[1]) == to_plain(state.tags[1])
        assert math.isnan(scores.tags[1])
        assert not math.isnan(scores.tags[0])
        assert scores.tag == 0
    after, scores = watcher.step(state, 50 * SECOND, None, [math.nan, math.nan])
    assert after is state
    assert math.isnan(scores.device)
    assert (scores.tag, scores.alarm) == (-1, False)


def test_readings_without_wall_time_are_judged_without_the_hour():
    watcher = Watcher(1)
    state = watcher.start()
    for row in range(100):
        state, scores = watcher.step(state, row * SECOND, None, [float(row % 7)])
        assert scores.check != "hour"


@pytest.mark.parametrize(("tags", "rate"), [(0, None), (1, 0.0), (1, -1.0), (1, math.nan)])
def test_a_watcher_that_cannot_be(tags, rate):
    with pytest.raises(ValueError, match=r"no tags|a number above 0"):
        Watcher(tags, alarms_per_day=rate)


def test_a_row_of_another_length_is_refused():
    watcher = Watcher(2)
    with pytest.raises(ValueError, match="3 values, where 2 tags are watched"):
        watcher.step(watcher.start(), 0, None, [1.0, 2.0, 3.0])


def test_alarms_keep_to_their_budget_and_come_when_something_breaks():
    rng = np.random.default_rng(8)
    watcher = Watcher(1, alarms_per_day=24.0)  # one in 3600 rows of a second
    state, alarms = watcher.start(), []
    for row, x in enumerate(rng.normal(size=6000)):
        state, scores = watcher.step(state, row * SECOND, None, [x + 15.0 * (row == 5990)])
        alarms += [row] * scores.alarm
    assert alarms[-1] == 5990
    assert len(alarms) <= 6  # 1.7 are expected in the rows before


def test_a_score_of_a_half_is_one_in_a_hundred_thousand():
    assert score(0.0) == 0.0
    assert score(5.0) == 0.5
    assert score(3.0) == 0.375


@pytest.mark.parametrize("power", range(-9, 7))
@pytest.mark.parametrize("part", [1.0, 1.2, 1.44, 1.7, 1.99])
def test_decades_are_near_the_logarithm(power, part):
    assert decades(part * 2.0**power) == pytest.approx(math.log10(part * 2.0**power), abs=0.03)


def test_the_surprise_of_an_exponential_law_is_its_own_tail():
    """For X exponential of mean 1, P(X > x) = exp(-x): log10 of it is -0.4343 x."""
    rng = np.random.default_rng(9)
    tail = Tail(1.0, 1.0, 0.3)  # begun with a wrong guess
    for x in rng.exponential(size=8000).tolist():
        tail, _ = rank(tail, x)
    assert tail.quantile == pytest.approx(-math.log(0.05), rel=0.1)
    assert tail.excess == pytest.approx(1.0, rel=0.15)
    for x in (4.0, 6.9, 11.5):
        assert rank(tail, x)[1] == pytest.approx(0.4343 * x, rel=0.15)


def test_an_alarm_does_not_teach_much_at_once():
    tail = Tail(1000.0, 2.0, 0.5)
    once, _ = rank(tail, 500.0)
    assert once.excess < 0.55
    many = tail
    for _ in range(300):
        many, _ = rank(many, 10.0)
    assert rank(many, 10.0)[1] > 2.0  # still strange, though it has gone on for 300 readings


def test_quiet_values_taught_at_once_are_quiet_values_taught_singly():
    single = tail = Tail(500.0, 2.0, 0.5)
    for _ in range(8):
        single, _ = rank(single, 0.1)
    assert hush(tail, 8.0) == pytest.approx(single, rel=1e-4)


def test_what_was_told_is_told_again_only_where_it_is_stranger_or_was_long_ago():
    told, fresh = onset(0.0, 4.0)
    assert fresh == 4.0
    assert onset(told, 4.2)[1] == pytest.approx(1.26)
    assert onset(told, 4.7)[1] == 4.7
    for _ in range(200):
        told, _ = onset(told, 0.0)
    assert onset(told, 4.0)[1] == 4.0


def test_the_inverse_by_elimination_is_the_inverse():
    rows = np.random.default_rng(1).normal(size=(40, 7))
    matrix = rows.T @ rows / 40 + 0.02 * np.eye(7)
    np.testing.assert_allclose(inverted(matrix) @ matrix, np.eye(7), atol=1e-9)


def test_what_comes_every_day_is_no_rarer_than_that():
    events: tuple[Event, ...] = ()
    left = 0.0
    for day in range(5):
        events, left = recall(events, 1440.0 * day, 6.0)
        assert left == (6.0 if day < 3 else pytest.approx(math.log10(1440.0), abs=0.03))
    assert recall(events, 1440.0 * 5, 6.5)[1] == 6.5  # stronger than all of them
    assert recall(events, 1440.0 * 5, 2.0) == (events, 2.0)


def test_rows_of_one_event_are_one_event_and_the_strongest_are_kept():
    events, _ = recall((), 0.0, 3.0)
    for row in range(1, 200):
        events, _ = recall(events, float(row), 4.0)
    assert [event.surprise for event in events] == [4.0]
    for event in range(20):
        events, _ = recall(events, 1000.0 * (event + 1), 3.0 + (event == 5))
    assert len(events) == 8
    assert sorted(event.surprise for event in events)[-2:] == [4.0, 4.0]


def test_a_long_watched_state_goes_through_json_and_back():
    rng = np.random.default_rng(11)
    watcher, instant = Watcher(2, alarms_per_day=1.0), 0
    state = watcher.start()
    for row in range(400):
        instant = row * 1800 * SECOND
        state, _ = watcher.step(state, instant, instant, rng.normal(size=2) + 20.0 * (row == 300))
    assert state.events
    back: WatcherState = from_plain(WatcherState, json.loads(json.dumps(to_plain(state))))
    assert to_plain(watcher.step(back, instant + SECOND, instant, [3.0, 9.0])) == to_plain(
        watcher.step(state, instant + SECOND, instant, [3.0, 9.0])
    )

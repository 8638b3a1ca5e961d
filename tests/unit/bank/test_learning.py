"""Cautious learning: what is learnt, what waits, and what a signal puts aside."""

import numpy as np
import pytest

from gateway.bank.learning import GROWTH, MOST, answered, begin, step
from gateway.stats.constants import c4

NO, YES = np.array([False]), np.array([True])


def ran(state, samples, signals=()):
    told = []
    for i, x in enumerate(samples):
        state, fresh = step(state, np.array([x]), np.array([i in signals]))
        if fresh[0]:
            told.append(i)
    return state, told


def calm(length, seed=0):
    return np.random.default_rng(seed).standard_normal(length)


def test_it_begins_with_the_baseline():
    samples = calm(40)
    state = begin(np.array([[*samples, np.nan, np.nan]]))
    assert state.told.tolist() == [40.0]
    assert state.center[0] == pytest.approx(samples.mean())
    assert state.sigma[0] == pytest.approx(samples.std(ddof=1) / c4(40), rel=1e-7)


def test_what_was_learnt_is_what_numpy_says_of_all_samples():
    first, then = calm(50), calm(400, 1)
    state, _ = ran(begin(first[None]), then)
    taken = int(state.count[0])
    both = np.concatenate([first, then])[:taken]
    assert taken + state.waiting[0] == 450
    assert state.mean[0] == pytest.approx(both.mean())
    assert state.square[0] == pytest.approx(((both - both.mean()) ** 2).sum())


def test_it_tells_in_steps_of_a_tenth():
    state = begin(calm(50)[None])
    before = state.told[0]
    for x in calm(400, 2):
        state, fresh = step(state, np.array([x]), NO)
        if fresh[0]:
            assert state.told[0] >= GROWTH * before
            assert state.told[0] == state.count[0]
            before = state.told[0]
    assert before > 300


def test_samples_wait_while_something_may_be_beginning():
    state = begin(calm(100)[None])
    shifted, _ = ran(state, calm(60, 3) + 2.0)
    assert shifted.count[0] - 100 <= 3
    assert shifted.waiting[0] >= 57
    assert shifted.center.tolist() == state.center.tolist()


def test_an_odd_stretch_that_ends_is_learnt_from_whole():
    state, _ = ran(begin(calm(100)[None]), [2.0, 2.0, 1.5])
    assert (state.count[0], state.waiting[0]) == (100, 3)
    state, _ = ran(state, [-0.5] * 4)
    assert (state.count[0], state.waiting[0]) == (107, 0)


def test_a_signal_puts_aside_what_waits_and_stops_learning():
    state, _ = ran(begin(calm(100)[None]), [3.0, 3.0, 3.0, *[0.0] * 20], signals={2})
    assert (state.count[0], state.aside[0], state.waiting[0]) == (100, 3, 0)


def test_a_cause_that_was_found_drops_it_and_a_false_alarm_is_learnt_from():
    state, _ = ran(begin(calm(100)[None]), [3.0, 3.0, 3.0], signals={2})
    found, told = answered(state, YES, NO)
    assert (found.count[0], found.aside[0], told[0]) == (100, 0, False)
    pardoned, _ = answered(state, YES, YES)
    assert (pardoned.count[0], pardoned.aside[0]) == (103, 0)
    assert pardoned.mean[0] == pytest.approx((state.mean[0] * 100 + 9) / 103)
    again, _ = ran(pardoned, [0.0] * 5)
    assert again.count[0] == 108
    assert answered(pardoned, YES, YES)[0].count[0] == 103


def test_no_sample_changes_nothing():
    state = begin(calm(100)[None])
    after, fresh = step(state, np.array([np.nan]), NO)
    assert after == state or all(
        np.array_equal(getattr(after, name), getattr(state, name)) for name in state.__dataclass_fields__
    )
    assert not fresh[0]


def test_it_ends():
    state, told = ran(begin(calm(MOST - 5)[None]), np.zeros(20))
    assert state.count[0] == MOST
    assert state.told[0] == MOST
    assert told == [4]


def test_slots_do_not_touch_each_other():
    rows = np.stack([calm(50, 4), calm(50, 5) + 2.0], axis=1)
    both = begin(np.stack([calm(60), calm(60, 6)]))
    ones = [begin(calm(60)[None]), begin(calm(60, 6)[None])]
    for row in rows:
        both, _ = step(both, row, np.array([False, row[1] > 3]))
        ones = [step(one, row[i : i + 1], np.array([i == 1 and row[1] > 3]))[0] for i, one in enumerate(ones)]
    for name in both.__dataclass_fields__:
        assert getattr(both, name).tolist() == [getattr(one, name)[0] for one in ones]


@pytest.mark.parametrize(
    ("baseline", "says"), [([1.0, np.nan], "two samples"), ([2.0, 2.0, 2.0], "do not vary")]
)
def test_a_baseline_that_tells_nothing_is_refused(baseline, says):
    with pytest.raises(ValueError, match=says):
        begin(np.array([baseline]))

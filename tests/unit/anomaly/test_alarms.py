"""What the daemon asks of the watcher: faults that one check alone sees are alarms, after 40 minutes of a row a second.

A frozen sensor and a line that was silent are the most common faults of a plant, and no other check agrees on them.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from gateway.anomaly import Watcher, WatcherState

LEARNT, S = 2400, 10**9


@cache
def learnt(tags: int) -> WatcherState:
    watcher = Watcher(tags, alarms_per_day=1.0)
    state, rng = watcher.start(), np.random.default_rng(1)
    for second in range(LEARNT):
        state, seen = watcher.step(state, second * S, None, rng.normal(50.0, 1.0, tags))
        assert not seen.alarm
    return state


def alarmed(tags: int, values: list[float], late: int = 0) -> list[tuple[int, str]]:
    """Tag and check of each alarm, when the first tag has these values and the others go on."""
    watcher, state, rng = Watcher(tags, alarms_per_day=1.0), learnt(tags), np.random.default_rng(2)
    told = []
    for second, value in enumerate(values, LEARNT + late):
        row = [value, *rng.normal(50.0, 1.0, tags - 1)]
        state, seen = watcher.step(state, second * S, None, row)
        if seen.alarm:
            told.append((seen.tag, seen.check))
    return told


@pytest.mark.long
@pytest.mark.parametrize("tags", [1, 2])
def test_a_stuck_sensor_is_an_alarm_within_a_minute(tags):
    told = alarmed(tags, [50.123] * 60)
    assert {tag for tag, _ in told} == {0}
    assert {check for _, check in told} & {"stuck", "spread"}  # it does not move; its noise is gone


def test_readings_that_come_late_are_an_alarm():
    assert alarmed(1, [50.0, 50.4], late=40)[0] == (0, "gap")


@pytest.mark.parametrize("tags", [1, 2])
def test_a_step_is_an_alarm_at_once(tags):
    assert alarmed(tags, [62.0, 61.0, 63.0])[0][0] == 0

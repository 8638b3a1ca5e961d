"""Each check sees the fault that it is for, and the watcher says so at once and not for ever."""

from __future__ import annotations

import numpy as np
import pytest

from gateway.anomaly import Watcher

MINUTE = 60 * 10**9
QUARTER = 15 * MINUTE
LOUD = 0.33  # one row in 300
START = 1_700_006_400 * 10**9  # a midnight


def watched(xs, tags: int = 1, step: int = MINUTE):
    watcher = Watcher(tags)
    state, said = watcher.start(), []
    for row, x in enumerate(xs):
        instant = START + row * step
        state, scores = watcher.step(state, instant, instant, [x] if tags == 1 else x)
        said.append(scores)
    return said


def noise(rows: int, seed: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).normal(50.0, 1.0, rows)


def found(said, begin: int, end: int) -> set[str]:
    """What the loud rows in a span were strange to."""
    return {scores.check for scores in said[begin:end] if scores.device > LOUD}


def test_a_spike_and_a_value_out_of_range():
    x = noise(500)
    x[400] = 75.0
    said = watched(x)
    assert said[400].device > 0.55
    assert said[400].check in {"spike", "reach", "rate"}
    assert max(scores.device for scores in said[200:400]) < 0.4


def test_a_step_that_no_single_reading_shows():
    x = noise(700)
    x[500:] += 2.0
    assert found(watched(x), 500, 560) & {"step", "drift"}


def test_a_drift():
    x = noise(900)
    x[500:] += np.arange(400) * 0.02
    assert found(watched(x), 500, 800) & {"step", "drift", "reach"}


@pytest.mark.parametrize("factor", [5.0, 0.05])
def test_noise_that_grows_or_falls_silent(factor):
    x = noise(700)
    x[500:] = 50.0 + factor * (x[500:] - 50.0)
    said = watched(x)
    assert max(scores.device for scores in said[500:600]) > 0.36
    assert "spread" in {scores.check for scores in said[500:540]}


def test_a_value_that_is_stuck():
    x = noise(500)
    x[400:] = x[399]
    assert found(watched(x), 400, 440) & {"stuck", "spread"}


def test_a_value_that_never_moved_is_a_setpoint():
    assert max(scores.device for scores in watched([7.0] * 500)) < 0.1


def test_a_reading_that_comes_late():
    watcher = Watcher(1)
    state, scores = watcher.start(), None
    for row, x in enumerate(noise(300)):
        late = 40 * MINUTE if row == 299 else 0
        state, scores = watcher.step(state, row * MINUTE + late, None, [x])
    assert scores is not None
    assert scores.check == "gap"
    assert scores.device > 0.5


def test_a_fast_change_after_slow_ones():
    x = np.cumsum(np.random.default_rng(2).normal(size=500) * 0.01) + 50
    x[450:] += 3.0
    assert watched(x)[450].device > 0.6


def test_a_shift_that_did_not_come_at_usual_values():
    days, noise_ = 9, np.random.default_rng(4)
    hour = np.arange(days * 96) % 96 / 4
    x = np.where((hour >= 8) & (hour < 18), 80.0, 20.0) + noise_.normal(0, 2, hour.size)
    monday = 7 * 96
    x[monday + 32 : monday + 72] = 20.0 + noise_.normal(0, 2, 40)
    said = watched(x, step=QUARTER)
    assert "hour" in found(said, monday + 32, monday + 72)
    assert "hour" not in found(said, 4 * 96, monday)


def test_a_peak_of_a_cycle_that_did_not_come():
    phase = np.arange(1500) % 30
    x = 20.0 + 10.0 * (phase < 10) + np.random.default_rng(5).normal(0, 0.5, 1500)
    x[1260:1270] -= 9.8
    said = watched(x)
    assert max(scores.device for scores in said[1260:1300]) > 0.45
    assert "cycle" in found(said, 1260, 1300)


def test_a_relation_that_breaks_while_each_tag_looks_usual():
    rng = np.random.default_rng(6)
    common = np.zeros(900)
    for row in range(1, 900):
        common[row] = 0.97 * common[row - 1] + rng.normal()
    x = np.stack([common * k + rng.normal(0, 0.1, 900) for k in (1.0, 2.0, -1.0)], axis=1)
    x[700:, 1] *= -1.0
    said = watched(x, tags=3)
    assert "peers" in {scores.check for scores in said[700:720]}
    assert max(scores.device for scores in said[700:720]) > LOUD


def test_what_goes_on_is_not_new():
    x = noise(900)
    x[500:] += 10.0
    said = [scores.device for scores in watched(x)]
    assert max(said[500:503]) > 0.5
    assert max(said[560:900]) < 0.45


def test_nothing_is_said_at_the_very_beginning():
    assert all(scores.device == 0.0 for scores in watched(noise(30)))

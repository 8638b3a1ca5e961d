"""Group charts: the extreme stream, its streaks, and what all streams have in common. Sources stand in the vectors."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from gateway.spc.group import Group, run_length
from gateway.stats.constants import d2

PUBLISHED = json.loads(
    (Path(__file__).parents[2] / "vectors" / "spc" / "multivariate.json").read_text("utf-8")
)
MENECES = PUBLISHED["meneces"]


def made(streams=4, **settings):
    ones = np.ones((1, streams))
    return Group(**{"center": 0 * ones, "sigma": ones, "apart": ones, **settings})


def run(chart, x):
    return chart.run(chart.start(), np.array(x, dtype=np.float64))


def panels(chart, x):
    track = run(chart, x)[1]
    return track, track.second


def test_limits_for_independent_streams_and_for_any():
    # 1 - (1 - 0.05)**(1/5) = 0.010206, 0.05 / 5 = 0.01: two-sided normal quantiles 2.5687 and 2.5758 of the tables
    settings = ({"alpha": 0.05}, {"alpha": 0.05, "limits": "bonferroni"}, {"L": 3.0})
    tops = [float(run(made(5, **each), np.zeros((1, 5)))[1].ucl[0]) for each in settings]
    assert tops == pytest.approx([2.5687, 2.5758, 3.0], abs=2e-4)


@pytest.mark.parametrize(("streams", "limit"), MENECES["limit"].items())
def test_limits_as_printed(streams, limit):
    top = run(made(int(streams)), np.zeros((1, int(streams))))[1].ucl[0]
    assert round(float(top), 2) == limit


@pytest.mark.parametrize(("streams", "alpha"), MENECES["alpha_at_3"].items())
def test_false_alarms_as_printed_give_limits_at_three_sigma(streams, alpha):
    chart = made(int(streams), alpha=alpha)
    assert run(chart, np.zeros((1, int(streams))))[1].ucl[0] == pytest.approx(3.0, abs=0.004)


@pytest.mark.parametrize(
    ("streams", "length", "one_sided"),
    [
        (6, 4, 259),  # (s**r - 1) / (s - 1): Nelson 1986; Montgomery, 6th ed., 10.3.2
        *((14, int(length), average) for length, average in MENECES["run_length_of_14"].items()),
    ],
)
def test_run_lengths_of_one_stream_in_a_row(streams, length, one_sided):
    assert run_length(streams, one_sided / 2) == length
    assert run_length(streams, one_sided / 2 + 1) == length + 1


CARS = PUBLISHED["car_washes"]


def cars(means, mean_ranges, limit):
    """The chart of means of five of these streams."""
    sigma = np.broadcast_to(np.asarray(mean_ranges) / d2(5) / np.sqrt(5), 5)
    return Group(np.broadcast_to(means, 5), sigma, sigma, L=limit, same_stream=99)


def test_car_washes_on_one_group_chart():
    assert np.mean(CARS["phase1"]) == pytest.approx(CARS["mean"])
    chart = cars(CARS["mean"], np.mean(CARS["mean_ranges"]), 3.0)
    assert not any(panel.rules.any() for panel in panels(chart, CARS["phase1"]))
    top, bottom = panels(chart, CARS["phase2"])
    drawn = CARS["mean"] + np.array([bottom.lcl[0], top.ucl[0]]) * chart.sigma[0]
    assert drawn == pytest.approx([CARS["lcl"], CARS["ucl"]], abs=5e-3)  # printed of a rounded A2
    found = np.flatnonzero(top.rules)
    assert (found + 1).tolist() == CARS["group"]["weeks"]
    assert CARS["mean"] + top.value[found] * chart.sigma[0] == pytest.approx(CARS["group"]["means"])
    assert (chart.contributions(chart.start(), np.array(CARS["phase2"]))[found].argmax(axis=1) == 0).all()
    assert not bottom.rules.any()


def test_car_washes_with_limits_of_each():
    chart = cars(np.mean(CARS["phase1"], axis=0), CARS["mean_ranges"], CARS["each"]["L"])
    assert not any(panel.rules.any() for panel in panels(chart, CARS["phase1"]))
    top, bottom = panels(chart, CARS["phase2"])
    assert (np.flatnonzero(top.rules) + 1).tolist() == CARS["each"]["weeks"]
    assert not bottom.rules.any()


def test_the_extremes_are_drawn_and_the_one_outside_is_flagged():
    _, track = run(made(L=3.0), [[0.0, 1.0, -2.0, 0.5], [3.2, 0.0, 0.0, -3.5]])
    assert track.value.tolist() == [1.0, 3.2]
    assert track.second.value.tolist() == [-2.0, -3.5]
    assert track.rules.tolist() == track.second.rules.tolist() == [0, 1]


def test_the_same_stream_in_a_row_is_flagged_until_another_leads():
    x = np.zeros((5, 3)) - [[0, 1, 2]]
    x[4] = [-3, 0, -1]
    state, track = run(made(3, same_stream=3), x)
    assert track.rules.tolist() == [0, 0, 2, 2, 0]
    assert track.second.rules.tolist() == [0, 0, 2, 2, 0]
    assert (state.largest.tolist(), state.most.tolist()) == ([1], [1])


def test_a_tie_ends_a_streak():
    state, track = run(made(2, same_stream=2), [[1.0, 0.0], [1.0, 1.0], [1.0, 0.0], [1.0, 0.0]])
    assert track.rules.tolist() == [0, 0, 0, 2]
    assert state.most.tolist() == [2]


def test_what_is_common_is_taken_out():
    x = np.array([[5.0, 5.1, 4.9, 5.0], [5.0, 5.0, 5.0, 8.0]])
    assert run(made(), x)[1].rules.tolist() == [1, 1]
    _, track = run(made(common="removed", L=2.0), x)
    assert track.value == pytest.approx([0.1, 2.25])
    assert track.second.value == pytest.approx([-0.1, -0.75])
    assert track.rules.tolist() == [0, 1]


def test_a_stream_that_is_missing_takes_no_part():
    x = np.array([[1.0, np.nan, -1.0], [np.nan, 2.0, 0.0], [np.nan] * 3])
    state, track = run(made(3), x)
    assert track.value[:2].tolist() == [1.0, 2.0]
    assert np.isnan(track.value[2])
    assert state.largest.tolist() == [1]
    _, apart = run(made(3, common="removed"), x)
    assert apart.value[:2].tolist() == [1.0, 1.0]


def test_the_stream_that_signals_is_standardised_and_named():
    chart = Group(np.array([10.0, 20.0]), np.array([1.0, 2.0]), np.ones(2))
    x = np.array([[10.0, 22.0], [10.5, 30.0]])
    z, unit = chart.standardise(chart.start(), x)
    assert z[:, 0].tolist() == [1.0, 5.0]
    assert unit[:, 0].tolist() == [2.0, 2.0]
    assert chart.contributions(chart.start(), x).tolist() == [[0.0, 1.0], [0.5, 5.0]]


def test_phase_1_parts_what_is_common_from_what_is_each_stream_s_own():
    rng = np.random.default_rng(1)
    x = 3 * rng.standard_normal((400, 1)) + rng.standard_normal((400, 4)) + [0, 1, 2, 3]
    found = Group.learn(x, {})
    assert found["center"] == pytest.approx(x.mean(axis=0))
    assert found["sigma"] == pytest.approx(np.full(4, np.sqrt(10)), rel=0.1)
    assert found["apart"] == pytest.approx(np.full(4, np.sqrt(3 / 4)), rel=0.1)


@pytest.mark.parametrize(
    ("x", "says"),
    [
        (np.ones((4, 2)), "2 tags take at least 5 whole samples, there are 4"),
        (np.random.default_rng(1).standard_normal((9, 2)) * [1, 0], "tag 2 does not vary"),
        (np.ones((9, 1)), "two or more tags"),
    ],
)
def test_a_baseline_that_cannot_tell_is_refused(x, says):
    with pytest.raises(ValueError, match=says):
        Group.learn(x, {})


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"limits": "wide"}, "limits wide is not one of exact, bonferroni"),
        ({"common": "gone"}, "common gone is not one of kept, removed"),
        ({"alpha": 1.0}, "alpha is a probability"),
        ({"streams": 1}, "two or more streams"),
        ({"same_stream": 1}, "same_stream is a whole number"),
        ({"same_stream": 2.5}, "same_stream is a whole number"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings, says):
    with pytest.raises(ValueError, match=says):
        made(**settings)

"""The self-starting CUSUM against its definition, written out, and against printed quantiles of t."""

from __future__ import annotations

import math
from dataclasses import replace
from statistics import NormalDist, mean, stdev

import numpy as np
import pytest

from gateway.spc.cusum import Cusum
from gateway.spc.normal_score import normal_score
from gateway.spc.self_starting_cusum import SelfStartingCusum
from gateway.stats.special import normal_isf, t_sf

NORMAL = NormalDist()


def run(chart, x):
    return chart.run(chart.start(), np.array(x, dtype=np.float64))


@pytest.mark.parametrize(
    ("t", "freedom", "z"),
    [  # quantiles of Student's t as printed (Fisher & Yates 1938; Montgomery, appendix), and of the normal
        (12.706, 1, 1.9600),
        (4.303, 2, 1.9600),
        (31.821, 1, 2.3263),
        (2.571, 5, 1.9600),
        (6.869, 5, 3.2905),
        (1.812, 10, 1.6449),
        (4.144, 10, 3.0902),
        (2.042, 30, 1.9600),
        (3.307, 40, 3.0902),
        (3.460, 60, 3.2905),
        (2.617, 120, 2.5758),
    ],
)
def test_printed_quantiles(t, freedom, z):
    both = normal_score(np.array([t, -t]), np.array([freedom, freedom], dtype=np.float64))
    assert both == pytest.approx([z, -z], abs=6e-4)


@pytest.mark.parametrize("freedom", [1, 2, 7, 30, 31, 60, 1000])
def test_it_agrees_with_the_distributions_themselves(freedom):
    wanted = np.array([1e-3, 0.3, 1.0, 2.5, 4.0, 6.0])
    t = {1: [0.001, 0.3, 2.0, 40.0, 3000.0, 1e6]}.get(freedom, wanted * (1 + 1 / freedom) ** 2)
    got = normal_score(np.array(t), np.full(6, float(freedom)))
    assert got == pytest.approx(normal_isf(t_sf(t, float(freedom))), abs=3e-8)


def test_no_number_gives_none_and_zero_gives_zero():
    got = normal_score(np.array([np.nan, 0.0, 1.0, 1e200, 0.0]), np.array([5.0, 5.0, 0.0, 3.0, 99.0]))
    assert np.isnan(got[[0, 2]]).all()
    assert got[[1, 4]].tolist() == [0.0, 0.0]
    assert 30 < got[3] < 40


def by_definition(x):
    """U of the third to fifth sample, with the distributions of 1, 2 and 3 degrees of freedom in closed form."""
    found = []
    for n in (3, 4, 5):
        before = x[: n - 1]
        t = math.sqrt((n - 1) / n) * (x[n - 1] - mean(before)) / stdev(before)
        if n == 3:
            below = 0.5 + math.atan(t) / math.pi
        elif n == 4:
            below = 0.5 + t / (2 * math.sqrt(2 + t * t))
        else:
            below = 0.5 + (math.atan(t / math.sqrt(3)) + math.sqrt(3) * t / (3 + t * t)) / math.pi
        found.append(NORMAL.inv_cdf(below))
    return found


def test_the_first_samples_by_definition():
    # Hawkins & Olwell 1998, 7.1: T = sqrt((n - 1) / n) (x - mean) / s of those before, U = normal quantile of F(T)
    x = [10.3, 9.1, 11.8, 10.0, 13.4]
    chart = SelfStartingCusum(k=0.25, h=4.0)
    z, unit = chart.standardise(chart.start(), np.array(x))
    u = by_definition(x)
    assert np.isnan(z[:2]).all()
    assert z[2:, 0] == pytest.approx(u, rel=1e-12)
    assert unit[2:, 0] == pytest.approx([stdev(x[:n]) for n in (2, 3, 4)])
    upper = lower = 0.0
    ups, downs = [0.0, 0.0], [0.0, 0.0]
    for each in u:
        upper, lower = max(0.0, upper + each - 0.25), max(0.0, lower - each - 0.25)
        ups.append(upper)
        downs.append(lower)
    _, track = run(chart, x)
    assert track.value == pytest.approx(ups)
    assert track.second.value == pytest.approx(downs)


def test_neither_place_nor_scale_matters():
    x = np.random.default_rng(2).standard_normal(60)
    one, other = run(SelfStartingCusum(), x)[1], run(SelfStartingCusum(), 1000 + 0.001 * x)[1]
    assert other.value == pytest.approx(one.value, abs=1e-6)


def test_after_many_samples_it_is_the_cusum_of_known_limits():
    rng = np.random.default_rng(3)
    chart, later = SelfStartingCusum(), rng.standard_normal(30) + 1
    state, _ = run(chart, rng.standard_normal(5_000))
    from_zero = replace(state, upper=np.zeros(1), lower=np.zeros(1))
    _, track = chart.run(from_zero, later)
    assert track.value == pytest.approx(run(Cusum(0.0, 1.0), later)[1].value, abs=0.5)


def test_a_shift_after_thirty_samples_is_found():
    rng = np.random.default_rng(4)
    x = np.concatenate([rng.standard_normal(30), rng.standard_normal(20) + 2])
    flagged = np.flatnonzero(run(SelfStartingCusum(h=4.0), x)[1].rules)
    assert 30 <= flagged[0] <= 36


def test_samples_that_are_all_the_same_are_not_judged():
    state, track = run(SelfStartingCusum(headstart=2.0), [5.0, 5.0, 5.0, 5.0, 9.0, 5.0])
    assert track.value.tolist()[:5] == [2.0] * 5
    assert track.value[5] != 2.0
    assert state.samples.tolist() == [6.0]


def test_a_head_start_signals_a_recipe_that_goes_wrong_at_once_sooner():
    x = np.array([0.1, -0.2, 0.0, 0.3, 1.5, 1.6, 1.4, 1.7, 1.9])
    plain, ahead = (run(SelfStartingCusum(h=4.0, headstart=head), x)[1] for head in (0.0, 2.0))
    assert np.flatnonzero(ahead.rules)[0] < np.flatnonzero(plain.rules)[0]


def test_a_later_baseline_needs_no_samples():
    assert SelfStartingCusum.learnt(1) == SelfStartingCusum.learn(np.zeros(0), {}) == {}

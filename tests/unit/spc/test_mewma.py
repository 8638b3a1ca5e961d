"""The multivariate EWMA against printed examples, and its settings."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from gateway.spc.ewma import Ewma
from gateway.spc.mewma import Mewma
from gateway.spc.t2 import T2
from gateway.spc.vectors import covariance

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "spc" / "multivariate.json").read_text("utf-8"))


def run(chart, x):
    return chart.run(chart.start(), x)


def test_the_e_handbook_s_samples():
    given = VECTORS["nist_mewma"]
    x = np.array(given["x"])
    chart = Mewma(np.zeros(2), covariance(x, "pooled")[0], weight=0.1, h4=8.64, limits="exact")
    state, track = run(chart, x)
    assert track.value == pytest.approx(given["t2"], abs=6e-5)
    assert np.flatnonzero(track.rules).tolist() == [9]
    back = np.linalg.cholesky(chart.covariance) @ state.z[0]
    assert back == pytest.approx(given["z"][-1], abs=6e-4)


@pytest.mark.parametrize(
    ("tags", "weight", "arl0", "printed", "off"),
    [
        (2, 0.1, 200, 8.64, 0.02),  # Prabhu & Runger 1997, by a Markov chain; Montgomery, table 11.3
        (4, 0.1, 200, 12.73, 0.02),
        (4, 0.25, 500, 16.38, 0.005),  # Rigdon 1995, table 1, by an integral equation
        (2, 1.0, 200, 10.60, 0.005),  # chi-square
    ],
)
def test_a_limit_that_is_not_given_is_that_of_the_tables(tags, weight, arl0, printed, off):
    chart = Mewma(np.zeros(tags), np.eye(tags), weight=weight, arl0=arl0)
    assert run(chart, np.zeros((1, tags)))[1].ucl == pytest.approx(printed, abs=off)


def test_with_all_weight_on_the_newest_it_is_t2():
    x, s = np.random.default_rng(3).standard_normal((20, 3)), np.diag([1.0, 4.0, 9.0])
    mewma = run(Mewma(np.zeros(3), s, weight=1.0, h4=10.0), x)[1]
    assert mewma.value == pytest.approx(run(T2(np.zeros(3), s), x)[1].value)


@pytest.mark.parametrize("limits", ["exact", "asymptotic"])
def test_one_tag_of_two_moving_alone_is_an_ewma_squared(limits):
    x = np.random.default_rng(4).standard_normal(30)
    both = np.stack([x, np.zeros(30)], axis=1)
    mewma = run(Mewma(np.zeros(2), np.eye(2), weight=0.2, h4=9.0, limits=limits), both)[1]
    ewma = run(Ewma(0.0, 1.0, weight=0.2, L=3.0, limits=limits), x)[1]
    assert mewma.value == pytest.approx((3.0 * ewma.value / ewma.ucl) ** 2)
    assert mewma.rules.tolist() == ewma.rules.tolist()


def test_samples_are_standardised_along_where_z_stands_at_the_end():
    x = np.concatenate([np.zeros((5, 2)), np.tile([3.0, 0.0], (20, 1))])
    chart = Mewma(np.zeros(2), np.eye(2), h4=8.64)
    z, unit = chart.standardise(chart.start(), x)
    assert z[:, 0] == pytest.approx([0.0] * 5 + [3.0] * 20)
    assert np.isnan(unit).all()


def test_contributions_name_the_tag_that_moved():
    x = np.tile([0.1, -1.5, 0.0], (12, 1))
    chart = Mewma(np.zeros(3), np.eye(3), h4=11.0)
    blame = chart.contributions(chart.start(), x)[-1]
    assert blame.argmax() == 1
    assert blame.sum() == pytest.approx(run(chart, x)[1].value[-1])  # tags that are independent add up to T2


def test_a_vector_with_a_hole_is_no_sample():
    x = np.random.default_rng(5).standard_normal((8, 2))
    holed = np.insert(x, 4, [np.nan, 9.0], axis=0)
    chart = Mewma(np.zeros(2), np.eye(2), h4=8.64)
    state, track = run(chart, holed)
    assert np.isnan(track.value[4])
    assert state.z.tolist() == run(chart, x)[0].z.tolist()


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"limits": "wide"}, "limits wide is not one of exact, asymptotic"),
        ({"weight": 0.0}, "lambda is above 0 and at most 1"),
        ({"weight": 1.1}, "lambda is above 0 and at most 1"),
        ({"covariance": np.ones((2, 2))}, "tag 2 follows exactly"),
        ({"center": np.zeros(3)}, "not of the same tags"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings, says):
    with pytest.raises(ValueError, match=says):
        Mewma(**{"center": np.zeros(2), "covariance": np.eye(2), "h4": 9.0, **settings})


def test_a_baseline_that_cannot_tell_is_refused():
    with pytest.raises(ValueError, match="tag 1 does not vary"):
        Mewma.learn(np.ones((20, 2)), {})

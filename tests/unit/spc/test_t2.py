"""Hotelling's T2 against printed tables, its limits, and which tags it blames."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gateway.spc import t2_limits
from gateway.spc.t2 import T2
from gateway.spc.vectors import covariance

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "spc" / "multivariate.json").read_text("utf-8"))
S = np.array([[4.0, 1.8], [1.8, 1.0]])


def drawn(m, p=2, seed=1):
    return np.random.default_rng(seed).standard_normal((m, p))


def test_montgomery_s_textile_fibre():
    given = VECTORS["montgomery_11_1"]
    n, m = given["size"], given["samples"]
    chart = T2(
        np.array(given["center"]),
        np.array(given["covariance"]),
        size=n,
        samples=m,
        freedom=m * (n - 1),
        alpha=given["alpha"],
        phase="I",
    )
    _, track = chart.run(chart.start(), np.array(given["x"]))
    assert track.value == pytest.approx(given["t2"], abs=0.006)
    assert track.ucl == pytest.approx(given["ucl"], abs=0.005)
    assert not track.rules.any()


def test_tracy_young_and_mason_s_batches():
    given = VECTORS["tracy_young_mason"]
    x = np.array(given["x"])
    chart = T2(**T2.learn(x, {}), phase="I", alpha=0.01)
    _, track = chart.run(chart.start(), x)
    assert track.value == pytest.approx(given["t2"], abs=0.006)
    assert np.flatnonzero(track.rules).tolist() == [0]  # the batch that they find out of control
    assert chart.contributions(chart.start(), x)[0].argmax() == 0  # and its impurities


@pytest.mark.parametrize(
    ("limit", "printed"),
    [
        (t2_limits.known(2, 0.005), 10.597),  # chi-square tables, 2 degrees of freedom
        (t2_limits.known(10, 0.01), 23.209),
        (t2_limits.future(3, 30, 270, 0.001), 17.425),  # Montgomery, exercise 11.2
        (
            t2_limits.future(2, 25, 24, 0.05),
            2 * 26 * 24 / (25 * 23) * 3.422,
        ),  # 11.24 with F(2, 23) of the tables
        (t2_limits.future(5, 35, 34, 0.01), 5 * 36 * 34 / (35 * 30) * 3.699),  # F(5, 30)
    ],
)
def test_limits_by_printed_quantiles(limit, printed):
    assert limit == pytest.approx(printed, rel=2e-4)


def test_phase_1_limit_of_single_vectors_has_its_closed_form():
    # p = 2: beta(1, b) has the quantile 1 - alpha**(1/b), b = (m - 3) / 2
    m, alpha = 23, 0.01
    assert t2_limits.own(2, m, m - 1, alpha) == pytest.approx((m - 1) ** 2 / m * (1 - alpha ** (2 / (m - 3))))


def test_phase_1_limit_of_a_covariance_of_differences_is_chi_square_for_many_samples():
    # Williams, Woodall, Birch & Sullivan 2006: more than p**2 + 3 p
    assert t2_limits.own(2, 11, 2 * 100 / 29, 0.01) == pytest.approx(9.210, abs=5e-4)
    assert t2_limits.own(2, 10, 2 * 81 / 26, 0.01) < 81 / 10  # the beta distribution ends


def test_many_samples_are_as_good_as_known_parameters():
    assert t2_limits.future(4, 1e7, 1e7, 0.0027) == pytest.approx(t2_limits.known(4, 0.0027), rel=1e-5)


def test_a_covariance_from_differences_is_not_inflated_by_a_step():
    x = drawn(400)
    x[200:] += 5
    pooled, freedom = covariance(x, "pooled")
    differences, fewer = covariance(x, "differences")
    assert np.diagonal(pooled).min() > 6
    assert np.diagonal(differences) == pytest.approx([1, 1], abs=0.25)
    assert fewer == pytest.approx(2 / 3 * freedom, rel=0.01)


def test_the_way_of_phase_1_is_told_like_any_parameter():
    x = np.concatenate([drawn(30), drawn(30) + 4])
    step = {"differences": np.asarray(1.0)}
    about, between = T2.learn(x, {}), T2.learn(x, step)
    assert np.diagonal(about["covariance"]).min() > 3
    assert np.diagonal(between["covariance"]).max() < 2
    assert (float(about["freedom"]), float(between["freedom"])) == pytest.approx((59.0, 39.56), abs=0.01)


def test_contributions_are_what_each_tag_adds_to_the_others():
    x, s = drawn(5, 3), covariance(drawn(40, 3, seed=2), "pooled")[0]
    chart = T2(np.zeros(3), s)
    got = chart.contributions(chart.start(), x)
    for row, found in zip(x, got, strict=True):
        total = row @ np.linalg.solve(s, row)
        for tag in range(3):
            rest = [other for other in range(3) if other != tag]
            without = row[rest] @ np.linalg.solve(s[np.ix_(rest, rest)], row[rest])
            assert found[tag] == pytest.approx(total - without)


def test_tags_that_no_longer_go_together_are_far_though_each_is_near():
    chart = T2(np.zeros(2), S)
    _, track = chart.run(chart.start(), np.array([[2.0, 1.0], [2.0, -1.0]]))  # one sigma of each tag
    assert track.value == pytest.approx([2 / 1.9, 2 / 0.1])  # 2 / (1 + r), 2 / (1 - r)
    assert track.rules.tolist() == [0, 1]


def test_samples_along_the_newest_are_standardised():
    chart = T2(np.zeros(2), np.eye(2), size=4)
    z, unit = chart.standardise(chart.start(), np.array([[0.0, 1.0], [1.0, 1.0], [3.0, 0.0], [np.nan, 1.0]]))
    assert z[:3, 0] == pytest.approx([0, 2, 6])
    assert np.isnan(z[3]).all()
    assert np.isnan(unit).all()


def test_subgroups_give_their_mean_and_the_covariance_within():
    groups = drawn(80, 2).reshape(20, 4, 2) + np.arange(20)[:, None, None]
    learnt = T2.learn_subgroups(groups)
    within = sum(np.cov(group.T) for group in groups) / 20
    assert learnt["covariance"] == pytest.approx(within)
    assert learnt["center"] == pytest.approx(groups.mean(axis=(0, 1)))
    assert [float(learnt[name]) for name in ("samples", "freedom", "size")] == [20, 60, 4]
    settings: dict[str, Any] = {**learnt}
    chart = T2(**settings)
    assert chart.run(chart.start(), drawn(1))[1].ucl == pytest.approx(t2_limits.future(2, 20, 60, 0.0027))


def test_a_limit_that_is_given_is_taken():
    chart = T2(np.zeros(2), S, limit=np.array([9.0]))
    assert chart.run(chart.start(), drawn(3))[1].ucl.tolist() == [9.0, 9.0, 9.0]


def test_a_slot_in_phase_1_draws_nothing():
    nan = np.nan
    chart = T2(
        np.full((1, 2), nan), np.full((1, 2, 2), nan), samples=np.array([nan]), freedom=np.array([nan])
    )
    _, track = chart.run(chart.start(), drawn(3))
    assert np.isnan(track.value).all()
    assert not track.rules.any()


@pytest.mark.parametrize(
    ("x", "says"),
    [
        (drawn(5), "2 tags take at least 6 whole samples, there are 5: give more"),
        (np.where(np.eye(2)[[0] * 5 + [1] * 4] > 0, np.nan, 1.0), "there are 0: give more"),
        (drawn(20) * [1, 0], "tag 2 does not vary: leave it out"),
        (
            drawn(20)[:, [0, 0]],
            "tag 2 follows exactly from those before it: leave it out, or use a pca chart",
        ),
        (drawn(20) * 1e200, "too far apart for this arithmetic"),
        (drawn(20, 1), "two or more tags"),
    ],
)
def test_a_baseline_that_cannot_tell_is_refused(x, says):
    with pytest.raises(ValueError, match=says):
        T2.learn(x, {})


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"phase": "III"}, "phase III is not one of I, II"),
        ({"alpha": 0.0}, "alpha is a probability"),
        ({"covariance": np.ones((2, 2))}, "tag 2 follows exactly"),
        ({"covariance": np.diag([1.0, 0.0])}, "tag 2 does not vary"),
        ({"covariance": np.eye(3)}, "not of the same tags"),
        ({"samples": 2.0}, "gives no limit where 2 are needed: give more samples"),
        ({"samples": 4.0, "phase": "I"}, "gives no limit where 4 are needed"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings, says):
    with pytest.raises(ValueError, match=says):
        T2(**{"center": np.zeros(2), "covariance": S, **settings})


def test_subgroups_too_few_are_refused():
    with pytest.raises(ValueError, match="give more of them"):
        T2.learn_subgroups(np.ones((2, 2, 2)))

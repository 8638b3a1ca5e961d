"""Principal components against printed examples, and the two ways of leaving a pattern."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gateway.spc import t2_limits
from gateway.spc.matrices import eigen, product, whitening
from gateway.spc.pca import Pca
from gateway.spc.spe import inflation, jackson_mudholkar, three_moments
from gateway.stats.special import chi2_isf

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "spc" / "multivariate.json").read_text("utf-8"))


LAWS = ("three-moments", "jackson-mudholkar")


def correlated(m=200, p=5, seed=1):
    """Tags that follow two hidden causes, with a little of their own."""
    rng = np.random.default_rng(seed)
    causes = rng.standard_normal((m, 2)) @ np.random.default_rng(0).standard_normal((2, p))
    return 10 + causes + 0.2 * rng.standard_normal((m, p))


def learnt(baseline, **settings: Any):
    return Pca(**{**Pca.learn(baseline, {}), **settings})


def run(chart, x):
    """Both panels."""
    return chart.run(chart.start(), x)[1].panels()


def test_jackson_s_chemical_example():
    given = VECTORS["jackson_chemical"]
    values, found = eigen(np.array(given["covariance"]))
    assert values == pytest.approx(given["roots"], abs=5e-5)
    assert found == pytest.approx(np.array(given["vectors"]), abs=5e-5)


def test_eigenvalues_of_hilbert_s_matrix():
    # 1.408319, 0.122327, 0.002687: printed in many places, Gregory & Karney 1969 among them
    steps = np.arange(3)
    values, _ = eigen(1 / (steps[:, None] + steps + 1))
    assert values == pytest.approx([1.408319, 0.122327, 0.002687], abs=5e-7)


def test_eigenvectors_take_a_matrix_apart():
    a = np.cov(correlated(60, 12).T)
    values, found = eigen(a)
    assert found @ np.diag(values) @ found.T == pytest.approx(a)
    assert found.T @ found == pytest.approx(np.eye(12), abs=1e-13)
    assert values == pytest.approx(np.linalg.eigvalsh(a)[::-1])


def test_a_product_is_the_same_whichever_way_it_is_summed():
    rng = np.random.default_rng(2)
    matrix, x = rng.standard_normal((2, 7, 7)), rng.standard_normal((300, 2, 7))
    rows = np.concatenate([product(matrix, row[None]) for row in x])
    assert product(matrix, x).tobytes() == rows.tobytes()
    assert rows == pytest.approx(np.einsum("sij,rsj->rsi", matrix, x))


def test_whitening_is_the_inverse_of_cholesky():
    s = np.cov(correlated().T)
    assert whitening(s[None])[0] == pytest.approx(np.linalg.inv(np.linalg.cholesky(s)))


def test_jackson_and_mudholkar_s_missiles():
    given = VECTORS["jackson_mudholkar"]
    left_out = np.array(given["left_out"])
    assert jackson_mudholkar(left_out, given["alpha"]) == pytest.approx(given["limit"], abs=0.05)
    assert three_moments(left_out, given["alpha"]) == pytest.approx(given["limit"], rel=0.01)


@pytest.mark.parametrize(("k", "alpha"), [(1, 0.05), (2, 0.05), (5, 0.01), (20, 0.0027)])
def test_equal_components_left_out_are_chi_square(k, alpha):
    assert three_moments(np.full(k, 3.0), alpha) == pytest.approx(3 * chi2_isf(alpha, k))
    assert jackson_mudholkar(np.full(k, 3.0), alpha) == pytest.approx(3 * chi2_isf(alpha, k), rel=0.03)


def test_two_unequal_components_against_the_law_in_closed_form():
    # a chi2(2) + b chi2(2): P(> x) = (a exp(-x/2a) - b exp(-x/2b)) / (a - b)
    a, b = 3.0, 0.5
    for alpha, off in ((0.05, 0.03), (0.0027, 0.06)):
        x = three_moments(np.array([a, a, b, b]), alpha)
        beyond = (a * np.exp(-x / (2 * a)) - b * np.exp(-x / (2 * b))) / (a - b)
        assert beyond == pytest.approx(alpha, rel=off)
        assert jackson_mudholkar(np.array([a, a, b, b]), 0.0027) > three_moments(
            np.array([a, a, b, b]), 0.0027
        )


def test_either_law_of_spe_may_be_had():
    tops = [run(learnt(correlated(), residual=law), correlated())[1].ucl[0] for law in LAWS]
    assert tops[0] < tops[1]


def test_spe_of_future_samples_is_larger_than_that_of_the_baseline():
    assert inflation(1e9, 3) == pytest.approx(1.0)
    assert inflation(50, 3) == pytest.approx((1 + 1 / 50 + 3 / 49) * 49 / 46)


def test_components_by_share_and_by_number():
    x = correlated()
    kept, share, every, given = (
        run(learnt(x, **settings), x)[0].center[0]
        for settings in ({}, {"share": 0.999}, {"share": 1.0}, {"components": 1})
    )
    assert (kept, every, given) == (2, 5, 1)
    assert 2 < share <= 5
    assert run(learnt(x), x)[0].ucl[0] == pytest.approx(t2_limits.future(2, 200, 199, 0.0027))


def test_breaking_the_pattern_shows_in_spe_and_names_the_tag():
    baseline = correlated()
    chart = learnt(baseline)
    broken = baseline[:1].copy()
    broken[0, 3] += 3 * baseline[:, 3].std()
    assert run(chart, broken)[1].rules.tolist() == [1]
    assert chart.contributions(chart.start(), broken)[0].argmax() == 3


@pytest.mark.parametrize("tag", range(5))
def test_a_large_fault_of_one_tag_is_laid_to_that_tag(tag):
    baseline = correlated(seed=3)
    chart = learnt(baseline)
    x = baseline[:20].copy()
    x[:, tag] += 8 * baseline[:, tag].std()
    assert (chart.contributions(chart.start(), x).argmax(axis=1) == tag).all()


def test_a_contribution_is_what_the_panel_loses_when_the_tag_is_put_right():
    baseline = correlated()
    chart = learnt(baseline)
    x = baseline[:1].copy()
    x[0, 3] += 30.0

    def spe(shift):
        return float(run(chart, x + shift * np.eye(5)[3])[1].value[0])

    best = min(spe(shift) for shift in np.linspace(-35, -25, 501))
    assert chart.contributions(chart.start(), x)[0, 3] == pytest.approx(spe(0.0) - best, rel=1e-3)


def test_exaggerating_the_pattern_shows_in_t2():
    baseline = correlated()
    chart = learnt(baseline)
    far = chart.center + 6 * chart.scale * chart.loadings[:, 0] * np.sqrt(chart.eigenvalues[0])
    t2, spe = run(chart, far[None])
    assert (t2.rules.tolist(), spe.rules.tolist()) == ([1], [0])
    assert t2.value == pytest.approx(36.0)


def test_with_every_component_it_is_hotelling_s_t2():
    baseline = correlated(60, 3)
    chart = learnt(baseline, share=1.0)
    x = baseline[:4]
    off = x - baseline.mean(axis=0)
    distance = [row @ np.linalg.solve(np.cov(baseline.T), row) for row in off]
    t2, spe = run(chart, x)
    assert t2.value == pytest.approx(distance)
    assert spe.value.tolist() == [0.0] * 4
    assert not spe.rules.any()


def test_tags_that_follow_exactly_from_others_are_no_trouble():
    baseline = correlated(50, 3)
    baseline = np.concatenate([baseline, baseline[:, :1] + baseline[:, 1:2]], axis=1)
    chart = learnt(baseline, share=0.9999)
    assert not run(chart, baseline)[1].rules.any()
    wrong = baseline[:1] + np.array([0, 0, 0, 1e-3])
    assert run(chart, wrong)[1].rules.tolist() == [1]


@pytest.mark.parametrize(
    ("x", "says"),
    [
        (correlated(4), "5 tags take at least 5 whole samples, there are 4: give more"),
        (correlated() * [1, 1, 0, 1, 1], "tag 3 does not vary: leave it out"),
        (correlated(20, 1), "two or more tags"),
    ],
)
def test_a_baseline_that_cannot_tell_is_refused(x, says):
    with pytest.raises(ValueError, match=says):
        Pca.learn(x, {})


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"alpha": 0.0}, "alpha is above 0 and at most 1"),
        ({"share": 1.5}, "share is above 0 and at most 1"),
        ({"components": 6}, "no more components than tags"),
        ({"components": 5, "samples": 6.0}, "5 components take more than 6 samples"),
        ({"residual": "box"}, "residual box is not one of three-moments, jackson-mudholkar"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings, says):
    with pytest.raises(ValueError, match=says):
        learnt(correlated(), **settings)

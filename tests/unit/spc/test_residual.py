"""The residual chart and its models, against textbook algebra, a printed series and drawn processes."""

import json
from pathlib import Path

import numpy as np
import pytest

from gateway.spc.autoregression import fitted, lower_orders
from gateway.spc.residual import Residual

PUBLISHED = json.loads((Path(__file__).parents[2] / "vectors" / "spc" / "published.json").read_text("utf-8"))


def drawn(terms, length, seed=0, center=0.0):
    rng = np.random.default_rng(seed)
    x = np.zeros(length + 200)
    for i in range(3, x.size):
        x[i] = sum(phi * x[i - 1 - lag] for lag, phi in enumerate(terms)) + rng.standard_normal()
    return x[200:] + center


def model(*terms):
    return np.array([[*terms, *[0.0] * (3 - len(terms))]])


def test_lower_orders_of_one_term():
    # AR(1): the first sample has the process's own spread, 1 / sqrt(1 - phi**2) (Box & Jenkins 1970, 3.2)
    terms, spread = lower_orders(model(0.8))
    assert spread[0] == pytest.approx([1 / 0.6, 1.0, 1.0, 1.0])
    assert terms[0, 0].tolist() == [0.0, 0.0, 0.0]
    assert terms[0, 1] == pytest.approx([0.8, 0.0, 0.0])


def test_lower_orders_of_two_terms():
    # AR(2): the first autocorrelation is phi1 / (1 - phi2), the second partial one phi2 (Box & Jenkins 1970, 3.2.4)
    terms, spread = lower_orders(model(0.5, 0.3))
    rho = 0.5 / 0.7
    assert terms[0, 1] == pytest.approx([rho, 0.0, 0.0])
    assert spread[0] == pytest.approx(
        [1 / np.sqrt((1 - rho**2) * (1 - 0.09)), 1 / np.sqrt(1 - 0.09), 1.0, 1.0]
    )


@pytest.mark.long
def test_residuals_of_a_process_are_independent_from_the_first_sample_on():
    starts = np.stack([drawn((0.6, 0.3), 6, seed) for seed in range(600)], axis=1)
    chart = Residual(0.0, 1.0, np.tile(model(0.6, 0.3), (600, 1)))
    z, unit = chart.standardise(chart.start(), starts)
    assert z.std(axis=1) == pytest.approx(np.ones(6), abs=0.1)
    assert np.asarray(np.corrcoef(z))[0, 1:] == pytest.approx(np.zeros(5), abs=0.13)
    assert (unit == 1.0).all()


def test_a_missing_sample_is_stepped_over():
    chart = Residual(0.0, 1.0, model(0.5))
    whole, track = chart.run(chart.start(), np.array([1.0, 2.0, 3.0]))
    other, holed = chart.run(chart.start(), np.array([1.0, np.nan, 2.0, 3.0]))
    assert np.array_equal(whole.last, other.last, equal_nan=True)
    assert holed.value[[0, 2, 3]].tolist() == track.value.tolist()
    assert np.isnan(holed.value[1])


def test_series_f_of_the_e_handbook():
    given = PUBLISHED["series_f"]
    x = np.array(given["x"], dtype=float)
    assert x.var(ddof=1) == pytest.approx(given["variance"], abs=5e-5)
    chart = Residual(x.mean(), np.sqrt(given["residual_variance"]), model(*given["phi"]))
    z, _ = chart.standardise(chart.start(), x)
    assert np.sum(z[2:] ** 2) / x.size == pytest.approx(1.0, abs=1e-6)
    assert not chart.run(chart.start(), x)[1].rules.any()
    _, _, phi = fitted(x, None, None)
    assert phi[:2] == pytest.approx(given["phi"], abs=5e-4)  # least squares there, here less their bias
    assert phi[2] == 0


def test_phase_one_finds_order_and_terms():
    for terms in ((0.7,), (0.5, 0.3), (-0.4,), ()):
        learnt = Residual.learn(drawn(terms, 4000, 3, 50.0), {})
        assert learnt["phi"] == pytest.approx([*terms, *[0.0] * (3 - len(terms))], abs=0.06)
        assert learnt["sigma"] == pytest.approx(1.0, abs=0.04)
        assert learnt["center"] == pytest.approx(50.0, abs=0.3)


def test_bias_is_taken_off():
    # Least squares from 60 samples is low by (1 + 3 phi) / n = 0.057 (Marriott & Pope 1954).
    found = [fitted(drawn((0.8,), 60, seed), None, None)[2].sum() for seed in range(150)]
    assert np.mean(found) == pytest.approx(0.8, abs=0.03)


def test_what_is_known_is_kept():
    known = {"center": np.asarray(1.0), "sigma": np.asarray(2.0), "phi": np.array([0.3, 0.0, 0.0])}
    learnt = Residual.learn(drawn((0.3,), 50), known)
    assert all((learnt[name] == known[name]).all() for name in known)
    one = Residual.learn(drawn((0.3,), 50), {"phi": np.asarray(0.3)})
    assert one["phi"].tolist() == [0.3, 0.0, 0.0]


def test_it_signals_where_a_cusum_of_the_samples_cries_wolf():
    x = drawn((0.7,), 2000, 5)
    learnt = Residual.learn(x[:500], {})
    own = Residual(**{name: np.asarray(value)[None] for name, value in learnt.items()})
    _, track = own.run(own.start(), x[500:])
    ignoring = Residual(np.zeros(1), np.array([x.std()]), 0.0)
    _, blind = ignoring.run(ignoring.start(), x[500:])
    assert track.second is not None
    assert blind.second is not None
    assert (blind.rules | blind.second.rules).mean() > 5 * (track.rules | track.second.rules).mean()


def test_a_number_is_the_first_term_of_every_slot():
    rows = np.arange(8.0).reshape(4, 2)
    chart = Residual(np.zeros(2), np.ones(2), 0.5)
    full = Residual(np.zeros(2), np.ones(2), np.tile(model(0.5), (2, 1)))
    each = Residual(np.zeros(2), np.ones(2), np.array([0.5, 0.5]))
    assert len({one.run(one.start(), rows)[1].value.tobytes() for one in (chart, full, each)}) == 1


@pytest.mark.parametrize(
    ("baseline", "says"),
    [
        (np.arange(19.0), "19 samples are too few"),
        (np.full(50, 3.0), "do not vary"),
        (np.array([1e308, -1e308] * 20), "too far apart"),
    ],
)
def test_a_baseline_that_tells_nothing_is_refused(baseline, says):
    with pytest.raises(ValueError, match=says):
        Residual.learn(baseline, {})


@pytest.mark.parametrize("terms", [(1.0,), (0.6, 0.6), (0.0, -1.2), (3.0, -3.0, 1.0)])
def test_a_model_that_wanders_is_refused(terms):
    with pytest.raises(ValueError, match="not stationary"):
        Residual(0.0, 1.0, model(*terms))

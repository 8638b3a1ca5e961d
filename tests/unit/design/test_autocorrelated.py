"""Charts on AR(1) samples: against the engine where there is no autocorrelation, and against simulations."""

import math

import pytest

from gateway.design.autocorrelated import Correlated, ignored
from gateway.design.autocorrelated_design import ignoring, of_residuals
from gateway.design.autocorrelated_residual import residual, residual_limit
from gateway.design.cusum import CusumScheme
from gateway.design.ewma import EwmaScheme
from gateway.design.shewhart import ShewhartScheme


@pytest.mark.parametrize("shift", [0.0, 0.5, 2.0])
def test_without_autocorrelation_it_is_the_engine(shift):
    given = Correlated(0.0, 1.0, 0.0, shift)
    for own, other in (
        (given.cusum(0.5, 4.774), CusumScheme(0.5).run_length(4.774, shift)),
        (given.cusum(0.5, 4.0, sides=1), CusumScheme(0.5, sided="one").run_length(4.0, shift)),
        (given.ewma(0.2, 2.86), EwmaScheme(0.2, "asymptotic").run_length(2.86, shift)),
        (given.ewma(1.0, 3.0), ShewhartScheme().run_length(3.0, shift)),
    ):
        assert own.mean == pytest.approx(float(other.mean), rel=1e-3)
        assert own.median == pytest.approx(float(other.median), abs=1.0)


# Simulated once, 4,000 runs, phi and standard error beside: numpy's default_rng(2), stationary begin.
@pytest.mark.parametrize(
    ("phi", "mean", "error"),
    [(0.25, 102.32, 1.54), (0.4, 61.33, 0.91), (0.7, 31.84, 0.45), (0.9, 27.90, 0.41)],
)
def test_a_cusum_that_ignores_it_cries_wolf(phi, mean, error):
    # issue: "with autocorrelation 0.4 a CUSUM's ARL0 of 369 becomes 61"
    assert Correlated(phi, *ignored(phi)).cusum(0.5, 4.774).mean == pytest.approx(mean, abs=2.5 * error)


# Simulated once, 4,000 runs each: default_rng(4).
@pytest.mark.parametrize(
    ("phi", "shift", "mean", "error"),
    [(0.4, 0.5, 77.3, 1.12), (0.4, 2.0, 5.68, 0.04), (0.9, 1.0, 124.37, 2.05), (0.9, 2.0, 16.99, 0.44)],
)
def test_residuals_pay_with_delay(phi, shift, mean, error):
    assert residual(phi, 0.5, 4.774, shift).mean == pytest.approx(mean, abs=2.5 * error)


def test_residuals_keep_the_run_length():
    for phi in (-0.5, 0.7):
        assert residual(phi, 0.5, 4.774, 0.0).mean == pytest.approx(370.06, rel=1e-3)


def test_a_shewhart_chart_minds_little():
    # Its limits are crossed as often; crossings only come in clusters, so that the first one is later (Schmid 1995).
    means = [Correlated(phi, *ignored(phi)).ewma(1.0, 3.0).mean for phi in (0.0, 0.4, 0.8)]
    assert means == sorted(means)
    assert means[0] == pytest.approx(370.4, abs=0.1)


def test_shifts_up_and_down_are_alike():
    up, down = (Correlated(0.5, *ignored(0.5), shift).cusum(0.5, 5.0) for shift in (1.0, -1.0))
    assert up.mean == pytest.approx(down.mean, rel=1e-9)


@pytest.mark.long
def test_an_estimated_phi_needs_a_lower_limit():
    # whether it is the right one: benchmark autocorrelation, which simulates everything
    limit = residual_limit(0.5, 300, 1.0, 50.0)
    assert 1.5 < limit < CusumScheme(1.0).solve(50.0)


def test_the_design_shows_both():
    scheme = CusumScheme(0.5)
    assert ignoring(scheme, 4.774, 0.4, [0.0])[0].mean == pytest.approx(61.46, abs=0.05)
    assert [round(runs.mean) for runs in of_residuals(scheme, 4.774, 0.4, [0.0, 1.0])] == [370, 20]
    assert not math.isnan(ignoring(EwmaScheme(0.1), 2.7, 0.5, [1.0])[0].mean)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: ignoring(CusumScheme(0.5), 4.0, 0.99, [0.0]), "-0.95 to 0.95"),
        (lambda: ignoring(CusumScheme(0.5), 4.0, math.nan, [0.0]), "-0.95 to 0.95"),
        (lambda: ignoring(CusumScheme(0.5, 2.0), 4.0, 0.5, [0.0]), "head start"),
        (lambda: ignoring(CusumScheme(0.5), 40.0, 0.5, [0.0]), "at most 25"),
        (lambda: ignoring(ShewhartScheme("one"), 3.0, 0.5, [0.0]), "two sides"),
        (lambda: ignoring(ShewhartScheme(rules=("WE1", "WE2")), 3.0, 0.5, [0.0]), "run rules"),
        (lambda: residual_limit(0.5, 40, 0.5, 370.0), "40 is too short to estimate an autocorrelation"),
        (lambda: Correlated(1.0, 1.0, 0.0), "above -1 and below 1"),
    ],
)
def test_what_is_not_known_is_refused(call, says):
    with pytest.raises(ValueError, match=says):
        call()

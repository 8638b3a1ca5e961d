"""Run lengths of the EWMA chart against published tables."""

import math

import numpy as np
import pytest

from gateway.design.ewma import EwmaScheme

# Lucas & Saccucci (1990), Technometrics 32, table 3: shift, lambda 0.5 with L 3.071, lambda 0.03 with L 2.437
LUCAS_SACCUCCI = [
    (0, 500, 500), (0.5, 88.8, 29.3), (0.75, 35.9, 17.6), (1, 17.5, 12.6), (1.5, 6.53, 8.07), (2, 3.63, 5.99),
    (2.5, 2.50, 4.80), (3, 1.93, 4.03), (3.5, 1.58, 3.49), (4, 1.34, 3.11), (5, 1.07, 2.55),
]  # fmt: skip


@pytest.mark.parametrize(("column", "weight", "limit"), [(1, 0.5, 3.071), (2, 0.03, 2.437)])
def test_table_of_lucas_and_saccucci(column, weight, limit):
    shifts = [row[0] for row in LUCAS_SACCUCCI]
    printed = np.array([row[column] for row in LUCAS_SACCUCCI])
    got = EwmaScheme(weight, "asymptotic").mean(limit, shifts)
    # within 0.2 %, or half the last of three digits
    assert (np.abs(got - printed) <= np.maximum(0.002 * printed, 0.005)).all()


def test_table_of_crowder():
    # Crowder (1987), Technometrics 29, table 1: lambda 0.5, L 2
    got = EwmaScheme(0.5, "asymptotic").mean(2.0, [0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0])
    assert got == pytest.approx(
        [26.45, 20.12, 11.89, 7.29, 4.91, 2.80, 1.94, 1.26, 1.05], abs=0.0053
    )  # 1.945 is printed as 1.94


def test_value_of_the_sas_manual():
    # SAS/QC manual (1999): lambda 0.25, L 3, shift 1
    assert float(EwmaScheme(0.25, "asymptotic").mean(3.0, 1.0)) == pytest.approx(11.154267016, abs=1e-8)


def test_one_sided_of_waldmann():
    # Waldmann (1986), table 2: upper limit of 2 sigma of the samples
    for weight, printed in ((0.75, 209.3), (0.5, 3907.5)):
        got = EwmaScheme(weight, "asymptotic", "one").mean(2 * math.sqrt((2 - weight) / weight))
        assert float(got) == pytest.approx(printed, rel=5e-4)


def test_exact_limits_as_simulated_with_1e9_runs():
    # Knoth, R package spc, help of xewma.arl: one-sided, lambda 0.1, ARL0 500, varying limits; standard error 3e-5
    scheme = EwmaScheme(0.1, "exact", "one")
    got = scheme.mean(scheme.solve(500.0), [0.5, 1, 1.5, 2, 2.5, 3])
    assert got == pytest.approx([21.637, 6.7596, 3.5398, 2.3038, 1.7004, 1.3675], rel=8e-5)


def test_medians_of_gan():
    # Gan (1993), table 1: the limits, of three digits, for a median of 500
    for weight, limit in ((0.05, 0.441), (0.1, 0.675), (0.15, 0.863), (0.2, 1.027), (0.25, 1.177)):
        scheme = EwmaScheme(weight, "asymptotic")
        median = scheme.run_length(limit / math.sqrt(weight / (2 - weight))).median
        assert float(median) == pytest.approx(500, abs=3)


def test_limits_of_crowder():
    # Crowder (1989), Journal of Quality Technology 21: L for an ARL0 of 250
    got = [EwmaScheme(weight, "asymptotic").solve(250.0) for weight in (0.05, 0.1, 0.15, 0.2, 0.25)]
    assert got == pytest.approx([2.32, 2.55, 2.65, 2.72, 2.76], abs=0.0051)


def test_with_lambda_one_it_is_a_shewhart_chart():
    p = math.erfc(3 / math.sqrt(2))
    for limits in ("exact", "asymptotic"):
        assert float(EwmaScheme(1.0, limits).mean(3.0)) == pytest.approx(1 / p, rel=1e-9)


def test_one_law_for_many_shifts_and_scales_is_that_of_each():
    scheme = EwmaScheme(0.2)
    shift, scale = np.array([0.0, 0.3, -0.3]), np.array([1.0, 1.1, 0.9])
    together = scheme.run_length(2.5, shift, scale)
    alone = [scheme.run_length(2.5, *pair) for pair in zip(shift, scale, strict=True)]
    assert together.mean == pytest.approx([float(each.mean) for each in alone], rel=1e-5)
    assert together.median.tolist() == [float(each.median) for each in alone]


@pytest.mark.parametrize("weight", [0.0, 1.1, math.nan])
def test_a_weight_that_cannot_be_is_refused(weight):
    with pytest.raises(ValueError, match="lambda must be above 0 and at most 1"):
        EwmaScheme(weight)

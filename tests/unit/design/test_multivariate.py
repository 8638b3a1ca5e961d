"""T2 and MEWMA against published tables."""

import math

import pytest

from gateway.design.ewma import EwmaScheme
from gateway.design.mewma import MewmaScheme
from gateway.design.t2 import T2Scheme, phase1_ucl, phase2_ucl
from gateway.stats.special import chi2_isf, f_isf

# Rigdon (1995), Journal of Statistical Computation and Simulation 52, table 1: h4 and ARL0 for p = 2
RIGDON = {
    0.25: {8.37: 100, 9.90: 200, 11.89: 500, 13.36: 1000, 14.82: 2000},
    0.1: {6.98: 100, 8.63: 200, 10.77: 500, 13.88: 2000},
}


@pytest.mark.parametrize("weight", RIGDON)
def test_table_of_rigdon_in_control(weight):
    for limit, arl in RIGDON[weight].items():
        assert float(MewmaScheme(2, weight).mean(limit)) == pytest.approx(arl, rel=3e-3)


def test_limits_of_knoth():
    # Knoth (2017), The case against the use of synthetic control charts ..., table 2: p = 3, ARL0 1000
    got = [MewmaScheme(3, weight).solve(1000.0) for weight in (0.25, 0.2, 0.15, 0.1, 0.05)]
    assert got == pytest.approx([15.82, 15.62, 15.31, 14.76, 13.60], abs=0.0051)


def test_table_of_runger_and_prabhu_out_of_control():
    # Runger & Prabhu (1996), table 1, by the program of Molnau et al. (2001): p = 4, lambda 0.1, h4 12.73. Their chain
    # of 25 states is coarse: benchmarks/arl_tables.py has a simulation beside these.
    got = MewmaScheme(4, 0.1).mean(12.73, [0.5, 1.0])
    assert got == pytest.approx([35.05, 12.17], rel=2e-3)


def test_one_variable_is_an_ewma():
    got = MewmaScheme(1, 0.2).mean(9.0, [0.0, 1.0])
    assert got == pytest.approx(EwmaScheme(0.2, "asymptotic").mean(3.0, [0.0, 1.0]))


def test_exact_limits_signal_sooner_and_end_alike():
    exact, end = MewmaScheme(2, 0.1, "exact"), MewmaScheme(2, 0.1)
    # 87.66, standard error 0.38, of 60,000 simulated runs (benchmarks/arl_tables.py); 100 with asymptotic limits
    assert float(exact.mean(6.98)) == pytest.approx(87.66, abs=0.76)
    assert float(exact.mean(40.0)) == pytest.approx(float(end.mean(40.0)), rel=1e-3)
    assert MewmaScheme(1, 0.2, "exact").mean(9.0) == pytest.approx(EwmaScheme(0.2).mean(3.0))
    with pytest.raises(ValueError, match="in control only, for a shift of 0"):
        exact.mean(9.0, 1.0)


def test_with_lambda_one_it_is_t2():
    got = MewmaScheme(3, 1.0).run_length(12.0, [0.0, 1.5])
    assert got.mean == pytest.approx(T2Scheme(3).mean(12.0, [0.0, 1.5]), rel=1e-5)
    assert got.median.tolist() == T2Scheme(3).run_length(12.0, [0.0, 1.5]).median.tolist()


def test_t2_of_montgomery():
    # Montgomery, Introduction to Statistical Quality Control, 6th ed., 11.3: chi2(0.005, 2) = 10.6
    assert T2Scheme(2).solve(200.0) == pytest.approx(10.597, abs=5e-4)
    p2 = math.exp(-5.0)  # of chi-square with two degrees of freedom
    assert float(T2Scheme(2).mean(10.0)) == pytest.approx(1 / p2)
    assert float(T2Scheme(2).mean(10.0, scale=1.25)) == pytest.approx(math.exp(3.2))


def test_t2_limits_by_their_formulas():
    # Tracy, Young & Mason (1992): with many vectors both come to chi-square
    assert phase2_ucl(2, 20, 0.01) == pytest.approx(2 * 21 * 19 / (20 * 18) * float(f_isf(0.01, 2, 18)))
    # a beta with b = 1 has quantiles in closed form: p = 2 and m = 5 give 16/5 (1 - alpha)
    assert phase1_ucl(2, 5, 0.05) == pytest.approx(16 / 5 * 0.95)
    for ucl in (phase1_ucl, phase2_ucl):
        assert ucl(3, 100_000, 0.005) == pytest.approx(float(chi2_isf(0.005, 3)), rel=1e-3)
        with pytest.raises(ValueError, match="vectors of 5 are too few"):
            ucl(5, 5, 0.01)


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="p must be at least 1"):
        T2Scheme(0)
    with pytest.raises(ValueError, match="p must be at least 1"):
        MewmaScheme(0)
    with pytest.raises(ValueError, match="lambda must be above 0"):
        MewmaScheme(2, 0.0)
    with pytest.raises(ValueError, match="too slow a chart"):
        MewmaScheme(2, 0.001)
    with pytest.raises(ValueError, match=r"h4 with lambda 0\.002 gives too slow a chart"):
        MewmaScheme(2, 0.002).mean(12.0, 1.0)


def test_what_never_signals_is_given_as_endless():
    got = MewmaScheme(2, 0.1).run_length(200.0)
    assert math.isinf(got.mean)
    assert math.isinf(got.median)

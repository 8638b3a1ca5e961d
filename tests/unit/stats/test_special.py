"""Special functions against printed tables and closed forms."""

import math

import numpy as np
import pytest

from gateway.stats.special import (
    beta_cdf,
    beta_ppf,
    beta_sf,
    binomial_cdf,
    binomial_isf,
    binomial_ppf,
    binomial_sf,
    chi2_cdf,
    chi2_isf,
    chi2_pdf,
    chi2_ppf,
    chi2_sf,
    erfc,
    f_cdf,
    f_isf,
    f_ppf,
    f_sf,
    ncf_cdf,
    ncf_ppf,
    ncf_sf,
    nct_cdf,
    nct_ppf,
    nct_sf,
    ncx2_cdf,
    ncx2_ppf,
    ncx2_sf,
    normal_cdf,
    normal_isf,
    normal_pdf,
    normal_ppf,
    normal_sf,
    poisson_cdf,
    poisson_isf,
    poisson_ppf,
    poisson_sf,
    t_cdf,
    t_ppf,
)


def test_erfc_is_that_of_the_c_library():
    x = np.linspace(-6, 26, 999)
    assert erfc(x) == pytest.approx([math.erfc(each) for each in x], rel=2e-15, abs=0)


def test_normal_quantiles_of_the_tables():
    # Abramowitz & Stegun, table 26.5: x of Q = 0.025, 1e-3, 1e-6
    assert normal_isf([0.025, 1e-3, 1e-6]) == pytest.approx([1.95996, 3.09023, 4.75342], abs=5e-6)
    assert float(normal_ppf(0.5)) == 0
    assert normal_ppf([0.0, 1.0]).tolist() == [-math.inf, math.inf]
    assert np.isnan(normal_ppf([-0.1, 1.1, math.nan])).all()


def test_normal_far_tail_keeps_its_digits():
    q = np.array([1e-300, 1e-60, 1e-9, 0.3])
    assert normal_sf(normal_isf(q)) == pytest.approx(q, rel=1e-12, abs=0)
    assert normal_cdf(-normal_isf(q)) == pytest.approx(q, rel=1e-12, abs=0)
    assert float(normal_pdf(1.0)) == pytest.approx(0.24197072, abs=5e-9)  # A & S table 26.1


# NIST/SEMATECH e-Handbook of Statistical Methods, tables 1.3.6.7.4 (chi-square), .2 (t), .3 (F)
@pytest.mark.parametrize(
    ("df", "lower", "upper", "far"),
    [(1, 0.004, 3.841, 10.828), (10, 3.940, 18.307, 29.588), (100, 77.929, 124.342, 149.449)],
)
def test_chi_square_of_the_tables(df, lower, upper, far):
    assert chi2_ppf([0.05, 0.95, 0.999], df) == pytest.approx([lower, upper, far], abs=5.01e-4)
    assert float(chi2_isf(0.05, df)) == pytest.approx(upper, abs=5.01e-4)


def test_chi_square_with_two_degrees_is_exponential():
    x = np.array([0.01, 2.0, 80.0, 700.0])
    assert chi2_sf(x, 2) == pytest.approx(np.exp(-x / 2), rel=1e-12, abs=0)
    assert chi2_pdf(x, 2) == pytest.approx(np.exp(-x / 2) / 2, rel=1e-12, abs=0)
    assert chi2_isf(np.exp(-x / 2), 2) == pytest.approx(x, rel=1e-12, abs=0)
    assert chi2_cdf(x, 1) == pytest.approx(1 - 2 * normal_sf(np.sqrt(x)), rel=1e-12, abs=0)


def test_ends_and_what_is_outside():
    assert chi2_ppf([0.0, 1.0], 5).tolist() == [0.0, math.inf]
    assert chi2_cdf([-1.0, 0.0, math.inf], 5).tolist() == [0.0, 0.0, 1.0]
    assert np.isnan(chi2_ppf([1.2, 0.5], [3.0, -1.0])).all()
    assert np.isnan(chi2_cdf([math.nan, 1.0], [3.0, 0.0])).all()
    assert f_ppf([0.0, 1.0], 2, 3).tolist() == [0.0, math.inf]
    assert beta_ppf([0.0, 1.0], 2, 3).tolist() == [0.0, 1.0]


def test_t_of_the_tables():
    assert t_ppf(0.975, [1, 10, 30]) == pytest.approx([12.706, 2.228, 2.042], abs=5.01e-4)
    assert t_ppf([0.999, 0.001], 5) == pytest.approx([5.893, -5.893], abs=5.01e-4)
    x = np.array([-30.0, -1.0, 0.0, 2.0])
    assert t_cdf(x, 1) == pytest.approx(0.5 + np.arctan(x) / math.pi, rel=1e-11, abs=0)


def test_f_of_the_tables():
    assert f_ppf(0.95, [1, 5, 10], [1, 10, 10]) == pytest.approx([161.448, 3.326, 2.978], abs=5.01e-4)
    assert f_isf(0.01, [1, 10], 10) == pytest.approx([10.044, 4.849], abs=5.01e-4)
    assert f_cdf(f_ppf(0.3, 4, 7), 4, 7) == pytest.approx(0.3, rel=1e-12)
    assert f_sf(3.0, 2, 8) == pytest.approx((1 + 2 * 3.0 / 8) ** -4, rel=1e-12)  # df1 = 2 has a closed form


def test_beta_of_whole_numbers_is_a_polynomial():
    x = np.array([0.1, 0.4, 0.9])
    assert beta_cdf(x, 2, 3) == pytest.approx(6 * x**2 - 8 * x**3 + 3 * x**4, rel=1e-13)
    assert beta_sf(x, 1, 5) == pytest.approx((1 - x) ** 5, rel=1e-12)
    assert beta_cdf(beta_ppf(0.07, 2.5, 300), 2.5, 300) == pytest.approx(0.07, rel=1e-12)


def test_noncentral_t_of_the_handbook():
    # e-Handbook 7.2.6.3: one-sided tolerance factor, N = 43, p = 0.90, gamma = 0.99; Lieberman's table: n = 10
    delta = float(normal_ppf(0.9)) * math.sqrt(43)
    assert delta == pytest.approx(8.4037, abs=5e-5)
    assert float(nct_ppf(0.99, 42, delta)) / math.sqrt(43) == pytest.approx(1.8740, abs=5e-5)
    assert float(nct_ppf(0.95, 9, normal_ppf(0.9) * math.sqrt(10))) / math.sqrt(10) == pytest.approx(
        2.355, abs=5e-4
    )


@pytest.mark.parametrize("df", [1, 4, 50, 2000])
def test_noncentral_t_without_noncentrality_is_students(df):
    x = np.array([-3.0, 0.5, 2.0, 100.0])
    assert nct_cdf(x, df, 0.0) == pytest.approx(t_cdf(x, df), abs=1e-12)
    assert nct_sf(x, df, 0.0) == pytest.approx(t_cdf(-x, df), abs=1e-12)


def test_noncentral_chi_square_of_one_degree_is_a_shifted_normal_squared():
    x, shift = np.array([0.5, 9.0, 40.0]), 2.0
    above = normal_sf(np.sqrt(x) - shift) + normal_sf(np.sqrt(x) + shift)
    assert ncx2_sf(x, 1, shift**2) == pytest.approx(above, abs=1e-12)
    assert ncx2_cdf(x, 1, shift**2) == pytest.approx(1 - above, abs=1e-12)
    assert ncx2_ppf(ncx2_cdf(x, 3, 7.0), 3, 7.0) == pytest.approx(x, rel=1e-9)
    assert ncx2_cdf(x, 6, 0.0) == pytest.approx(chi2_cdf(x, 6), abs=1e-13)


def test_noncentral_f_over_two_degrees_has_a_closed_form():
    # a mixture of x**(a + j) with Poisson weights
    x, df1, nc = np.array([0.3, 2.0, 9.0]), 4.0, 5.0
    b = df1 * x / (df1 * x + 2)
    below = b ** (df1 / 2) * np.exp(-nc / 2 * (1 - b))
    assert ncf_cdf(x, df1, 2, nc) == pytest.approx(below, abs=1e-12)
    assert ncf_sf(x, df1, 2, nc) == pytest.approx(1 - below, abs=1e-12)
    assert ncf_ppf(below, df1, 2, nc) == pytest.approx(x, rel=1e-9)


def test_binomial_is_the_sum_of_its_terms():
    n, p = 20, 0.07
    terms = [math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)]
    assert binomial_cdf(np.arange(n + 1), n, p) == pytest.approx(np.cumsum(terms), rel=1e-12)
    assert binomial_sf([-1, 3, 20], n, p) == pytest.approx([1.0, sum(terms[4:]), 0.0], rel=1e-12)
    assert binomial_cdf([3, 3], 10, [0.0, 1.0]).tolist() == [1.0, 0.0]


def test_poisson_of_the_tables():
    # Molina's table, mean 2: 0.1353, 0.4060, 0.6767, 0.8571
    assert poisson_cdf([0, 1, 2, 3], 2.0) == pytest.approx([0.1353, 0.4060, 0.6767, 0.8571], abs=5.1e-5)
    assert poisson_sf([-1, 0], 2.0) == pytest.approx([1.0, 1 - math.exp(-2)], rel=1e-13)
    assert poisson_cdf([-1, 0, 5], 0.0).tolist() == [0.0, 1.0, 1.0]


def test_quantiles_of_counts_are_the_smallest_that_will_do():
    for q in (0.001, 0.5, 0.999):
        k = float(binomial_ppf(q, 50, 0.1))
        assert binomial_cdf(k - 1, 50, 0.1) < q <= binomial_cdf(k, 50, 0.1)
        k = float(poisson_ppf(q, 7.5))
        assert poisson_cdf(k - 1, 7.5) < q <= poisson_cdf(k, 7.5)
    k = float(poisson_isf(1e-12, 7.5))
    assert poisson_sf(k, 7.5) <= 1e-12 < poisson_sf(k - 1, 7.5)
    k = float(binomial_isf(1e-12, 50, 0.1))
    assert binomial_sf(k, 50, 0.1) <= 1e-12 < binomial_sf(k - 1, 50, 0.1)
    assert np.isnan(binomial_ppf(1.5, 10, 0.1))

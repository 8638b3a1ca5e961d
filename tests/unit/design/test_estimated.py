"""Guaranteed limits against printed tolerance factors, and against each other."""

import numpy as np
import pytest

from gateway.design.cusum import CusumScheme
from gateway.design.estimated import above, c4_of, freedom, likely
from gateway.design.estimated_design import limit_from, promised
from gateway.design.estimated_limit import Promise, assurance, guaranteed_limit
from gateway.design.estimated_quadratic import isf, tail
from gateway.design.estimated_t2 import assurance as t2_assurance
from gateway.design.estimated_t2 import guaranteed_ucl
from gateway.design.ewma import EwmaScheme
from gateway.design.mewma import MewmaScheme
from gateway.design.shewhart import ShewhartScheme
from gateway.design.t2 import T2Scheme
from gateway.design.tables import interpolate, limit_table, t2_table
from gateway.stats.constants import c4
from gateway.stats.special import chi2_isf, chi2_sf, normal_sf


# Berthouex & Brown, Statistics for Environmental Engineers, 2nd ed., table 21.1: factors of two-sided tolerance
# intervals of a normal distribution with 95 % confidence.
@pytest.mark.parametrize(
    ("n", "content", "factor"),
    [
        (10, 0.90, 2.86), (10, 0.95, 3.39), (10, 0.99, 4.44), (20, 0.90, 2.32), (20, 0.95, 2.76), (20, 0.99, 3.62),
        (30, 0.95, 2.55), (30, 0.99, 3.35), (60, 0.90, 1.96), (60, 0.95, 2.34), (60, 0.99, 3.07),
    ],
)  # fmt: skip
def test_a_shewhart_limit_is_a_tolerance_factor(n, content, factor):
    # the interval is of mean +- factor S, ours is in S / c4; the table rounds to two digits, one of them by Howe's rule
    own = guaranteed_limit(ShewhartScheme(), n, Promise(1.0 / (1.0 - content), 0.95))
    assert own / c4(n) == pytest.approx(factor, abs=0.0065)


@pytest.mark.parametrize(("m", "arl0"), [(12, 50.0), (30, 370.0), (300, 370.0)])
def test_shewhart_is_t2_of_one_tag(m, arl0):
    single = guaranteed_limit(ShewhartScheme(), m, Promise(arl0)) / c4(m)
    assert guaranteed_ucl(1, m, arl0, 0.9) ** 0.5 == pytest.approx(single, rel=5e-4)


def test_a_promise_that_is_solved_for_is_kept():
    for scheme in (EwmaScheme(0.1, "asymptotic"), CusumScheme(0.5, sided="one")):
        limit = guaranteed_limit(scheme, 300, Promise(370.0))
        assert assurance(scheme, limit, 300, Promise(370.0)) == pytest.approx(0.9, abs=1e-3)
        assert limit > scheme.solve(370.0)


def test_a_cusum_keeps_what_estimation_runs_say():
    # 600 draws of center and sigma, their true ARL0 by the engine: 0.9 within three standard errors
    rng = np.random.default_rng(7)
    m, scheme = 100, CusumScheme(0.5)
    limit = guaranteed_limit(scheme, m, Promise(370.0))
    center, sigma = rng.normal(size=600) / 10.0, np.sqrt(rng.chisquare(99, 600) / 99) / c4(100)
    kept = (scheme.mean(limit, -center / sigma, 1.0 / sigma) >= 370.0).mean()
    assert kept == pytest.approx(0.9, abs=0.037)


@pytest.mark.long
def test_text_book_limits_break_their_promise():
    # Limits from 100 values reach their ARL0 in less than half of the cases.
    assert assurance(ShewhartScheme(), 3.0, 100, Promise(370.4)) == pytest.approx(0.476, abs=0.02)
    assert t2_assurance(5, 30, 370.0, float(chi2_isf(1 / 370, 5)), 256) < 0.02


def test_more_samples_and_less_confidence_tighten():
    limits = [guaranteed_limit(ShewhartScheme(), m, Promise(370.0)) for m in (20, 50, 200)]
    assert limits == sorted(limits, reverse=True)
    assert limits[-1] > ShewhartScheme().solve(370.0)
    assert guaranteed_limit(ShewhartScheme(), 50, Promise(370.0, 0.5)) < limits[1]


def test_moving_ranges_know_less():
    # Var(MR-bar / d2) is 0.8264 sigma**2 / m for many samples against 0.5 / m of S: Cryer & Ryan, Journal of Quality
    # Technology 22, 1990, 187-192.
    assert freedom("s", 51) == 50.0
    assert freedom("mr", 100_001) / 100_000 == pytest.approx(0.5 / 0.8264, abs=2e-4)
    loose = guaranteed_limit(ShewhartScheme(), 50, Promise(370.0, 0.9, "mr"))
    assert loose > guaranteed_limit(ShewhartScheme(), 50, Promise(370.0))


def test_the_law_of_r():
    assert c4_of(9.0) == c4(10)
    assert c4_of(9.0) < c4_of(9.5) < c4_of(10.0)
    low, high = likely(50.0)
    assert above(np.array([low, high]), 50.0) == pytest.approx([1 - 5e-7, 5e-7], rel=1e-3)


@pytest.mark.parametrize("p", [1, 2, 3, 8])
@pytest.mark.parametrize("alpha", [0.01, 1 / 370, 1e-5])
def test_tails_of_quadratic_forms_that_are_chi_squares(p, alpha):
    weight, offset = np.full((1, p), 2.0), np.zeros((1, p))
    c = 2.0 * chi2_isf(alpha, p)
    assert tail(weight, offset, np.array([float(c)]))[0] == pytest.approx(alpha, rel=2e-6)
    assert isf(weight, offset, alpha)[0] == pytest.approx(float(c), rel=1e-6)


def test_a_tail_of_one_shifted_normal():
    for b in (0.1, 1.0, 3.0):
        exact = float(normal_sf(5.0 - b) + normal_sf(5.0 + b))
        assert tail(np.ones((1, 1)), np.full((1, 1), b), np.array([25.0]))[0] == pytest.approx(
            exact, rel=1e-5
        )


def test_a_tail_of_two_unlike_weights():
    # 3 Z1**2 + Z2**2 > c: one integral over Z1 by hand
    x, w = np.polynomial.legendre.leggauss(400)
    z, c = 6.0 * x, 20.0
    inside = 3.0 * z**2 < c
    rest = np.where(inside, chi2_sf(np.maximum(c - 3.0 * z**2, 0.0), 1), 1.0)
    edge = np.sqrt(c / 3.0)
    z = edge * x
    exact = float(edge * (w * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi) * chi2_sf(c - 3.0 * z**2, 1)).sum())
    exact += 2.0 * float(normal_sf(edge))
    assert rest.shape == z.shape
    assert tail(np.array([[3.0, 1.0]]), np.zeros((1, 2)), np.array([c]))[0] == pytest.approx(exact, rel=1e-4)


@pytest.mark.long
def test_t2_keeps_what_estimation_runs_say():
    rng = np.random.default_rng(11)
    p, m, runs = 2, 40, 2000
    x = rng.standard_normal((runs, m, p))
    off = x - x.mean(axis=1, keepdims=True)
    values, vectors = np.linalg.eigh(np.einsum("nmi,nmj->nij", off, off) / (m - 1))
    offset = np.einsum("nij,ni->nj", vectors, x.mean(axis=1))
    limit = guaranteed_ucl(p, m, 370.0, 0.9)
    kept = (tail(1.0 / values, offset, np.full(runs, limit)) <= 1 / 370).mean()
    assert kept == pytest.approx(0.9, abs=0.02)


def test_more_lattice_points_change_little():
    coarse = t2_assurance(2, 50, 370.0, 16.22, 512)
    assert coarse == pytest.approx(t2_assurance(2, 50, 370.0, 16.22, 1024), abs=0.004)


@pytest.mark.long
def test_tables_are_what_they_stand_for():
    table = limit_table(EwmaScheme(0.2, "asymptotic"), Promise(370.0))
    assert limit_table(EwmaScheme(0.2, "asymptotic"), Promise(370.0)) is table
    for m in (20, 33, 333):
        exact = guaranteed_limit(EwmaScheme(0.2, "asymptotic"), m, Promise(370.0))
        assert interpolate(table, m) == pytest.approx(exact, rel=3e-4)
    assert interpolate(table, 5) == table[0][1]
    assert interpolate(table, 10**9) == table[-1][1]
    assert [m for m, _ in table] == sorted({m for m, _ in table})


@pytest.mark.long
def test_a_table_of_t2_begins_where_there_are_vectors_enough():
    table = t2_table(1, 100.0)
    assert table[0][0] == 20
    assert interpolate(table, 60) == pytest.approx(guaranteed_ucl(1, 60, 100.0, 0.9), rel=1e-3)


@pytest.mark.long
def test_what_a_limit_promises_is_what_the_promise_would_take():
    for scheme in (ShewhartScheme(), T2Scheme(1)):
        limit = limit_from(scheme, 40, 200.0, 0.9)
        assert promised(scheme, limit, 40, 0.9) == pytest.approx(200.0, rel=0.02)
    assert np.isnan(promised(ShewhartScheme(), 0.5, 40, 0.9))


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: guaranteed_limit(ShewhartScheme(), 9, Promise(370.0)), "a baseline of 9 is too short"),
        (lambda: guaranteed_limit(ShewhartScheme(), 50, Promise(1.0)), "above 1"),
        (lambda: guaranteed_limit(ShewhartScheme(), 50, Promise(370.0, 1.0)), "confidence"),
        (
            lambda: guaranteed_limit(CusumScheme(0.1), 30, Promise(370.0)),
            "no limit promises this from 30",
        ),
        (lambda: freedom("range", 50), "not one of s, mr"),  # type: ignore[arg-type] # that is what is tested
        (lambda: guaranteed_ucl(5, 6, 370.0, 0.9), "6 vectors is too short for 5"),
        (lambda: guaranteed_ucl(0, 60, 370.0, 0.9), "1 to 20 tags"),
        (lambda: guaranteed_ucl(2, 60, 5.0, 0.9), "10 or more"),
        (lambda: guaranteed_ucl(2, 60, 370.0, 0.0), "more than 0 and less than 1"),
        (lambda: isf(np.ones((1, 1)), np.zeros((1, 1)), 0.5), "at most 0.1"),
        (lambda: t2_table(60, 370.0), "longer than these tables"),
        (lambda: limit_from(MewmaScheme(), 60, 370.0, 0.9), "shewhart, ewma, cusum and t2 only"),
    ],
)
def test_what_cannot_be_promised_is_refused(call, says):
    with pytest.raises(ValueError, match=says):
        call()

"""A store's book against its counts: independent residuals, and limits that keep their false alarms."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gateway.dosing.book import Period, Sums, Watch, counted, opened


def test_random_walk_seen_through_noise_settles_at_the_gain_of_the_textbook() -> None:
    """R. E. Kalman 1960: for a random walk (q) seen through noise (r) the variance before a count solves
    P^2 - qP - qr = 0; with q = r = 1 that is the golden ratio.
    """
    book, found = counted(opened(0.0, 1.0), Period(0.0, 1.0, 0.0, 0.0, 1.0))
    for _ in range(60):
        book, found = counted(book, Period(0.0, 1.0, 0.0, 0.0, 1.0))
    golden = (1.0 + math.sqrt(5.0)) / 2.0
    assert found.sigma_kg**2 == pytest.approx(golden + 1.0)
    assert book.var == pytest.approx(golden - 1.0)


def test_two_counts_alone_are_the_plain_balance() -> None:
    """Opening 100 (sigma 3), 50 in (sigma 0), closing 146 (sigma 4): 4 missing, sigma 5."""
    _, found = counted(opened(100.0, 3.0), Period(50.0, 0.0, 0.0, 146.0, 4.0))
    assert (found.kg, found.sigma_kg, found.z) == (-4.0, 5.0, -0.8)


def test_residuals_are_independent_though_weeks_share_their_counts() -> None:
    draw = np.random.Generator(np.random.SFC64(6))
    z = []
    for _ in range(300):
        bias, book = draw.standard_normal() * 0.5, opened(draw.standard_normal(), 1.0)
        row = []
        for week in range(1, 11):
            flow = draw.standard_normal() * 0.3
            book, found = counted(
                book, Period(10.0 + flow + bias, 0.3, 0.5, 10.0 * week + draw.standard_normal(), 1.0)
            )
            row.append(found.z)
        z.append(row)
    table = np.array(z)
    assert table.std() == pytest.approx(1.0, abs=0.03)
    assert abs(np.mean(table[:, 1:] * table[:, :-1])) < 0.05


def test_a_meter_that_always_says_too_much_is_learnt_as_far_as_its_calibration_allows() -> None:
    book, found = counted(opened(0.0, 0.1), Period(10.05, 0.01, 0.05, 10.0, 0.1))
    for week in range(2, 60):
        book, found = counted(book, Period(10.05, 0.01, 0.05, 10.0 * week, 0.1))
    assert book.bias == pytest.approx(-1.0, abs=0.2)
    assert abs(found.z) < 0.5


def test_limits_are_those_of_the_design_engine_and_sums_begin_anew() -> None:
    watch = Watch.designed(52)
    # Shewhart's limit of one false alarm in 104, two-sided, is 2.59: the large sums speak from about there on
    assert 2.0 + watch.large == pytest.approx(2.59, abs=0.05)
    sums, said = watch.step(Sums(), -4.4)
    assert (sums, said) == (Sums(), "less")
    weeks = 0
    while not said or weeks == 0:
        sums, said = watch.step(sums, 1.0)
        weeks += 1
    assert (said, weeks) == ("more", math.ceil(watch.small / 0.5))


@pytest.mark.parametrize("sigma", [-1.0, math.nan])
def test_no_sigma_is_refused(sigma: float) -> None:
    with pytest.raises(ValueError, match="standard uncertainty"):
        counted(opened(0.0, 1.0), Period(0.0, sigma, 0.0, 0.0, 1.0))

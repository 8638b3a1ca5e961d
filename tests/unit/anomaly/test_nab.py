"""The score of the Numenta Anomaly Benchmark, against the example of its paper (Lavin & Ahmad 2015, figure 2, eq 4)."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks._nab import PROFILES, at, best, probation, sigmoid, worths

STANDARD, LOW_FP, LOW_FN = PROFILES


def test_the_sigmoid_of_the_paper():
    """The figure's four detections are worth -1, 0.9999, -0.8093 and -1: 0.6909 by the standard profile."""
    assert sigmoid(0.0) == 0.0
    assert sigmoid(-1.0) == pytest.approx(0.98661, abs=1e-5)
    assert sigmoid(3.1) == -1.0
    assert sigmoid(0.45) == pytest.approx(-0.8093, abs=1e-4)
    hit, false = STANDARD.hit, STANDARD.false
    assert -1.0 * false + 0.9999 * hit - 0.8093 * false - 1.0 * false == pytest.approx(0.6909, abs=1e-4)


def test_rows_are_worth_what_the_paper_says():
    worth, inside = worths(1000, [(400, 499)], STANDARD)
    assert worth[399] == -0.11  # before every window
    assert worth[400] == pytest.approx(1.0)
    assert worth[499] == pytest.approx(
        0.02500 / 0.98661, abs=1e-4
    )  # tanh(2.5 / 100), over that of the first row
    assert worth[500] == pytest.approx(-0.11 * 0.02525, abs=1e-4)
    assert worth[999] == -0.11
    assert inside[400] == 0
    assert inside[500] == -1


def test_nothing_said_is_zero_and_all_at_once_is_a_hundred():
    scores = np.zeros(1000)
    assert at([(scores, [(400, 499)])], STANDARD, 0.5) == 0.0
    scores[400] = 1.0
    for profile in PROFILES:
        assert at([(scores, [(400, 499)])], profile, 0.5) == pytest.approx(100.0)
        assert best([(scores, [(400, 499)])], profile)[0] == pytest.approx(100.0)


def test_false_alarms_cost_more_in_one_profile_and_misses_in_another():
    scores = np.zeros(1000)
    scores[[300, 400]] = 1.0
    files = [(scores, [(400, 499), (800, 820)])]
    assert at(files, LOW_FP, 0.5) < at(files, STANDARD, 0.5)
    assert at(files, STANDARD, 0.5) == pytest.approx(100.0 * (1.0 - 0.11 - 1.0 + 2.0) / 4.0)
    assert at(files, LOW_FN, 0.5) == pytest.approx(100.0 * (1.0 - 0.11 - 2.0 + 4.0) / 6.0)


def test_the_first_rows_do_not_count():
    assert (probation(1000), probation(20_000)) == (150, 750)
    scores = np.zeros(1000)
    scores[100] = 1.0
    assert at([(scores, [(400, 499)])], STANDARD, 0.5) == 0.0
    assert at([(scores, [(400, 499)])], STANDARD, 0.5, skip=False) < 0.0

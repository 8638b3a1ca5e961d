"""Change times against series whose change is known or published, and against what has no answer."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from gateway.changetime.estimate import Estimate, estimate
from gateway.changetime.exponential import exp

VECTORS = Path(__file__).parents[2] / "vectors" / "spc" / "published.json"

# Yearly flow of the Nile at Aswan, 1871 to 1910, 1e8 m3: Cobb, "The problem of the Nile: conditional solution to a
# changepoint problem", Biometrika 65 (1978), table 1. Its maximum likelihood estimate: 1898 is the last year before.
NILE = [
    1120, 1160, 963, 1210, 1160, 1160, 813, 1230, 1370, 1140, 995, 935, 1110, 994, 1020, 960, 1180, 799, 958, 1140,
    1100, 1210, 1150, 1250, 1260, 1220, 1030, 1100, 774, 840, 874, 694, 940, 833, 701, 916, 692, 1020, 1050, 969,
]  # fmt: skip


def quiet(n, seed=1):
    return np.random.default_rng(seed).standard_normal(n)


@pytest.mark.parametrize("last", [1902, 1905, 1910])
def test_the_nile_fell_in_1899(last):
    flow = np.array(NILE[: last - 1870], dtype=np.float64)
    found = estimate((flow - 1097.75) / 135.0)  # of the 28 values up to 1898
    assert abs(1871 + found.at - 1899) <= 1
    assert found.low <= 1899 - 1871 <= found.high
    assert found.low <= found.at <= found.high
    assert found.high - found.low <= 4
    assert -2.5 < found.size < -1.5  # to 849.97 on average: 1.86 sigma down


def test_montgomerys_shift_after_sample_20():
    # Montgomery, 6th ed., table 9.1: samples 21 to 30 are from N(11, 1); the CUSUM signals at the 29th, and its counter
    # says that the shift came after the 22nd
    x = np.array(json.loads(VECTORS.read_text("utf-8"))["montgomery_9"]["x"])
    found = estimate(x[:29] - 10.0)
    assert found.low <= 20 <= found.high
    assert abs(found.at - 20) <= 2
    assert found.size == pytest.approx(1.0, abs=0.35)


@pytest.mark.parametrize("n", [5, 30, 100, 400])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_jump_of_ten_sigma_is_found_to_the_sample(n, sign):
    z = quiet(n)
    z[-2:] += sign * 10
    found = estimate(z)
    assert (found.at, found.low, found.high) == (n - 2, n - 2, n - 2)
    assert found.size == pytest.approx(10 * sign, abs=2)


def test_a_size_is_told_whatever_it_is():
    assert estimate(np.array([0.0, 0.0, 0.0, 250.0])) == Estimate(3, 3, 3, 250.0)
    assert estimate(np.array([0.0, 0.0, np.inf])) == Estimate(2, 2, 2, 1e6)
    assert estimate(np.array([0.0, 0.0, -1e300, -1e300])).size == -1e6


def test_up_and_down_are_mirrors():
    z = quiet(80)
    z[60:] += 1.2
    up, down = estimate(z), estimate(-z)
    assert (up.at, up.low, up.high, up.size) == (down.at, down.low, down.high, -down.size)
    assert estimate(z, "up").size > 0 > estimate(-z, "down").size
    assert estimate(z, "up").at == estimate(-z, "down").at


def test_one_direction_is_looked_at_alone():
    z = quiet(60)
    z[20:30] -= 3.0
    z[50:] += 1.5
    assert 48 <= estimate(z, "up").at <= 52


def test_a_change_that_was_mended_does_not_count():
    z = quiet(200)
    z[60:90] += 2.0
    z[170:] += 1.0
    found = estimate(z)
    assert found.low > 140
    assert found.low <= 170 <= found.high
    z[60:90] -= 4.0  # the other way
    assert estimate(z).low > 140
    z[20:30] += 3.0  # and two of them
    assert estimate(z).low > 140


def test_a_gap_is_no_evidence_and_keeps_its_place():
    z = quiet(60)
    z[45:] += 2.0
    holed = np.insert(z, [10, 10, 50], np.nan)
    whole, found = estimate(z), estimate(holed)
    assert found.at == whole.at + 2
    assert found.size == whole.size


def test_a_change_before_the_record_begins_at_its_start():
    found = estimate(quiet(30) + 2.0)
    assert found.low == 0
    assert found.at <= 1


def test_a_signal_without_evidence_has_a_wide_interval():
    found = estimate(np.array([0.1, -0.2, 0.05] * 20))
    assert found.high - found.low >= 10


def test_nothing_to_go_by_is_no_error():
    assert str(estimate(np.array([]))) == "Estimate(at=0, low=0, high=0, size=nan)"
    empty = estimate(np.full(4, np.nan))
    assert (empty.at, empty.low, empty.high) == (3, 0, 3)
    assert math.isnan(empty.size)
    assert estimate(np.array([3.2])).at == 0
    assert estimate(np.array([3.2])).size == pytest.approx(3.0, abs=0.5)
    assert estimate(np.array([1, 0, 9])).at == 2  # whole numbers are numbers


def test_what_was_given_is_left_alone():
    z = quiet(50)
    z[3] = np.nan
    before = z.tobytes()
    assert estimate(z) == estimate(z)
    assert z.tobytes() == before


@pytest.mark.parametrize(
    ("shift", "close", "covered"), [(0.5, 0.1, 0.72), (1.0, 0.43, 0.82), (2.0, 0.8, 0.88), (3.0, 0.9, 0.9)]
)
def test_signals_of_a_cusum(shift, close, covered):
    """A small run of benchmarks/change_time.py, which has the figures; here four standard errors below them."""
    rng = np.random.default_rng(4)
    hits = inside = 0
    for _ in range(150):
        z = rng.standard_normal(300)
        z[50:] += shift
        upper = 0.0
        for stop in range(50, 300):
            upper = max(0.0, upper + z[stop] - 0.5)
            if upper > 5.0:
                break
        found = estimate(z[: stop + 1])
        hits += abs(found.at - 50) <= 1
        inside += found.low <= 50 <= found.high
    assert hits >= close * 150 - 12
    assert inside >= covered * 150 - 12


def test_exp_is_that_of_the_library_to_the_last_digits():
    x = -np.linspace(0.0, 699.0, 5001)
    assert exp(x) == pytest.approx(np.exp(x), rel=5e-16, abs=0)
    assert exp(np.array([-701.0, -1e9])).tolist() == [0.0, 0.0]
    assert exp(-np.arange(4.0))[3] == 0.049787068367863944  # 0.04978706836786394297...

"""Charts and constants against worked examples that others have printed; sources stand in the vectors."""

from __future__ import annotations

import json
import math
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest

from gateway.design.cusum import CusumScheme
from gateway.spc.cusum import Cusum
from gateway.spc.ewma import Ewma
from gateway.spc.imr import Imr
from gateway.spc.multi_cusum import MultiCusum
from gateway.spc.self_starting_cusum import SelfStartingCusum
from gateway.stats.constants import c4, d2, d3
from gateway.study.study import estimate

NORMAL = NormalDist()
PUBLISHED = json.loads((Path(__file__).parents[2] / "vectors" / "spc" / "published.json").read_text("utf-8"))


def run(chart, x):
    return chart.run(chart.start(), np.array(x, dtype=np.float64))[1]


def flagged(track) -> list[int]:
    return np.flatnonzero(track.rules).tolist()


def test_individuals_of_the_flowrate():
    given = PUBLISHED["nist_flowrate"]
    x = np.array(given["x"])
    mean, sigma = estimate(x)
    assert mean == pytest.approx(given["mean"])
    assert sigma * d2(2) == pytest.approx(given["mean_moving_range"], abs=5e-5)
    track = run(Imr(center=mean, sigma=given["mean_moving_range"] / 1.128), x)
    assert track.ucl[0] == pytest.approx(given["ucl"], abs=1e-4)
    assert track.lcl[0] == pytest.approx(given["lcl"], abs=1e-4)
    assert track.second.value[1:] == pytest.approx(given["moving_ranges"])
    assert flagged(track) == flagged(track.second) == []


def test_limits_of_moving_ranges_are_d4_times_their_mean():
    # D4 = 1 + 3 d3 / d2 = 3.267 for ranges of two (Montgomery, 6th ed., appendix VI)
    second = run(Imr(center=0.0, sigma=1.0), [0.0, 1.0]).second
    assert second.ucl[0] / second.center[0] == pytest.approx(3.267, abs=5e-4)


def test_cusum_of_the_e_handbook():
    given = PUBLISHED["nist_cusum"]
    track = run(Cusum(center=given["target"], sigma=1.0, k=given["k"], h=given["h"]), given["x"])
    assert track.value == pytest.approx(given["upper"], abs=0.006)
    assert flagged(track) == list(range(given["first_signal"], 20))
    assert flagged(track.second) == []


@pytest.mark.parametrize("name", ["nist_cusum", "montgomery_9"])
def test_a_v_mask_signals_where_the_sums_do(name):
    """Laid on the plain sum of z at every sample: is an earlier one beyond an arm, h off and opening by k a sample?"""
    given = PUBLISHED[name]
    k, h = given.get("k", 0.5), given.get("h", 5.0)
    track = run(Cusum(center=given.get("target", 10.0), sigma=1.0, k=k, h=h), given["x"])
    total = np.cumsum([0.0, *(np.array(given["x"]) - given.get("target", 10.0))])
    arms = [h + k * np.arange(n, 0, -1) for n in range(1, len(total))]
    below = [bool((total[: n + 1] < total[n + 1] - arm).any()) for n, arm in enumerate(arms)]
    above = [bool((total[: n + 1] > total[n + 1] + arm).any()) for n, arm in enumerate(arms)]
    assert np.flatnonzero(below).tolist() == flagged(track)
    assert np.flatnonzero(above).tolist() == flagged(track.second)
    assert any(below)


def test_self_starting_scores_of_quesenberry():
    """His Q of unknown mean and sigma is Hawkins' U: each, and each sum of them, as other programs have them."""
    given = PUBLISHED["quesenberry_1"]
    chart = SelfStartingCusum(k=0.5, h=5.0)
    z, _ = chart.standardise(chart.start(), np.array(given["x"]))
    assert z[2:, 0] == pytest.approx(given["q"], abs=3e-8)
    assert [2 * NORMAL.cdf(-abs(each)) for each in z[3:, 0].tolist()] == pytest.approx(given["p"], abs=1e-6)
    track = run(chart, given["x"])
    assert track.value[2:] == pytest.approx(given["upper"], abs=1e-6)
    assert track.second.value[2:] == pytest.approx(given["lower"], abs=1e-6)
    assert np.abs(given["q"]).max() < 3  # in control, as he says: no Q beyond 3, and no sum beyond 5
    assert flagged(track) == flagged(track.second) == []


def in_control(chart, rows):
    """Samples to a signal of the upper panel, one slot a run: counted to the sixtieth, then by their rate."""
    early, slots = 60, np.size(chart.h)
    x = np.random.default_rng(11).standard_normal((rows, slots))
    hit = run(chart, x).rules > 0
    first = np.where(hit.any(axis=0), hit.argmax(axis=0) + 1, rows + 1)
    late = first > early  # from then on, a signal is as likely at every sample
    apart = (np.minimum(first[late], rows) - early).sum() / (late & (first <= rows)).sum()
    return np.minimum(first, early).mean() + late.mean() * apart


def test_the_run_length_of_a_self_starting_cusum_in_control_is_that_of_a_cusum():
    # Brook & Evans 1972, 4.3: 117.59 for one side, k 0.5, h 3; and two samples that are not judged (Hawkins 1987)
    chart = SelfStartingCusum(k=0.5, h=np.full(1000, 3.0))
    assert in_control(chart, 240) == pytest.approx(119.59, rel=0.13)


def grubbs_to_u(away, n):
    """U of the last of n samples whose distance from the mean of all is so many standard deviations: Grubbs 1950."""
    t = math.sqrt(n * (n - 2) * away**2 / ((n - 1) ** 2 - n * away**2))
    others = np.arange(n - 1) - (n - 2) / 2
    last = t * math.sqrt(n / (n - 1)) * others.std(ddof=1)
    chart = SelfStartingCusum()
    return chart.standardise(chart.start(), np.append(others, last))[0][-1, 0]


def test_the_newest_sample_is_as_far_out_as_grubbs_test_says():
    given = PUBLISHED["grubbs"]
    n = len(given["x"])
    chart = SelfStartingCusum()
    u = chart.standardise(chart.start(), np.array(given["x"]))[0][-1, 0]
    assert grubbs_to_u(given["G"], n) < u < grubbs_to_u(given["G"] + 1e-4, n)  # printed cut off, not rounded
    assert flagged(run(chart, given["x"])) == [n - 1]  # an outlier, says the e-Handbook


@pytest.mark.parametrize("alpha", ["0.05", "0.01"])
def test_critical_values_of_grubbs(alpha):
    for n, printed in enumerate(PUBLISHED["grubbs"]["critical"][alpha], start=5):
        u = NORMAL.inv_cdf(1 - float(alpha) / n)  # printed with three decimals, then with two
        assert grubbs_to_u(printed - 0.0055, n) < u < grubbs_to_u(printed + 0.0055, n)


def test_ewma_of_the_e_handbook():
    given = PUBLISHED["nist_ewma"]
    chart = Ewma(given["target"], given["s"], weight=given["lambda"], L=given["L"], limits="asymptotic")
    track = run(chart, given["x"])
    assert track.value == pytest.approx(given["ewma"], abs=0.0051)
    assert (track.lcl[0], track.ucl[0]) == pytest.approx((given["lcl"], given["ucl"]), abs=2e-4)
    assert flagged(track) == []


def test_one_size_of_a_multi_cusum_is_the_cusum_of_the_e_handbook():
    given = PUBLISHED["nist_cusum"]
    size = 2 * given["k"]
    one = {"sizes": str(size), "intervals": str(given["h"])}
    track = run(MultiCusum(center=given["target"], sigma=1.0, h=size * given["h"], **one), given["x"])
    assert track.value / size == pytest.approx(given["upper"], abs=0.0101)  # printed rounded at every step
    assert flagged(track)[0] == given["first_signal"]


def test_many_sizes_signal_when_focus_does():
    """FOCuS is Page's CUSUM of every size at once. No set of sizes is ahead of it; sixteen are hardly behind."""
    given = PUBLISHED["focus"]
    x = np.random.RandomState(given["seed"]).standard_normal(given["stopping_time"])  # what they drew from
    x[given["before"] :] += given["shift"]
    skipped = 40_000  # so long before the change that they count no more
    sizes = " ".join(f"{each:.4f}" for each in np.geomspace(0.1, 6.0, 16))
    track = run(MultiCusum(0.0, 1.0, h=given["threshold"], sizes=sizes, intervals="equal"), x[skipped:])
    assert np.flatnonzero(track.rules | track.second.rules).tolist() == [given["stopping_time"] - 1 - skipped]
    drawn = np.maximum(track.value, track.second.value)[given["before"] - skipped :]
    wanted = np.array(given["statistic"])
    assert (drawn <= wanted + 1e-6).all()
    assert drawn[3:] == pytest.approx(wanted[3:], rel=0.02)


def test_two_cusums_whose_limits_another_program_found():
    """Each has the same ARL0 by itself, by the integral equation; and together they have the one that was asked."""
    given = PUBLISHED["two_cusums"]
    alone = [float(CusumScheme(k, 0.0, "one").mean(h)) for k, h in zip(given["k"], given["h"], strict=True)]
    assert alone[0] == pytest.approx(alone[1], rel=0.005)
    assert alone[0] > 1.3 * given["arl0"]
    words = {"sizes": "0.5, 1", "intervals": " ".join(map(str, given["h"]))}
    chart = MultiCusum(np.zeros(1200), 1.0, np.full(1200, 5.0), **words)
    assert in_control(chart, 400) == pytest.approx(given["arl0"], rel=0.13)


def test_cusum_of_montgomery():
    given = PUBLISHED["montgomery_9"]
    track = run(Cusum(center=10.0, sigma=1.0, k=0.5, h=5.0), given["x"])
    assert track.value == pytest.approx(given["upper"], abs=0.005)
    assert track.second.value == pytest.approx(given["lower"], abs=0.005)
    assert flagged(track) == given["cusum_signals"]


def test_ewma_of_montgomery():
    given = PUBLISHED["montgomery_9"]
    track = run(Ewma(center=10.0, sigma=1.0, weight=0.1, L=2.7), given["x"])
    assert track.value == pytest.approx(given["ewma"], rel=1e-5)
    assert (track.lcl[0], track.ucl[0]) == pytest.approx(given["ewma_limits"]["first"], abs=0.005)
    assert (track.lcl[-1], track.ucl[-1]) == pytest.approx(given["ewma_limits"]["last"], abs=0.005)
    assert flagged(track) == given["ewma_signals"]


def test_head_start_of_montgomery():
    given = PUBLISHED["montgomery_headstart"]
    track = run(Cusum(center=100.0, sigma=6.0, k=0.5, h=2.0, headstart=1.0), given["x"])
    assert 6 * track.value == pytest.approx(given["upper"])
    assert 6 * track.second.value == pytest.approx(given["lower"])


@pytest.mark.parametrize(("function", "name", "digits"), [(d2, "d2", 3), (c4, "c4", 4), (d3, "d3", 3)])
def test_constants_of_the_tables(function, name, digits):
    for n, printed in PUBLISHED["constants"][name].items():
        assert round(function(int(n)), digits) == printed


def test_d2_of_two_and_three_have_closed_forms():
    # 2 / sqrt(pi) and 3 / sqrt(pi): Tippett 1925
    assert d2(2) == pytest.approx(2 / math.sqrt(math.pi), rel=1e-14)
    assert d2(3) == pytest.approx(3 / math.sqrt(math.pi), rel=1e-14)


def test_exact_limits_come_to_the_asymptotic_ones():
    exact, end = (run(Ewma(0.0, 1.0, limits=limits), np.zeros(400)) for limits in ("exact", "asymptotic"))
    assert exact.ucl[0] == pytest.approx(2.962 * 0.2)  # the first statistic is lambda x
    assert (np.diff(exact.ucl) >= 0).all()
    assert exact.ucl[-1] == end.ucl[-1]

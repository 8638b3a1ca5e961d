"""Charts of counts and of times between events against worked examples, and exact limits against sums of terms."""

from __future__ import annotations

import json
import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from gateway.spc.c import C
from gateway.spc.g import G
from gateway.spc.laney_p import LaneyP
from gateway.spc.laney_u import LaneyU
from gateway.spc.np import Np
from gateway.spc.p import P
from gateway.spc.t import T
from gateway.spc.u import U
from gateway.stats.constants import d2
from gateway.study.dispersion import dispersion

PUBLISHED = json.loads((Path(__file__).parents[2] / "vectors" / "spc" / "attributes.json").read_text("utf-8"))
TAIL = 0.5 * math.erfc(3 / math.sqrt(2))  # beyond three sigma of a normal, on one side


def run(chart, x):
    return chart.run(chart.start(), np.array(x, dtype=np.float64))[1]


def pairs(given) -> np.ndarray:
    return np.array(np.broadcast_arrays(given["count"], given["size"]), dtype=np.float64).T


def of(cls, x, **settings):
    """The chart with limits out of these samples."""
    return cls(
        **{name: float(value) for name, value in cls.learn(np.array(x, dtype=float), {}).items()}, **settings
    )


def beyond(track) -> list[int]:
    """Which samples are, counted from 1 as books do."""
    return [int(i) + 1 for i in np.flatnonzero(track.rules & 1)]


def test_cans_on_a_p_chart():
    given = PUBLISHED["cans"]
    chart = of(P, pairs(given))
    track = run(chart, pairs(given))
    assert chart.center == pytest.approx(given["p"], abs=5e-5)
    assert (track.lcl[0], track.ucl[0]) == pytest.approx((given["lcl"], given["ucl"]), abs=1.5e-4)
    assert beyond(track) == given["beyond"]


def test_cans_again_without_the_samples_whose_causes_are_known():
    given, again = PUBLISHED["cans"], PUBLISHED["cans"]["revised"]
    kept = np.delete(pairs(given), [i - 1 for i in again["without"]], axis=0)
    chart = of(P, kept)
    track = run(chart, pairs(given))
    assert chart.center == pytest.approx(again["p"], abs=5e-5)
    assert (track.lcl[0], track.ucl[0]) == pytest.approx((again["lcl"], again["ucl"]), abs=1.5e-4)
    assert beyond(track) == sorted(again["without"] + again["beyond"])


def test_cans_on_an_np_chart():
    given = PUBLISHED["cans"]
    track = run(of(Np, pairs(given)), pairs(given))
    assert (track.lcl[0], track.ucl[0]) == pytest.approx((given["np"]["lcl"], given["np"]["ucl"]), abs=6e-3)
    assert beyond(track) == given["beyond"]


def test_orders_in_samples_of_varying_size():
    given = PUBLISHED["orders"]
    chart = of(P, pairs(given))
    track = run(chart, pairs(given))
    assert chart.center == pytest.approx(given["p"], abs=5e-4)
    for size, (low, high) in given["limits"].items():
        at = given["size"].index(int(size))
        assert (track.lcl[at], track.ucl[at]) == pytest.approx((low, high), abs=1e-3)
    assert beyond(track) == given["beyond"]


def test_boards_on_a_c_chart():
    given, again = PUBLISHED["boards"], PUBLISHED["boards"]["revised"]
    chart = of(C, given["count"])
    track = run(chart, given["count"])
    assert chart.center == pytest.approx(given["c"], abs=5e-3)
    assert (track.lcl[0], track.ucl[0]) == pytest.approx(
        (given["lcl"], given["ucl"]), abs=0.011
    )  # of a rounded c
    assert beyond(track) == given["beyond"]
    chart = of(C, np.delete(given["count"], [i - 1 for i in again["without"]]))
    track = run(chart, given["phase2"])
    assert (track.lcl[0], track.center[0], track.ucl[0]) == pytest.approx(
        (again["lcl"], again["c"], again["ucl"]), abs=6e-3
    )
    assert beyond(track) == []


def test_wafers_of_the_e_handbook():
    given = PUBLISHED["wafers"]
    track = run(of(C, given["count"]), given["count"])
    assert (track.lcl[0], track.center[0], track.ucl[0]) == (given["lcl"], given["c"], given["ucl"])
    assert beyond(track) == given["beyond"]  # wafer 3 lies on the limit: within


def test_computers_and_cloth_on_u_charts():
    given = PUBLISHED["computers"]
    track = run(of(U, pairs(given)), pairs(given))
    assert (track.lcl[0], track.center[0], track.ucl[0]) == pytest.approx(
        (given["lcl"], given["u"], given["ucl"]), abs=6e-3
    )
    given = PUBLISHED["cloth"]
    track = run(of(U, pairs(given)), pairs(given))
    assert track.center[0] == pytest.approx(given["u"], abs=5e-3)
    assert track.ucl == pytest.approx(given["ucl"], abs=0.011)  # printed of a rounded centre
    assert track.lcl == pytest.approx(given["lcl"], abs=0.011)
    assert beyond(track) == []


def test_valve_failures_on_a_t_chart():
    given = PUBLISHED["valve"]
    shape = 3.6 * given["power"]  # the book rounds 1 / 3.6
    found = T.learn(np.array(given["hours"], dtype=float), {"shape": np.asarray(shape)})
    y = np.array(given["hours"]) ** given["power"]
    assert y == pytest.approx(given["transformed"], abs=2e-5)
    assert float(found["center"]) == pytest.approx(given["mean"], abs=1e-3)
    ranges = np.abs(np.diff(given["transformed"]))
    assert float(found["sigma"]) == pytest.approx(ranges.mean() / 1.128, rel=1e-3)
    track = run(T(float(found["center"]), float(found["sigma"]), shape), given["hours"])
    assert track.lcl[0] == 0
    assert track.ucl[0] ** given["power"] == pytest.approx(given["mean"] + 2.66 * ranges.mean(), abs=5e-3)
    assert beyond(track) == []


def test_attendances_want_laneys_chart():
    given = PUBLISHED["attendances"]
    x = pairs(given)
    chart = of(P, x)
    assert len(beyond(run(chart, x))) > len(x) / 2
    laney = of(LaneyP, x)
    assert beyond(run(laney, x)) == []
    # by the definition in Laney (2002), step by step
    center = sum(given["count"]) / sum(given["size"])
    z = [
        (r / n - center) / math.sqrt(center * (1 - center) / n)
        for r, n in zip(given["count"], given["size"], strict=True)
    ]
    sigma = sum(abs(b - a) for a, b in pairwise(z)) / (len(z) - 1) / 1.128
    assert laney.sigma == pytest.approx(sigma, rel=1e-3)
    found = dispersion(chart.standardise(chart.start(), x)[0][:, 0], 1, P.UNREST)
    assert found is not None
    assert found.index > 100
    assert found.advice.startswith("overdispersed: use laney-p (p ")


@pytest.mark.parametrize("cls", [LaneyP, LaneyU])
def test_attendances_on_laneys_charts_as_drawn_in_print(cls):
    """Laney's dispersion takes the binomial's or Poisson's share out again: both charts have the same limits."""
    given, drawn = PUBLISHED["attendances"], PUBLISHED["attendances"]["figure"]
    track = run(of(cls, pairs(given)), pairs(given))
    assert track.ucl == pytest.approx(drawn["ucl"], abs=2e-5)
    assert track.lcl == pytest.approx(drawn["lcl"], abs=2e-5)


def test_attendances_on_laneys_u_chart_as_others_compute_it():
    given, theirs = PUBLISHED["attendances"], PUBLISHED["attendances"]["u_prime"]
    track = run(of(LaneyU, pairs(given)), pairs(given))
    exact, middle = d2(2) / 1.128, track.center[0]
    assert middle == pytest.approx(theirs["u"], abs=5e-5)
    assert middle + exact * (track.ucl - middle) == pytest.approx(theirs["ucl"], abs=1e-6)
    assert middle - exact * (middle - track.lcl) == pytest.approx(theirs["lcl"], abs=1e-6)
    assert beyond(track) == []


def test_counts_on_laneys_u_chart_as_others_compute_it():
    given = PUBLISHED["laney_u"]
    track = run(of(LaneyU, pairs(given)), pairs(given))
    assert track.center[0] == pytest.approx(given["u"], abs=5e-6)
    exact = d2(2) / 1.128
    assert exact * (track.ucl[0] - given["u"]) == pytest.approx(given["ucl"] - given["u"], abs=2e-5)
    assert exact * (given["u"] - track.lcl[0]) == pytest.approx(given["u"] - given["lcl"], abs=2e-5)
    assert beyond(track) == []


def test_laneys_charts_are_the_plain_ones_where_sigma_is_one():
    x = pairs(PUBLISHED["cloth"])
    plain, laney = run(U(center=1.42), x), run(LaneyU(center=1.42, sigma=1.0), x)
    assert laney.ucl == pytest.approx(plain.ucl)
    twice = run(LaneyU(center=1.42, sigma=2.0), x)
    assert twice.ucl - 1.42 == pytest.approx(2 * (plain.ucl - 1.42))
    assert of(LaneyU, x).sigma > 0


def test_calm_counts_need_nothing_and_too_calm_ones_are_told():
    z = np.array([0.9, -1.1, 0.3, -0.2, 1.5, -0.8, -1.2, 0.6])
    found = dispersion(z, 1, "laney-u")
    assert found is not None
    assert found.advice == ""
    assert found.index == pytest.approx(float(np.sum(z * z)) / 7)
    calm = dispersion(np.tile([0.05, -0.05], 20), 1, "laney-u")
    assert calm is not None
    assert calm.advice.startswith("underdispersed: use laney-u")
    assert dispersion(np.array([1.0]), 1, "laney-p") is None
    assert dispersion(np.array([np.nan]), 0, "laney-p") is None


def test_one_outlier_is_no_unrest():
    z = np.append(np.tile([0.9, -1.1, 0.3, -0.2], 10), 9.0)
    found = dispersion(z, 1, "laney-p")
    assert found is not None
    assert found.advice == ""


# --- exact limits ------------------------------------------------------------------------------------------------


def binomial(n, p):
    return [math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)]


def poisson(mean, most=200):
    return [math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(most)]


def geometric(mean, most=5000):
    q = mean / (mean + 1)
    return [(1 - q) * q**k for k in range(most)]


def tails(terms, low, high):
    """P(X < low) and P(X > high)."""
    return sum(terms[: int(low)]), sum(terms[int(high) + 1 :])


@pytest.mark.parametrize(("chart", "sample", "scale", "terms"), [
    (P(0.02, limits="exact"), [1.0, 50.0], 50, binomial(50, 0.02)),
    (P(0.3, limits="exact"), [1.0, 80.0], 80, binomial(80, 0.3)),
    (Np(0.23, limits="exact"), [1.0, 50.0], 1, binomial(50, 0.23)),
    (C(3.0, limits="exact"), 1.0, 1, poisson(3.0)),
    (C(19.85, limits="exact"), 1.0, 1, poisson(19.85)),
    (U(1.93, limits="exact"), [1.0, 5.0], 5, poisson(9.65)),
    (G(20.0, limits="exact"), 1.0, 1, geometric(20.0)),
    (G(900.0, limits="exact"), 1.0, 1, geometric(900.0, 20000)),
])  # fmt: skip
def test_exact_limits_leave_at_most_their_share_outside(chart, sample, scale, terms):
    track = run(chart, [sample])
    low, high = round(track.lcl[0] * scale), round(track.ucl[0] * scale)
    below, above = tails(terms, low, high)
    assert below <= TAIL
    assert above <= TAIL
    below, above = tails(terms, low + 1, high - 1)  # and no limits further in do
    assert below > TAIL
    assert above > TAIL


def test_a_count_on_an_exact_limit_is_within():
    chart = P(0.3, limits="exact")
    _, high = (round(each[0] * 80) for each in (run(chart, [[1.0, 80.0]]).lcl, run(chart, [[1.0, 80.0]]).ucl))
    assert run(chart, [[high, 80.0], [high + 1.0, 80.0]]).rules.tolist() == [0, 1]


def test_exact_limits_of_times_are_quantiles():
    # exponential times with mean 100: y has mean 100**(1/3.6) gamma(1 + 1/3.6)
    chart = T(100 ** (1 / 3.6) * math.gamma(1 + 1 / 3.6), 1.0, limits="exact")
    track = run(chart, [50.0])
    assert track.ucl[0] == pytest.approx(-100 * math.log(TAIL), rel=1e-9)
    assert track.lcl[0] == pytest.approx(-100 * math.log1p(-TAIL), rel=1e-6)


def test_g_by_its_formula():
    x = [3.0, 11.0, 40.0, 0.0, 26.0]  # mean 16: Kaminsky and others (1992), equations of the chart of counts
    track = run(of(G, x), x)
    assert track.center[0] == 16
    assert track.ucl[0] == pytest.approx(16 + 3 * math.sqrt(16 * 17))
    assert track.lcl[0] == 0


def test_births_between_cases():
    given = PUBLISHED["births"]
    track = run(of(G, given["count"]), [*given["count"], given["signal"] - 1, given["signal"]])
    assert beyond(track) == [len(given["count"]) + 2]


def test_days_between_infections():
    given = PUBLISHED["infections"]
    days = np.array(given["count"])
    p = (days.size - 1) / days.size / (days.mean() + 1)
    assert p == pytest.approx(given["p"], abs=5e-4)
    track = run(G(1 / p - 1, limits="exact"), days)
    high = track.ucl[0]
    assert (track.lcl[0], high) == (0, math.ceil(given["ucl"]))
    above = [(1 - p) ** high, (1 - p) ** (high + 1)]  # of the whole numbers that the printed limit is between
    assert high - 1 + (above[0] - TAIL) / (above[0] - above[1]) == pytest.approx(given["ucl"], abs=5e-3)
    assert beyond(track) == []


def test_runs_are_looked_at_where_they_are_named():
    quiet = [12.0] * 8
    assert not run(C(9.0), quiet).rules.any()
    assert run(C(9.0, rules=("WE1", "WE4")), quiet).rules[-1] == 8


def test_a_lower_limit_at_zero_says_nothing_of_the_zones():
    # 0 lies on the drawn limit, at -1.7 sigma: no sample beyond two of them
    assert run(C(3.0, rules=("WE2",)), [0.0, 0.0, 0.0]).rules.tolist() == [0, 0, 0]


@pytest.mark.parametrize(("cls", "x", "told"), [
    (P, [[0, 10], [0, 10]], "nothing was counted"),
    (P, [[10, 10], [10, 10]], "every item was counted"),
    (P, [[11, 10], [1, 10]], "11 were counted in a sample of 10"),
    (Np, [[1.5, 10], [1, 10]], "1.5 is not a count"),
    (U, [[-1, 10], [1, 10]], "-1 is not a count"),
    (U, [[1, 0], [2, 0]], "there are no samples"),
    (C, [0, 0], "nothing was counted"),
    (C, [3], "one sample does not show the usual rate: give more, or mean"),
    (G, [0, 0, 0], "nothing was counted"),
    (LaneyP, [[1, 10]], "one sample does not show"),
    (LaneyU, [[1, 10], [1, 10]], "do not vary"),
    (T, [-1.0, 2.0], "below 0"),
    (T, [2.0], "one sample has no spread"),
    (T, [2.0, 2.0], "do not vary"),
])  # fmt: skip
def test_counts_that_cannot_tell_are_refused(cls, x, told):
    with pytest.raises(ValueError, match=told):
        cls.learn(np.array(x, dtype=float), {})


@pytest.mark.parametrize("cls", [P, Np, C, U, G])
def test_limits_are_normal_or_exact(cls):
    with pytest.raises(ValueError, match="limits exat is not one of normal, exact"):
        cls(0.5, limits="exat")


@pytest.mark.parametrize(("cls", "x", "center", "told"), [
    (P, [[1, 10], [2, 10]], 1.0, "mean is a share here: above 0 and below 1"),
    (Np, [[1, 10], [2, 10]], 12.0, "mean is a share here: above 0 and below 1"),
    (LaneyP, [[1, 10], [2, 10]], -0.1, "mean is a share here: above 0 and below 1"),
    (U, [[1, 10], [2, 10]], 0.0, "mean is a rate here: above 0"),
    (C, [1, 2], -3.0, "mean is a rate here: above 0"),
])  # fmt: skip
def test_known_rates_that_cannot_be_are_refused(cls, x, center, told):
    with pytest.raises(ValueError, match=told):
        cls.learn(np.array(x, dtype=float), {"center": np.asarray(center)})


def test_sigma_is_that_of_one():
    assert P(0.2).sigma == pytest.approx(0.4)
    assert Np(0.2).sigma == pytest.approx(0.4)
    assert C(9.0).sigma == U(9.0).sigma == 3
    assert G(1.0).sigma == pytest.approx(math.sqrt(2))

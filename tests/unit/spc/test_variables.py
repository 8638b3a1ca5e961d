"""Charts of subgroups against Montgomery's piston rings, and by hand; safe sums against NIST's certified values."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from gateway.spc.subgroups import deviations, ranges
from gateway.spc.xbar_r import XbarR
from gateway.spc.xbar_s import XbarS
from gateway.stats.constants import c4, d2
from gateway.stats.sums import deviation, lag1, mean, variance
from gateway.study.samples import subgroups

VECTORS = Path(__file__).parents[2] / "vectors" / "spc"
PUBLISHED = json.loads((VECTORS / "variables.json").read_text("utf-8"))
STRD = json.loads((VECTORS / "strd.json").read_text("utf-8"))


def run(chart, x):
    return chart.run(chart.start(), np.array(x, dtype=np.float64))[1]


def flat(rows):
    """Rows of unlike length as a block."""
    sizes = [len(row) for row in rows]
    return subgroups(
        np.concatenate([np.array(row) for row in rows]), np.repeat(np.arange(len(rows)), sizes)
    ).block


def learnt(cls, x, **known):
    return {name: float(value) for name, value in cls.learn(np.array(x), known).items()}


def test_piston_rings_by_ranges():
    given = PUBLISHED["rings"]
    found = learnt(XbarR, given["phase1"])
    assert found["center"] == pytest.approx(given["mean"], abs=5e-4)
    assert found["sigma"] * d2(5) == pytest.approx(given["mean_range"], abs=5e-4)
    track = run(XbarR(**found), given["phase1"])
    assert (track.lcl[0], track.ucl[0]) == pytest.approx(
        (given["xbar_r"]["lcl"], given["xbar_r"]["ucl"]), abs=6e-4
    )
    assert track.second.ucl[0] == pytest.approx(given["r_ucl"], abs=6e-4)
    assert not track.rules.any()
    assert not track.second.rules.any()


def test_piston_rings_by_standard_deviations():
    given = PUBLISHED["rings"]
    found = learnt(XbarS, given["phase1"])
    assert found["sigma"] * c4(5) == pytest.approx(given["mean_s"], abs=5e-5)
    track = run(XbarS(**found), given["phase1"])
    assert (track.lcl[0], track.ucl[0]) == pytest.approx(
        (given["xbar_s"]["lcl"], given["xbar_s"]["ucl"]), abs=6e-4
    )
    assert track.second.ucl[0] == pytest.approx(given["s_ucl"], abs=5e-5)
    assert not track.rules.any()


def test_phase_two_of_the_piston_rings_leaves_the_limits_where_the_book_says():
    given = PUBLISHED["rings"]
    for cls in (XbarR, XbarS):
        track = run(cls(**learnt(cls, given["phase1"])), given["phase2"])
        assert [26 + i for i in np.flatnonzero(track.rules & 1)] == given["beyond"]


def test_samples_of_unlike_size_have_limits_of_their_own():
    given = PUBLISHED["rings_sizes"]
    block = flat(given["x"])
    found = learnt(XbarS, block)
    assert found["center"] == pytest.approx(given["mean"], abs=5e-4)
    # the book pools squares, we weight standard deviations: 3 % apart on 25 samples
    assert found["sigma"] * c4(5) == pytest.approx(given["pooled_s"], rel=0.11)
    pooled = XbarS(center=given["mean"], sigma=given["pooled_s"] / c4(5))
    track = run(pooled, block)
    assert (track.lcl[0], track.ucl[0]) == pytest.approx(
        (given["first"]["lcl"], given["first"]["ucl"]), abs=1e-3
    )
    assert track.second.ucl[0] == pytest.approx(given["first"]["s_ucl"], abs=6e-4)
    sizes = np.array([len(row) for row in given["x"]])
    assert track.ucl - track.center == pytest.approx(3 * pooled.sigma / np.sqrt(sizes))
    assert len(set(track.second.ucl.tolist())) == 3


def test_ranges_and_deviations_by_hand():
    x = np.array([[[1.0, 4.0, np.nan, 7.0]], [[np.nan, 2.0, np.nan, np.nan]], [[np.nan] * 4]])
    for found, spread in ((ranges(x), 6.0), (deviations(x), 3.0)):
        assert found.size[:, 0].tolist() == [3, 1, 0]
        assert found.mean[:2, 0].tolist() == [4.0, 2.0]
        assert math.isnan(found.mean[2, 0])
        assert found.spread[0, 0] == pytest.approx(spread)
        assert np.isnan(found.spread[1:, 0]).all()


def test_spreads_of_unlike_sizes_are_weighted_by_what_they_know():
    # Burr 1969: sum of w R / d2 over sum of w, w = (d2 / d3)**2, with the printed d2 and d3 of 2 and 4
    block = np.array([[0.0, 2.0, np.nan, np.nan], [0.0, 1.0, 2.0, 6.0]])
    w2, w4 = (1.128 / 0.853) ** 2, (2.059 / 0.880) ** 2
    expected = (w2 * 2 / 1.128 + w4 * 6 / 2.059) / (w2 + w4)
    assert learnt(XbarR, block)["sigma"] == pytest.approx(expected, rel=1e-3)


def test_what_is_known_is_kept_and_the_rest_estimated():
    found = learnt(XbarR, PUBLISHED["rings"]["phase1"], center=np.asarray(74.0))
    assert found["center"] == 74.0
    assert found["sigma"] > 0


@pytest.mark.parametrize(("x", "told"), [
    ([[1.0], [2.0]], "subgroups of one have no spread"),
    ([[1.0, 1.0], [2.0, 2.0]], "do not vary"),
    ([[math.nan, math.nan]], "there are no samples"),
    ([[1e308, -1e308], [0.0, 1.0]], "too far apart"),
])  # fmt: skip
def test_subgroups_that_cannot_tell_are_refused(x, told):
    for cls in (XbarR, XbarS):
        with np.errstate(over="ignore", invalid="ignore"), pytest.raises(ValueError, match=told):
            cls.learn(np.array(x), {})


def test_zones_follow_limits_that_are_not_at_three_sigma():
    chart = XbarR(center=0.0, sigma=1.0, L=1.5)
    track = run(chart, [[1.2, 1.2, 1.2, 1.2], [0.6, 0.6, 0.6, 0.6], [0.74, 0.74, 0.74, 0.74]])
    assert track.rules.tolist() == [1, 2, 2]  # 0.75 is the limit, 0.5 its two thirds: WE1, then WE2 twice


@pytest.mark.parametrize(("edge", "flagged"), [("within", 0), ("beyond", 1)])
def test_a_mean_on_the_limit(edge, flagged):
    assert run(XbarR(center=0.0, sigma=1.0, edge=edge), [[1.5, 1.5, 1.5, 1.5]]).rules[0] & 1 == flagged


# --- sums --------------------------------------------------------------------------------------------------------


def pi_digits(count: int = 5000) -> list[float]:
    """By Machin's formula, in whole numbers."""
    unit = 10 ** (count + 10)

    def arctan(x: int) -> int:
        total: int = unit // x
        term = total
        n, sign = 3, -1
        while term:
            term //= x * x
            total += sign * (term // n)
            n, sign = n + 2, -sign
        return total

    whole = (
        4 * (4 * arctan(5) - arctan(239)) // 10**11
    )  # 5,000 digits: in halves, Python refuses to print more
    head, tail = divmod(whole, 10 ** (count // 2))
    digits = [float(digit) for digit in f"{head}{tail:0{count // 2}d}"]
    assert digits[956] == 8
    digits[956] = 3  # as NIST's list has it: its certified values are those of that list
    return digits


def strd(name: str) -> list[float]:
    made: dict[str, Callable[[], list[float]]] = {
        "NumAcc1": lambda: [10000001.0, 10000003.0, 10000002.0],
        "NumAcc2": lambda: [1.2] + [1.1, 1.3] * 500,
        "NumAcc3": lambda: [1000000.2] + [1000000.1, 1000000.3] * 500,
        "NumAcc4": lambda: [10000000.2] + [10000000.1, 10000000.3] * 500,
        "PiDigits": pi_digits,
    }
    return made[name]() if name in made else STRD[name]


# 13 digits; of NumAcc3 and 4 the data themselves, as binary numbers, are only good for 9 and 8 of the deviation
@pytest.mark.parametrize("name", STRD["certified"])
def test_sums_have_the_certified_digits(name):
    x, (middle, spread, neighbours) = strd(name), STRD["certified"][name]
    digits = {"NumAcc3": 9, "NumAcc4": 8}.get(name, 13)
    assert mean(x) == pytest.approx(middle, rel=1e-15)
    assert deviation(x) == pytest.approx(spread, rel=10.0**-digits)
    assert lag1(x) == pytest.approx(neighbours, rel=10.0**-digits)


def test_sums_that_cannot_be_are_refused():
    with pytest.raises(ValueError, match="no samples"):
        mean([])
    with pytest.raises(ValueError, match="one sample has no spread"):
        variance([1.0])
    assert math.isnan(lag1([2.0, 2.0]))
    assert mean([1e308, 1e308, 1e308]) == pytest.approx(1e308)
    assert mean([math.inf, 1.0]) == math.inf

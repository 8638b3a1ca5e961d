"""The multi-CUSUM against Page's CUSUMs, of which it is made, and its run lengths against published bounds."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest

from gateway.design.cusum import CusumScheme
from gateway.design.multi_cusum import SIZES, arl0, limits, threshold
from gateway.design.sizes import OWN
from gateway.spc.cusum import Cusum
from gateway.spc.multi_cusum import MultiCusum

NORMAL = NormalDist()


def drawn(chart, x):
    return chart.run(chart.start(), np.asarray(x, dtype=np.float64))


def test_it_is_the_largest_of_its_cusums():
    x = 10.0 + 2.0 * np.random.default_rng(3).standard_normal(300)
    x[200:] += 1.5
    _, track = drawn(MultiCusum(center=10.0, sigma=2.0, h=6.0), x)
    bound = limits(np.array(6.0))
    parts = [
        drawn(Cusum(center=10.0, sigma=2.0, k=size / 2, h=limit / size), x)[1]
        for size, limit in zip(SIZES, bound, strict=True)
    ]
    upper = [size * part.value / limit for size, part, limit in zip(SIZES, parts, bound, strict=True)]
    lower = [size * part.second.value / limit for size, part, limit in zip(SIZES, parts, bound, strict=True)]
    assert track.value == pytest.approx(6.0 * np.max(upper, axis=0), rel=1e-9, abs=1e-9)
    assert track.second.value == pytest.approx(6.0 * np.max(lower, axis=0), rel=1e-9, abs=1e-9)
    flagged = np.any([part.rules | part.second.rules for part in parts], axis=0)
    assert ((track.rules | track.second.rules) == flagged).all()
    assert flagged.any()


@pytest.mark.parametrize(("shift", "within"), [(0.25, 300), (1.0, 40), (3.0, 4), (8.0, 1), (-1.0, 40)])
def test_it_sees_small_and_large_shifts(shift, within):
    x = np.full(300, shift)
    _, track = drawn(MultiCusum(center=0.0, sigma=1.0), x)
    panel, other = (track, track.second) if shift > 0 else (track.second, track)
    assert 0 <= np.argmax(panel.rules) < within
    assert panel.rules.any()
    assert not other.rules.any()


def test_each_slot_has_its_own_threshold():
    x = np.tile([[0.0], [2.0], [2.0], [2.0]], (1, 2))
    _, track = drawn(MultiCusum(np.zeros(2), np.ones(2), h=np.array([4.0, 12.0])), x)
    assert track.rules.sum(axis=0).tolist() == [1, 0]
    assert track.ucl[0].tolist() == [4.0, 12.0]


def test_a_sample_beyond_all_reason_does_not_break_it():
    state, track = drawn(MultiCusum(0.0, 1.0), [0.0, 1e308, -1e308, np.inf, -np.inf, 0.0])
    assert np.isfinite(state.sums).all()
    assert np.isfinite(track.value).all()
    assert track.rules[1] == 1
    assert track.second.rules[2] == 1


def test_the_limits_have_an_order_and_stay_above_zero():
    for h in (3.0, 5.34, 9.0, 16.0):
        bound = limits(np.array(h))
        assert (np.diff(bound)[:3] > 0).all()  # what is looked for longer is given less
        assert bound.min() > 0
    assert (limits(np.array([0.0, -5.0])) > 0).all()  # a placeholder, while limits are not known


def test_threshold_and_arl0_are_inverse():
    for wanted in (50.0, 370.0, 465.0, 1e4, 1e6, 9e6):
        assert arl0(threshold(wanted)) == pytest.approx(wanted, rel=1e-9)
    assert MultiCusum(0.0, 1.0).h == pytest.approx(threshold(370.0), abs=0.005)


def test_what_the_table_does_not_reach_is_refused():
    with pytest.raises(ValueError, match=r"ARL0 must be within 38\.\d+ and .*, not 10"):
        threshold(10.0)
    with pytest.raises(ValueError, match="h must be within 3 and 16, not 20"):
        arl0(20.0)


@pytest.mark.parametrize("wanted", [100.0, 370.0, 1e4, 1e6])
def test_no_set_of_charts_signals_less_often_than_its_members(wanted):
    """ARL0 lies between the least of the members' and their sum of rates (Bonferroni); members by Page's equation."""
    h = threshold(wanted)
    members = [
        float(CusumScheme(size / 2, 0.0).mean(limit / size))
        for size, limit in zip(SIZES, limits(np.array(h)), strict=True)
    ]
    assert wanted < min(members)
    assert wanted > 1.0 / sum(1.0 / each for each in members)


def test_its_arl0_is_what_the_table_says():
    rng = np.random.default_rng(8)
    slots = 500
    chart = MultiCusum(np.zeros(slots), np.ones(slots), h=threshold(50.0))
    _, track = drawn(chart, rng.standard_normal((500, slots)))
    hit = (track.rules | track.second.rules) != 0
    lengths = np.where(hit.any(axis=0), hit.argmax(axis=0) + 1, 500)
    assert lengths.mean() == pytest.approx(50.0, abs=4 * 50 / np.sqrt(slots))


# --- sizes and intervals that are given ---------------------------------------------------------------------------


def given(sizes, intervals="equal", **rest):
    return MultiCusum(0.0, 1.0, sizes=sizes, intervals=intervals, **rest)


def test_its_own_sizes_are_those_of_the_design():
    assert [float(each) for each in MultiCusum(0.0, 1.0).sizes.split()] == list(OWN) == SIZES.tolist()


def test_given_intervals_are_those_of_cusums_of_half_the_size():
    x = np.random.default_rng(4).standard_normal(200) + 0.4
    _, track = drawn(given("0.5 2", "8.01, 2.52", h=1.0), x)
    parts = [drawn(Cusum(0.0, 1.0, k, h), x)[1] for k, h in ((0.25, 8.01), (1.0, 2.52))]
    assert track.value == pytest.approx(np.max([parts[0].value / 8.01, parts[1].value / 2.52], axis=0))
    flags = parts[0].rules | parts[1].rules
    assert (track.rules == flags).all()
    assert flags.any()


def test_equal_limits_are_h_of_every_log_likelihood_ratio():
    _, track = drawn(given("1 2", h=3.0), [1.0, 2.0])
    assert track.value.tolist() == [0.5, 2.0]  # of size 1: 0.5 and 2.0; of size 2: 0 and 2.0
    assert track.ucl.tolist() == [3.0, 3.0]


def test_rows_one_by_one_and_a_block_give_the_same_bits_whatever_the_sizes():
    x = np.random.default_rng(9).standard_normal(40) + 0.3
    chart = given("0.3 0.9 2.2", "6 4 2")
    whole, track = drawn(chart, x)
    state, values = chart.start(), []
    for each in x:
        state, one = chart.run(state, np.array([each]))
        values.append(one.value[0])
    assert state.sums.tobytes() == whole.sums.tobytes()
    assert np.array(values).tobytes() == track.value.tobytes()


@pytest.mark.parametrize(
    ("sizes", "intervals", "text"),
    [
        ("0.5 x", "equal", 'sizes: "x" is not a number'),
        ("", "equal", "sizes: write 1 to 64 numbers"),
        ("1 0", "equal", 'sizes: "1 0" has a number that is not above 0'),
        ("1 inf", "equal", "not above 0"),
        (" ".join(["1"] * 65), "equal", "write 1 to 64"),
        ("0.5 1", "designed", "sizes of your own need one for each"),
        ("0.5 1", "wide", 'intervals: "wide" is neither numbers nor one of designed, equal'),
        ("0.5 1", "5", "intervals: 1 given for 2 sizes"),
        ("0.5 1", "5 -4", "intervals: .*not above 0"),
    ],
)
def test_sizes_that_cannot_be_are_refused(sizes, intervals, text):
    with pytest.raises(ValueError, match=text):
        given(sizes, intervals)


# --- run lengths against tables of others: sets of one size, and a size beside Shewhart limits --------------------


def simulated(sizes, intervals, shift, rows):
    """Samples to the first signal, either way, and four standard errors of it."""
    slots = 2000
    x = np.random.default_rng(5).standard_normal((rows, slots)) + shift
    _, track = drawn(MultiCusum(np.zeros(slots), np.ones(slots), sizes=sizes, intervals=intervals), x)
    hit = (track.rules | track.second.rules) != 0
    lengths = np.where(hit.any(axis=0), hit.argmax(axis=0) + 1, rows)
    return lengths.mean(), 4 * lengths.std() / np.sqrt(slots)


@pytest.mark.parametrize(("shift", "rows", "printed"), [(1.0, 60, 8.38), (2.0, 20, 3.34), (4.0, 10, 1.71)])
def test_run_lengths_up_and_down_as_printed(shift, rows, printed):
    # two-sided, k 0.5, h 4: Lucas & Crosier 1982, table 1; Montgomery, 6th ed., table 9.3; in control: arl_tables
    found, error = simulated("1", "4", shift, rows)
    assert found == pytest.approx(printed, abs=error + 0.005 * printed)


def _page(shift, top, cells):
    """Mean run length of a one-sided CUSUM, k 0.5 and h 4, beside a limit `top`: Brook & Evans 1972, a Markov chain."""
    width = 8.0 / (2 * cells - 1)
    at = width * np.arange(cells)
    reached = np.minimum(at[None] + width / 2 - at[:, None] + 0.5, top) - shift
    below = np.array([NORMAL.cdf(each) for each in reached.ravel().tolist()]).reshape(cells, cells)
    return np.linalg.solve(np.eye(cells) - np.diff(below, axis=1, prepend=0.0), np.ones(cells))[0]


@pytest.mark.parametrize(("shift", "rows"), [(1.0, 60), (3.0, 10)])
def test_run_lengths_of_two_sizes_by_a_markov_chain(shift, rows):
    """A Shewhart limit is a CUSUM whose k is that limit and whose h is nothing: two sizes, and exact without a draw."""
    one_sided = [(4 * _page(each, 3.5, 60) - _page(each, 3.5, 30)) / 3 for each in (shift, -shift)]
    found, error = simulated("1 7", "4 1e-9", shift, rows)
    assert found == pytest.approx(1 / (1 / one_sided[0] + 1 / one_sided[1]), abs=error)


def test_cans_on_a_cusum_with_shewhart_limits():
    # the samples of SAS/QC's example CUSCOMB (mean 8.1, sigma 0.05, k 0.5, h 3, limits at 3 sigma); sums by hand
    x = [8.024, 7.971, 8.125, 8.123, 8.068, 8.177, 8.229, 8.072]
    chart = MultiCusum(center=8.1, sigma=0.05, h=3.0, sizes="1 6", intervals="3 1e-9")
    _, track = drawn(chart, x)
    assert track.value[5:] == pytest.approx([1.04, 3.12, 2.06])
    assert track.rules.tolist() == [0, 0, 0, 0, 0, 0, 1, 0]
    assert track.second.value[:3] == pytest.approx([1.02, 3.10, 2.10])
    assert track.second.rules.tolist() == [0, 1, 0, 0, 0, 0, 0, 0]

"""The site's budget of false alarms: parts that add up, the way back, and limits that keep them at very long ARL0s."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.design.budget import STAY, Stream, expected, split
from gateway.design.cusum import CusumScheme
from gateway.design.ewma import EwmaScheme
from gateway.design.shewhart import ShewhartScheme

streams = st.lists(
    st.builds(Stream, st.floats(10.0, 1e6), st.floats(0.1, 10.0), st.integers(1, 4)), min_size=1, max_size=20
)


@pytest.mark.long
@given(st.floats(1e-3, 0.05), streams)
def test_parts_add_up_to_the_budget(budget, given_):
    limits = split(budget, given_)
    assert len(limits) == len(given_)
    assert expected(given_, limits) == pytest.approx(budget, rel=1e-12)


def test_a_thousand_tags_once_a_minute_and_one_false_alarm_a_day():
    limits = split(1.0, [Stream(1440.0)] * 1000)
    assert set(limits) == {1_440_000.0 - STAY}


def test_weights_share_it_and_charts_of_one_tag_share_its_part():
    a, b, c = split(3.0, [Stream(1440.0, weight=2.0), Stream(1440.0), Stream(1440.0, weight=2.0, charts=2)])
    assert [1440.0 / (each + STAY) for each in (a, b, c)] == pytest.approx([1.2, 0.6, 0.6])


def test_a_fast_tag_gets_limits_further_away_not_more_alarms():
    slow, fast = split(0.5, [Stream(1440.0), Stream(86_400.0)])
    assert (fast + STAY) / (slow + STAY) == pytest.approx(60.0)


@pytest.mark.parametrize(("budget", "rows", "text"), [
    (0.0, [Stream(1440.0)], "a budget must be a number of false alarms a day above 0"),
    (math.nan, [Stream(1440.0)], "a budget must be"),
    (math.inf, [Stream(1440.0)], "a budget must be"),
    (1.0, [Stream(1440.0), Stream(0.0)], "stream 1: samples_per_day must be a number above 0"),
    (1.0, [Stream(math.nan)], "stream 0: samples_per_day"),
    (1.0, [Stream(1440.0, weight=0.0)], "stream 0: weight must be"),
    (1.0, [Stream(1440.0, charts=0)], "stream 0: charts must be at least 1"),
    (10.0, [Stream(1440.0), Stream(24.0)], "stream 1 has 24 samples a day .* a budget must be below 5.33333"),
])  # fmt: skip
def test_what_makes_no_sense_is_refused(budget, rows, text):
    with pytest.raises(ValueError, match=text):
        split(budget, rows)


@pytest.mark.parametrize(
    ("runs", "text"), [([], "1 streams and 0 ARL0s"), ([0.5], "at least 1"), ([math.nan], "at least 1")]
)
def test_the_way_back_wants_one_run_length_each(runs, text):
    with pytest.raises(ValueError, match=text):
        expected([Stream(1440.0)], runs)


def test_no_streams_have_no_parts():
    assert split(1.0, []) == []


# --- limits for run lengths of millions, against a chain of small steps (Brook & Evans, Biometrika 59, 1972) ----------

LONG = 1_440_000.0


def phi(x):
    return 0.5 * np.vectorize(math.erfc)(-x / math.sqrt(2.0))


def extrapolated(chain, states: int) -> float:
    """Its error falls with the square of the width of the steps."""
    coarse, fine = chain(states), chain(2 * states)
    return float(fine + (fine - coarse) / 3)


def test_a_cusum_of_a_very_long_run():
    h = CusumScheme(k=0.5).solve(LONG)

    def chain(states: int) -> float:
        width = 2 * h / (2 * states - 1)
        at = np.arange(states) * width
        steps = at[None, :] - at[:, None] + 0.5
        below = phi(steps - width / 2)
        below[:, 0] = 0.0
        inside = phi(steps + width / 2) - below
        return float(np.linalg.solve(np.eye(states) - inside, np.ones(states))[0]) / 2  # two sides

    assert extrapolated(chain, 100) == pytest.approx(LONG, rel=1e-3)


def test_an_ewma_of_a_very_long_run():
    weight, scheme = 0.2, EwmaScheme(0.2, "asymptotic")
    reach = scheme.solve(LONG) * math.sqrt(weight / (2 - weight))

    def chain(states: int) -> float:
        width = 2 * reach / states
        at = -reach + (np.arange(states) + 0.5) * width
        steps = (at[None, :] - (1 - weight) * at[:, None]) / weight
        half = width / 2 / weight
        run = np.linalg.solve(np.eye(states) - (phi(steps + half) - phi(steps - half)), np.ones(states))
        return float(run[states // 2 - 1] + run[states // 2]) / 2

    assert extrapolated(chain, 100) == pytest.approx(LONG, rel=1e-3)


def test_a_shewhart_limit_of_a_very_long_run():
    limit = ShewhartScheme().solve(LONG)
    assert 1.0 / math.erfc(limit / math.sqrt(2.0)) == pytest.approx(LONG, rel=1e-9)

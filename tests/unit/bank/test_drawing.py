"""A chart that is drawn says what was judged: the same rules at the same samples, sample by sample."""

from __future__ import annotations

import numpy as np
import pytest

from gateway.bank.bank import Bank
from gateway.site import Characteristic, Sampling
from gateway.spc.track import violated

TAG = "hall/line1/press1/temp"


def row(method, params, rules=()):
    return Characteristic("temp", TAG, method, params, (), Sampling(), "look", rules)


def run(bank, values):
    """Samples one by one; the rules that each was found to violate."""
    state = bank.switch(bank.start(), 0, "A")
    told = []
    for at, value in enumerate(values):
        state, found = bank.run(state, np.array([value]), at)
        told.append(found.violations[0].rules if found and found.violations else ())
    return state, told


@pytest.mark.parametrize(
    ("method", "params", "rules"),
    [
        ("imr", {"center": 10.0, "sigma": 1.0}, ("WE1", "WE2", "WE4", "MR")),
        ("imr", {"center": 10.0, "sigma": 1.0}, ("WE1",)),
        ("ewma", {"center": 10.0, "sigma": 1.0, "lambda": 0.2}, ()),
        ("cusum", {"center": 10.0, "sigma": 1.0, "k": 0.5}, ()),
        ("multi-cusum", {"center": 10.0, "sigma": 1.0, "sizes": "0.5 1", "intervals": "7.29 4.4"}, ()),
    ],
)
def test_every_rule_is_where_it_was_told(method, params, rules):
    values = 10.0 + np.random.default_rng(5).standard_normal(60)
    values[50:] += 2.5
    bank = Bank((row(method, params, rules),), ("about",))
    state, told = run(bank, values)
    (chart,) = bank.drawn(state, 0)
    assert (chart.key, chart.active, chart.learning) == ("A", True, 0)
    assert chart.samples[:, 0].tolist() == values[-len(chart.times) :].tolist()
    shown = [
        tuple(
            dict.fromkeys(
                name for panel in chart.panels for name in violated(int(panel.rules[at]), panel.names)
            )
        )
        for at in range(len(chart.times))
    ]
    assert [set(each) for each in shown] == [set(each) for each in told[-len(chart.times) :]]
    assert any(shown)


def test_a_chart_in_phase_i_says_how_far_it_is():
    bank = Bank((row("imr", {"baseline": 25}),), ("about",))
    state, _ = run(bank, [10.0, 11.0, 9.0])
    (chart,) = bank.drawn(state, 0)
    assert (len(chart.times), chart.learning) == (0, 3)


def test_the_slot_in_force_comes_first():
    bank = Bank((row("imr", {"center": 10.0, "sigma": 1.0}),), ("about",))
    state, _ = run(bank, [10.0])
    state = bank.switch(state, 0, "B")
    assert [(chart.key, chart.active) for chart in bank.drawn(state, 0)] == [("B", True), ("A", False)]

"""The run rules by hand, against a slow second opinion, and against the run length that others computed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.spc.ewma import Ewma
from gateway.spc.imr import Imr
from gateway.spc.rules import NAMES, RunRules, violated

samples = st.lists(
    st.sampled_from([-3.5, -3.0, -2.5, -2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5]), max_size=30
)


def flags(z, **settings) -> list[tuple[str, ...]]:
    rules = RunRules(**settings)
    _, bits = rules.run(rules.start(1), np.array(z, dtype=np.float64)[:, None])
    return [violated(int(mask), NAMES) for mask in bits[:, 0]]


@pytest.mark.parametrize(("z", "last"), [
    # Western Electric Statistical Quality Control Handbook (1956), p. 25-28: tests 1 to 4
    ([0, 3.1], ("WE1",)),
    ([0, -3.1], ("WE1",)),
    ([2.1, 2.1], ("WE2",)),
    ([2.1, 0, 2.1], ("WE2",)),
    ([2.1, 0, 0, 2.1], ()),
    ([2.1, -2.1], ()),  # not on the same side
    ([2.1, 2.1, 0], ()),  # the sample that completes it must be beyond itself
    ([-1.1, -1.1, -1.1, -1.1], ("WE3",)),
    ([1.1, 1.1, 0, 1.1, 1.1], ("WE3",)),
    ([1.1, 1.1, 0, 0, 1.1, 1.1], ()),
    ([0.1] * 7, ()),
    ([0.1] * 8, ("WE4",)),
    ([0.1] * 4 + [0.0] + [0.1] * 4, ()),  # on the centre line is on no side
    ([3.1, 3.1], ("WE1", "WE2")),
    ([3.1] * 8, NAMES),
])  # fmt: skip
def test_by_hand(z, last):
    assert flags(z)[-1] == last


def slow(z, edge="within", same_side=8) -> list[tuple[str, ...]]:
    """The rules as their sentences say."""
    out = []
    for i in range(len(z)):
        found = []
        for name, window, needed, reach in (
            ("WE1", 1, 1, 3), ("WE2", 3, 2, 2), ("WE3", 5, 4, 1), ("WE4", same_side, same_side, 0),
        ):  # fmt: skip
            part = z[max(i - window + 1, 0) : i + 1]
            for side in (1, -1):
                beyond = [
                    side * v > reach or (edge == "beyond" and reach and side * v == reach) for v in part
                ]
                if beyond[-1] and sum(beyond) >= needed and name not in found:
                    found.append(name)
        out.append(tuple(found))
    return out


@given(samples, st.sampled_from(["within", "beyond"]), st.integers(2, 16))
def test_against_the_sentences(z, edge, same_side):
    assert flags(z, edge=edge, same_side=same_side) == slow(z, edge, same_side)


@given(samples, st.sets(st.sampled_from(NAMES)))
def test_rules_that_are_not_asked_for_are_silent(z, asked):
    names = tuple(name for name in NAMES if name in asked)
    assert flags(z, rules=names) == [tuple(name for name in row if name in asked) for row in flags(z)]


def test_each_slot_may_have_its_own_length():
    rules = RunRules(same_side=np.array([7.0, 8.0, 9.0]))
    _, bits = rules.run(rules.start(3), np.full((9, 3), 0.5))
    assert [np.flatnonzero(bits[:, slot])[0] for slot in range(3)] == [6, 7, 8]


@pytest.mark.parametrize(("value", "outside"), [(10.3, False), (10.300000000000002, True), (9.7, False)])
def test_a_sample_on_the_drawn_limit_is_within(value, outside):
    # (10.3 - 10) / 0.1 is 3.0000000000000071: judged by z, it would be flagged on the line
    chart = Imr(center=10.0, sigma=0.1)
    _, track = chart.run(chart.start(), np.array([value]))
    assert bool(track.rules[0] & 1) is outside
    assert (track.value[0] > track.ucl[0]) == outside


@pytest.mark.parametrize(("settings", "text"), [
    ({"rules": ("WE1", "WE5")}, "WE5 is not a run rule"),
    ({"edge": "on"}, "edge on is not one of"),
    ({"same_side": 1}, "same_side must be"),
    ({"same_side": 7.5}, "same_side must be"),
    ({"same_side": np.array([8.0, 17.0])}, "same_side must be"),
])  # fmt: skip
def test_settings_that_make_no_sense_are_refused(settings, text):
    with pytest.raises(ValueError, match=text):
        Imr(center=0.0, sigma=1.0, **settings)


def test_unknown_limits_are_refused():
    with pytest.raises(ValueError, match="asymptotc is not one of"):
        Ewma(center=0.0, sigma=1.0, limits="asymptotc")  # type: ignore[arg-type]


@pytest.mark.parametrize(("rules", "arl"), [(("WE1",), 370.40), (NAMES, 91.75)])
def test_run_lengths_of_champ_and_woodall(rules, arl):
    """Champ and Woodall (1987), table 1, no shift. Seeded; 4 standard errors of 3,000 runs."""
    draw, runs = np.random.default_rng(1956), 3000
    chart = RunRules(rules)
    state, lengths, at = chart.start(runs), np.zeros(runs), 0
    signals = 0
    while at < 1000:
        state, bits = chart.run(state, draw.standard_normal((50, runs)))
        hit = bits != 0
        first = np.where(hit.any(axis=0), hit.argmax(axis=0) + 1, 50)
        waiting = lengths >= 0
        signals += int((hit.any(axis=0) & waiting).sum())
        done = waiting & hit.any(axis=0)
        lengths[waiting] += first[waiting]
        lengths[done] = -lengths[done]
        at += 50
    total = np.abs(
        lengths
    ).sum()  # runs that are still silent count as waited, a geometric tail's own estimator
    assert total / signals == pytest.approx(arl, abs=4 * arl / np.sqrt(signals))

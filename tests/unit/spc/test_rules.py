"""The run rules by hand, against a slow second opinion, and against the run length that others computed."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.spc.ewma import Ewma
from gateway.spc.imr import Imr
from gateway.spc.rules import AIAG, NAMES, NELSON, WESTERN_ELECTRIC, RunRules, violated

samples = st.lists(
    st.sampled_from([-3.5, -3.0, -2.5, -2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5]), max_size=45
)
quiet = st.lists(st.sampled_from([-1.5, -1.0, -0.9, -0.2, 0.0, 0.3, 0.8, 1.0, 1.2]), min_size=14, max_size=45)


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
    ([3.1] * 8, WESTERN_ELECTRIC),
])  # fmt: skip
def test_western_electric_by_hand(z, last):
    assert flags(z)[-1] == last


@pytest.mark.parametrize(("z", "last"), [
    # Nelson (1984), Journal of Quality Technology 16(4), p. 238, the texts under the eight figures
    ([0, 3.1], ("N1",)),  # one point beyond zone A
    ([0.5, 0.1, 0.7, 0.2, 0.9, 0.3, 0.4, 0.6, 0.2], ("N2",)),  # nine in a row in zone C or beyond on one side
    ([0.5, 0.1, 0.7, 0.2, 0.9, 0.3, 0.4, 0.6], ()),
    ([-0.4, -0.1, 0.2, 0.4, 0.5, 0.9], ("N3",)),  # six in a row steadily increasing
    ([-0.1, 0.2, 0.4, 0.5, 0.9], ()),
    ([0.9, 0.4, 0.2, -0.1, -0.5, -0.9], ("N3",)),  # or decreasing
    ([0.9, 0.4, 0.2, 0.2, -0.1, -0.5, -0.9], ()),  # steadily: equal ones break it
    ([0.9, -0.9, 0.5, -1.2] * 3 + [0.9, -0.9], ("N4",)),  # fourteen in a row alternating up and down
    ([0.9, -0.9, 0.5, -1.2] * 3 + [0.9], ()),
    ([1.2, 1.1] * 7, ("N2", "N4", "N6", "N8")),  # whatever the side
    ([2.1, -0.5, 2.2], ("N5",)),  # two of three in zone A or beyond
    ([1.1, 1.2, -0.3, 1.3, 1.4], ("N6",)),  # four of five in zone B or beyond
    ([0.3, -0.2, -0.4, 0.5, 0.1] * 3, ("N7",)),  # fifteen in zone C, above and below the centre line
    ([-1.3, 0.3, -0.2, -0.4, 0.5, 0.1] + [0.5, 0.3, -0.2] * 3, ()),
    ([1.5, -1.2, -1.3, 2.5, 1.4, -1.1, -1.2, 1.1], ("N8",)),  # eight in a row on both sides, none in zone C
    ([-1.2, -1.3, 2.5, 1.4, -1.1, -1.2, 1.1], ()),
])  # fmt: skip
def test_nelson_by_hand(z, last):
    assert flags(z, rules=NELSON)[-1] == last


@pytest.mark.parametrize(("z", "last"), [
    # AIAG (2005), Statistical Process Control, 2nd ed., chapter II, typical special cause criteria: seven on one side
    ([0.5, 0.1, 0.7, 0.2, 0.9, 0.3, 0.4], ("AIAG2",)),
    ([0.5, 0.1, 0.7, 0.2, 0.9, 0.3], ()),
    ([-0.4, -0.1, 0.2, 0.4, 0.5, 0.9], ("AIAG3",)),
])  # fmt: skip
def test_aiag_by_hand(z, last):
    assert flags(z, rules=AIAG)[-1] == last


@pytest.mark.parametrize(("settings", "z", "last"), [
    ({"edge": "beyond"}, [3.0], ("N1",)),
    ({"edge": "beyond"}, [0.5, 1.0] * 8, ("N2", "N4")),  # on the zone's edge is not in zone C
    ({}, [0.5, 1.0] * 8, ("N2", "N4", "N7")),
    ({"completing": "any"}, [2.1, 2.1, 0], ("N5",)),
    ({"completing": "any"}, [1.1, 1.1, 1.1, 1.1, 0], ("N6",)),
    ({"completing": "any"}, [1.1, 1.1, 1.1, 0, 0], ()),
    ({"ties": "keep"}, [0.9, 0.4, 0.4, -0.1, -0.5, -0.9], ("N3",)),
    ({"ties": "keep"}, [0.9, 0.4, 0.2, -0.1, -0.5, -0.5], ()),  # an equal sample completes none
    ({"ties": "keep"}, [0.4] * 7, ()),
    ({"ties": "keep"}, [0.2, 0.3, 0.4, 0.5, 0.6], ()),
    ({"trend": 7}, [-0.4, -0.1, 0.2, 0.4, 0.5, 0.9], ()),
    ({"trend": 7}, [-0.5, -0.4, -0.1, 0.2, 0.4, 0.5, 0.9], ("N3",)),
    ({"same_side": 7}, [0.5, 0.1, 0.7, 0.2, 0.9, 0.3, 0.4], ("N2",)),
    ({"mixture": "both"}, [1.2, 1.5, 1.1, 1.3] * 2, ("N6",)),
    ({"mixture": "both"}, [1.2, 1.5, 1.1, 1.3] * 2 + [-1.2], ("N8",)),
    ({}, [1.2, 1.5, 1.1, 1.3] * 2, ("N6", "N8")),
])  # fmt: skip
def test_conventions_by_hand(settings, z, last):
    assert flags(z, rules=NELSON, **settings)[-1] == last


def beyond(v, reach, edge):
    return v > reach or (edge == "beyond" and reach > 0 and v == reach)


def outer(v, edge):
    return beyond(abs(v), 1, edge)


def slow(
    z, rules=NAMES, edge="within", same_side=0, trend=6, completing="beyond", ties="break", mixture="either"
):
    """The rules as their sentences say, a sample at a time."""
    kinds = {
        "out": lambda past: beyond(abs(past[-1]), 3, edge),
        "two": lambda past: most(past, 3, 2, 2),
        "four": lambda past: most(past, 5, 4, 1),
        "trend": lambda past: trending(past) or trending([-v for v in past]),
        "turns": lambda past: (
            len(past) >= 14
            and all((past[-i] - past[-i - 1]) * (past[-i - 1] - past[-i - 2]) < 0 for i in range(1, 13))
        ),
        "within": lambda past: len(past) >= 15 and not any(outer(v, edge) for v in past[-15:]),
        "mixed": lambda past: (
            len(past) >= 8
            and all(outer(v, edge) for v in past[-8:])
            and (mixture == "either" or min(past[-8:]) < 0 < max(past[-8:]))
        ),
    }

    def most(past, window, needed, reach):
        return any(
            sum(beyond(side * v, reach, edge) for v in past[-window:]) >= needed
            and (completing == "any" or beyond(side * past[-1], reach, edge))
            for side in (1, -1)
        )

    def trending(past):
        if len(past) < trend:
            return False
        steps = [b - a for a, b in itertools.pairwise(past[-trend:])]
        return all(step > 0 for step in steps) if ties == "break" else min(steps) >= 0 < steps[-1]

    def side(past, published):
        length = same_side or published
        return len(past) >= length and (min(past[-length:]) > 0 or max(past[-length:]) < 0)

    said = {
        "WE1": "out", "WE2": "two", "WE3": "four", "N1": "out", "N3": "trend", "N4": "turns", "N5": "two",
        "N6": "four", "N7": "within", "N8": "mixed", "AIAG1": "out", "AIAG3": "trend", "AIAG4": "turns",
        "AIAG5": "two", "AIAG6": "four", "AIAG7": "within", "AIAG8": "mixed",
    }  # fmt: skip
    lengths = {"WE4": 8, "N2": 9, "AIAG2": 7}
    return [
        tuple(
            name
            for name in NAMES
            if name in rules
            and (side(z[: i + 1], lengths[name]) if name in lengths else kinds[said[name]](z[: i + 1]))
        )
        for i in range(len(z))
    ]


conventions = st.fixed_dictionaries({
    "rules": st.sets(st.sampled_from(NAMES)).map(lambda asked: tuple(n for n in NAMES if n in asked)) | st.just(NAMES),
    "edge": st.sampled_from(["within", "beyond"]),
    "same_side": st.sampled_from([0, 0, 2, 5, 16]),
    "trend": st.sampled_from([6, 6, 3, 4, 16]),
    "completing": st.sampled_from(["beyond", "any"]),
    "ties": st.sampled_from(["break", "keep"]),
    "mixture": st.sampled_from(["either", "both"]),
})  # fmt: skip


@pytest.mark.long
@settings(max_examples=120)
@given(samples | quiet, conventions)
def test_against_the_sentences(z, given_):
    assert flags(z, **given_) == slow(z, **given_)


@pytest.mark.long
@settings(max_examples=70)
@given(samples | quiet, conventions, st.integers(0, 30))
def test_rows_and_blocks_remember_the_same(z, given_, at):
    """Rows go by bits, sixteen and more by planes."""
    rules = RunRules(**given_)
    x = np.array(z, dtype=np.float64).reshape(-1, 1) * [[1.0, -1.0, 0.7]]
    whole, bits = rules.run(rules.start(3), x)
    state, first = rules.run(rules.start(3), x[:at])
    rows = [first]
    for row in x[at:]:
        state, one = rules.run(state, row[None])
        rows.append(one)
    assert (np.concatenate(rows) == bits).all()
    assert state.history.tobytes() == whole.history.tobytes()
    assert state.last.tobytes() == whole.last.tobytes()


def test_a_block_of_many_pieces_is_one_block():
    draw = np.random.default_rng(1984)
    x = draw.integers(-30, 31, size=(200, 1500)) / 10
    rules = RunRules(NAMES, same_side=np.tile([0.0, 5.0, 8.0], 500), trend=np.tile([3.0, 6.0], 750))
    state, bits = rules.run(rules.start(1500), x)
    other, rows = rules.start(1500), []
    for row in x:
        other, one = rules.run(other, row[None])
        rows.append(one)
    assert (np.concatenate(rows) == bits).all()
    assert other.history.tobytes() == state.history.tobytes()


@pytest.mark.long
@given(samples, st.sets(st.sampled_from(NAMES)))
def test_rules_that_are_not_asked_for_are_silent(z, asked):
    names = tuple(name for name in NAMES if name in asked)
    every = flags(z, rules=NAMES)
    assert flags(z, rules=names) == [tuple(name for name in row if name in asked) for row in every]


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


@pytest.mark.parametrize(("given_", "text"), [
    ({"rules": ("WE1", "WE5")}, "WE5 is not a run rule"),
    ({"edge": "on"}, "edge on is not one of"),
    ({"same_side": 1}, "same_side must be"),
    ({"same_side": 7.5}, "same_side must be"),
    ({"same_side": np.array([8.0, 17.0])}, "same_side must be"),
    ({"same_side": float("nan")}, "same_side must be"),
    ({"trend": 2}, "trend must be a whole number from 3 to 16"),
    ({"completing": "all"}, "completing all is not one of beyond, any"),
    ({"ties": "no"}, "ties no is not one of"),
    ({"mixture": "one"}, "mixture one is not one of"),
])  # fmt: skip
def test_settings_that_make_no_sense_are_refused(given_, text):
    with pytest.raises(ValueError, match=text):
        Imr(center=0.0, sigma=1.0, **given_)


def test_unknown_limits_are_refused():
    with pytest.raises(ValueError, match="asymptotc is not one of"):
        Ewma(center=0.0, sigma=1.0, limits="asymptotc")  # type: ignore[arg-type]


@pytest.mark.parametrize(("rules", "arl"), [(("WE1",), 370.40), (WESTERN_ELECTRIC, 91.75)])
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

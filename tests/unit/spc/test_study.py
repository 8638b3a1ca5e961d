"""Studies: which samples limits are made of, what is left out and why, what is frozen."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from gateway.study.exclusions import Exclusion, parse
from gateway.study.limits import frozen, hash_of
from gateway.study.samples import by_number, by_word, counts, means, subgroups, values, wide
from gateway.study.study import estimate, study

X = np.array([10.0, 11.0, 9.5, 10.5, 9.0, 10.0, 11.0, 10.0, 30.0, 10.0])


def points(done, panel=0):
    each = done.panels[panel]
    return dict(zip(each.at.tolist(), each.rules, strict=True))


def test_limits_come_of_the_first_rows_and_every_row_is_charted():
    done = study("imr", X, phase1=8)
    assert (done.mean, done.sigma) == pytest.approx(estimate(X[:8]))
    assert len(done.baseline) == 8
    assert list(points(done)) == list(range(10))
    assert points(done)[8] == ("WE1",)
    assert not done.in_control


def test_what_is_left_out_is_neither_learnt_from_nor_charted():
    done = study("imr", X, exclusions=(Exclusion(8, 8, "sensor cleaned"),))
    assert done.mean == pytest.approx(np.delete(X, 8).mean())
    assert 8 not in points(done)
    assert done.in_control
    assert points(done, 1).keys() == set(range(1, 10)) - {
        8
    }  # the next range is to the last sample that was one


def test_a_subgroup_is_in_phase_one_or_left_out_as_a_whole():
    made = subgroups(X, by_number(10, 3))
    assert [row.tolist() for row in study("xbar-r", made, phase1=7).baseline] == [
        [10, 11, 9.5],
        [10.5, 9, 10],
    ]
    kept = study("xbar-r", made, exclusions=(parse("4:cleaned"),)).baseline
    assert kept[:, 0].tolist() == [10, 11, 10]


def test_a_last_subgroup_that_is_not_full_has_its_own_limits():
    xbar, r = study("xbar-r", subgroups(X, by_number(10, 4)), rules=("WE1",)).panels
    first, second, last = np.asarray(xbar.ucl)
    assert first == second < last
    assert len(r.values) == 3
    one = study("xbar-r", subgroups(X, by_number(10, 3)), rules=("WE1",)).panels[1]
    assert one.at.tolist() == [0, 1, 2]  # one member has no range


def test_subgroups_by_word_need_not_be_neighbours():
    assert by_word(["b", "a", "b", "c"]).tolist() == [0, 1, 0, 2]
    assert subgroups(np.arange(4.0), by_word(["b", "a", "b", "c"])).block[0].tolist() == [0, 2]
    assert means(np.arange(4.0), by_word(["b", "a", "b", "c"])).block.tolist() == [1, 1, 3]


def test_long_series_are_charted_in_pieces_that_make_no_difference():
    x = np.random.default_rng(3).poisson(9.0, 70_000).astype(np.float64)
    seen = []

    def pace(steps, length):
        for step in steps:
            seen.append((step, length))
            yield step

    done = study("c", x, mean=9.0, pace=pace)
    assert seen == [(0, 2), (65_536, 2)]
    whole = study("c", x[65_000:], mean=9.0)
    assert whole.panels[0].rules == done.panels[0].rules[65_000:]


@pytest.mark.parametrize(("kind", "instead"), [("p", "laney-p"), ("np", "laney-p"), ("u", "laney-u")])
def test_counts_that_are_too_unruly_are_told(kind, instead):
    found = study(kind, wide(np.array([[20.0, 100], [60, 100], [15, 100], [70, 100]]))).dispersion
    assert found is not None
    assert found.advice.startswith(f"overdispersed: use {instead}")


def test_charts_that_know_no_way_out_are_not_tested():
    assert study("laney-p", wide(np.array([[20.0, 100], [60, 100]]))).dispersion is None
    assert study("c", counts(np.array([20.0, 60]))).dispersion is None


@pytest.mark.parametrize(("settings", "told"), [
    ({"phase1": 1}, "phase I takes 2 to 10 of 10 samples, not 1"),
    ({"phase1": 11}, "not 11"),
    ({"k": 1.0}, "k is not a setting of this chart"),
    ({"exclusions": (Exclusion(9, 10, "x"),)}, "there is no row 10 to leave out: the last is 9"),
    ({"exclusions": (Exclusion(0, 9, "x"),)}, "every sample is left out"),
    ({"phase1": 3, "exclusions": (Exclusion(0, 2, "x"),)}, "no samples are left to learn limits from"),
    ({"mean": float("nan")}, "mean must be a number"),
    ({"sigma": -1.0}, "sigma must be above 0"),
])  # fmt: skip
def test_settings_that_do_not_fit_are_refused(settings, told):
    with pytest.raises(ValueError, match=told):
        study("imr", X, **settings)


@pytest.mark.parametrize(("made", "kind", "told"), [
    (values(np.array([])), "imr", "there are no samples"),
    (values(np.array([1.0, np.nan])), "imr", "sample 1 is not a number"),
    (wide(np.array([[1.0, 2], [3, np.inf]])), "t2", "sample 1 is not a number"),
    (wide(np.array([[1.0, 10], [30, 10]])), "p", "30 were counted in a sample of 10"),
])  # fmt: skip
def test_samples_that_cannot_be_charted_are_refused(made, kind, told):
    with pytest.raises(ValueError, match=told):
        study(kind, made)


def test_known_limits_do_not_let_wrong_counts_through():
    with pytest.raises(ValueError, match="30 were counted in a sample of 10"):
        study("p", wide(np.array([[1.0, 10], [30, 10]])), mean=0.2)


def test_what_is_no_single_number_cannot_be_told():
    x = np.random.default_rng(1).standard_normal((30, 2))
    with pytest.raises(ValueError, match=r"always estimated|not a setting"):
        study("t2", wide(x), mean=1.0)


@pytest.mark.parametrize(("text", "found"), [
    ("12-15:sensor cleaned", Exclusion(12, 15, "sensor cleaned")),
    ('3:"new lot: B"', Exclusion(3, 3, "new lot: B")),
    (" 3 - 4 : 'x' ", Exclusion(3, 4, "x")),
])  # fmt: skip
def test_exclusions_are_rows_and_a_reason(text, found):
    assert parse(text) == found


@pytest.mark.parametrize(("text", "told"), [
    ("12-15", "write ROWS:REASON"),
    ("a:b", "write ROWS:REASON"),
    ("15-12:x", "run backwards"),
    ("12: ", "say why"),
    ('12:""', "say why"),
])  # fmt: skip
def test_exclusions_without_are_refused(text, told):
    with pytest.raises(ValueError, match=told):
        parse(text)


def test_subgroups_of_nothing_are_refused():
    with pytest.raises(ValueError, match="1 row or more, not 0"):
        by_number(10, 0)
    of = np.concatenate([np.zeros(20_000, dtype=np.intp), np.arange(1, 20_001)])
    with pytest.raises(ValueError, match="too wide: are the subgroups right"):
        subgroups(np.zeros(40_000), of)


def test_frozen_limits_say_what_they_are_made_of():
    out = (parse("8:sensor cleaned"),)
    done = study("imr", X, exclusions=out)
    row = frozen(
        done, version=3, begins="2026-11-22T00:00:00Z", approved_by="17", source="x.csv", exclusions=out
    )
    kept = np.delete(X, 8)
    assert row == {
        "version": 3,
        "from": "2026-11-22T00:00:00Z",
        "approved_by": "17",
        "params": {"center": kept.mean(), "sigma": pytest.approx(estimate(kept)[1])},
        "samples": 9,
        "baseline": hashlib.blake2b(kept.tobytes(), digest_size=16).hexdigest(),
        "from_file": "x.csv",
        "excluded": [{"rows": "8", "reason": "sensor cleaned"}],
    }


def test_a_baseline_has_one_name_and_another_has_another():
    assert hash_of(X) == hash_of(X.copy()) != hash_of(X[::-1])
    assert hash_of(X.reshape(5, 2)) == hash_of(X)


def test_what_learns_nothing_cannot_be_frozen():
    done = study("self-starting-cusum", X)
    with pytest.raises(ValueError, match="learns nothing in phase I"):
        frozen(done, version=1, begins="2026-11-22T00:00:00Z", approved_by="17", source="x.csv")
    with pytest.raises(ValueError, match="say who approves"):
        frozen(study("imr", X), version=1, begins="", approved_by=" ", source="x.csv")

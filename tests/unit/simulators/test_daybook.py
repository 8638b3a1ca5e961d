"""The supplier's weekly list: one mistake, of a kind that people make, and a list that the balance can read."""

import random

import pytest

from gateway.score.declared import figures
from simulators.daybook import Line, List, mistaken

WEEK = "2026-W46"


def true_list(regrind="14.83"):
    received = Line("PP natural", "received", "10.0", "R26-0001")
    return List(WEEK, [received, Line("regrind", "dosed", regrind), Line("regrind", "ground", "0.31")])


def test_a_true_list_is_read_as_it_was_meant():
    rows = figures(true_list().csv())
    assert [(row.item, row.kg, row.document) for row in rows] == [
        ("received", 10.0, "R26-0001"), ("dosed", 14.83, ""), ("ground", 0.31, ""),
    ]  # fmt: skip


@pytest.mark.parametrize("seed", range(8))
def test_one_figure_is_wrong_and_it_is_told_which(seed):
    made = mistaken(true_list(), random.Random(seed))
    rows = figures(made.csv())
    assert [row.kg for row in rows if row.item != "dosed"] == [
        10.0,
        0.31,
    ]  # bags and small figures are left alone
    wrong = next(row for row in rows if row.item == "dosed")
    assert (wrong.line_no, wrong.text) == (made.mistake["line_no"], made.mistake["wrote"])
    assert made.mistake["should_say"] == "14.83"
    if made.mistake["kind"] == "digit_swap":
        assert sorted(wrong.text) == sorted("14.83")
        assert abs(wrong.kg - 14.83) > 1.0
    else:
        assert wrong.kg == pytest.approx(148.3)


def test_both_kinds_of_mistake_are_made():
    kinds = {mistaken(true_list(), random.Random(seed)).mistake["kind"] for seed in range(20)}
    assert kinds == {"digit_swap", "decimal_slip"}


def test_a_figure_whose_digits_are_all_alike_gets_its_point_moved():
    assert mistaken(true_list("22.22"), random.Random(1)).mistake["kind"] == "decimal_slip"


def test_a_list_of_nearly_nothing_stays_true():
    made = mistaken(true_list("0.42"), random.Random(1))
    assert made.mistake == {}
    assert made.lines == true_list("0.42").lines

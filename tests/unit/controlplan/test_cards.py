"""What a scanner types at a checking table."""

from __future__ import annotations

import pytest

from gateway.controlplan.cards import Table, Unclear, value_of


def heard(table: Table, *lines: str):
    return [done for line in lines if (done := table.heard(line)) is not None]


def test_a_lot_stays_for_the_next_check_and_a_check_for_the_next_lot():
    table = Table("17")
    done = heard(
        table, "CHECK:moisture", "R1", "0.01", "R2", "0.02", "CHECK:colour", "ok", "operator:18", "R3", "nok"
    )
    assert [tuple(each) for each in done] == [
        ("17", "moisture", "R1", (0.01,)), ("17", "moisture", "R2", (0.02,)), ("17", "colour", "R2", (0.0,)),
        ("18", "colour", "R3", (1.0,)),
    ]  # fmt: skip


def test_a_sample_is_whole_when_it_has_all_its_numbers():
    table = Table("17", {"weight": 3})
    assert heard(table, "CHECK:weight", "B1", "42.1", "42.0", "") == []
    [done] = heard(table, "41.9")
    assert done.values == (42.1, 42.0, 41.9)


def test_another_lot_begins_the_sample_anew():
    table = Table("17", {"weight": 2})
    [done] = heard(table, "CHECK:weight", "B1", "42.1", "B2", "1", "2")
    assert (done.lot, done.values) == ("B2", (1.0, 2.0))


def test_a_number_without_a_check_is_nothing():
    with pytest.raises(Unclear, match="which check"):
        Table("17").heard("0.5")


def test_an_operator_is_a_number():
    with pytest.raises(Unclear, match="number"):
        Table("17").heard("OPERATOR:Ann")


@pytest.mark.parametrize(
    ("text", "value"),
    [("0.5", 0.5), (" OK ", 0.0), ("nok", 1.0), ("nan", None), ("inf", None), ("R-7", None)],
)
def test_values(text: str, value: float | None):
    assert value_of(text) == value

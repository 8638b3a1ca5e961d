"""Where a unit answers: the search finds every address of its ranges, whatever the unit refuses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.probe.asking import FIRST_RANGE, MANY, Ask, Outcome, likely, survey


def answered(found):
    return {at for area in found.areas for at in range(area.first, area.end)}


def searched(mapped, *, most=125, table="holding", ranges=None, judge=None):
    """What is found of a unit that answers reads within `mapped`, and how many reads it took."""
    steps = survey((table,), ranges)
    asked = 0
    ask = next(steps)
    while True:
        asked += 1
        wanted = set(range(ask.address, ask.address + ask.count))
        fine = wanted <= mapped and ask.count <= most
        outcome = judge(ask) if judge else Outcome.WORDS if fine else Outcome.ADDRESS
        try:
            ask = steps.send(outcome)
        except StopIteration as end:
            return end.value, asked


@pytest.mark.long
@given(st.sets(st.integers(0, 199)), st.integers(1, 125))
def test_every_address_of_a_range_is_decided(mapped, most):
    found, asked = searched(mapped, most=most, ranges=range(200))
    assert answered(found) == mapped
    assert asked <= 200 - len(mapped) + 20 * (1 + len(mapped))


def test_a_block_costs_few_reads():
    found, asked = searched(set(range(58)), ranges=range(58))
    assert [(area.first, area.count) for area in found.areas] == [(0, 58)]
    assert asked == 7  # 1, 2, 4, 8, 16, 32, 58


def test_without_ranges_it_looks_where_makers_begin():
    found, asked = searched(set(range(1000, 1010)) | set(range(40_000, 40_100)))
    assert answered(found) == set(range(1000, 1010)) | set(range(40_000, 40_100))
    assert asked < 350


def test_an_area_goes_on_behind_the_first_range():
    found, _ = searched(set(range(300)))
    assert answered(found) == set(range(300))


def test_the_longest_read_is_learned():
    found, _ = searched(set(range(300)), most=32, ranges=range(300))
    assert answered(found) == set(range(300))
    assert found.max_words == 32


def test_a_device_that_answers_everywhere_is_left_alone():
    found, asked = searched(set(range(65_536)))
    assert MANY <= len(answered(found)) < 2 * MANY
    assert asked < 400


def test_a_table_that_is_not_there_costs_one_question():
    found, asked = searched(set(), judge=lambda _: Outcome.FUNCTION)
    assert (found.absent, asked) == (["holding"], 1)


def test_a_unit_that_falls_silent_is_left():
    found, asked = searched(set(), judge=lambda _: Outcome.SILENT)
    assert found.areas == []
    assert asked < 20


def test_a_unit_that_gives_whole_32_bit_values_only():
    def judge(ask: Ask) -> Outcome:
        inside = ask.address + ask.count <= 20
        return Outcome.WORDS if inside and ask.address % 2 == 0 == ask.count % 2 else Outcome.ADDRESS

    found, _ = searched(set(), judge=judge)
    assert answered(found) == set(range(20))


@pytest.mark.parametrize("table", ["coil", "discrete"])
def test_bits_are_read_by_the_thousand(table):
    found, asked = searched(set(range(1500)), most=2000, table=table, ranges=range(2000))
    assert answered(found) == set(range(1500))
    assert asked < 530


def test_likely_addresses_are_beyond_the_first_range():
    assert all(FIRST_RANGE.stop <= at < 65_536 for at in likely())
    assert {299, 300, 301, 4096, 40_001} <= set(likely())

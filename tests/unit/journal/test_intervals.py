"""IntervalSet against a plain set."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.journal.intervals import IntervalSet

spans = st.lists(st.tuples(st.integers(1, 60), st.integers(0, 12)).map(lambda pair: (pair[0], sum(pair))))


@pytest.mark.long
@given(spans)
def test_it_holds_what_a_set_holds(intervals) -> None:
    held = IntervalSet()
    model: set[int] = set()
    for first, last in intervals:
        new = set(range(first, last + 1)) - model
        got = held.add(first, last)
        model |= new
        assert bool(got) is bool(new)
        assert all(low <= first and last <= high for low, high in got)
    assert {number for number in range(90) if number in held} == model
    assert len(held) == len(model)
    assert held.last() == max(model, default=0)
    runs = held.intervals()
    assert sorted(number for first, last in runs for number in range(first, last + 1)) == sorted(model)
    assert all(one[1] + 1 < other[0] for one, other in pairwise(runs)), "touching intervals are one"
    assert IntervalSet.of(runs).intervals() == runs


@pytest.mark.long
@given(spans, st.integers(1, 80), st.integers(0, 30))
def test_missing_is_the_rest(intervals, first, more) -> None:
    held = IntervalSet.of(intervals)
    gaps = held.missing(first, first + more)
    assert [number for low, high in gaps for number in range(low, high + 1)] == [
        number for number in range(first, first + more + 1) if number not in held
    ]


@pytest.mark.long
@given(spans)
def test_the_prefix_begins_at_one(intervals) -> None:
    held = IntervalSet.of(intervals)
    expected = 0
    while expected + 1 in held:
        expected += 1
    assert held.prefix() == expected


def test_the_interval_around_a_number() -> None:
    held = IntervalSet.of([(1, 3), (5, 5), (8, 9)])
    assert [held.around(number) for number in (1, 3, 5, 8, 9)] == [(1, 3), (1, 3), (5, 5), (8, 9), (8, 9)]
    for outside in (0, 4, 6, 7, 10):
        assert outside not in held
        with pytest.raises(KeyError):
            held.around(outside)


@pytest.mark.parametrize(
    ("new", "got", "runs"),
    [
        ((4, 4), [(2, 4)], [(2, 4), (7, 9)]),  # touching is one
        ((5, 5), [(5, 5)], [(2, 3), (5, 5), (7, 9)]),
        ((4, 6), [(2, 9)], [(2, 9)]),
        ((2, 3), [], [(2, 3), (7, 9)]),
        ((8, 8), [], [(2, 3), (7, 9)]),
        ((1, 12), [(1, 12)], [(1, 12)]),
        ((8, 10), [(7, 10)], [(2, 3), (7, 10)]),
        ((1, 1), [(1, 3)], [(1, 3), (7, 9)]),
        ((11, 11), [(11, 11)], [(2, 3), (7, 9), (11, 11)]),
    ],
)
def test_what_is_added_and_where_it_ends_up(new, got, runs) -> None:
    held = IntervalSet.of([(2, 3), (7, 9)])
    assert held.add(*new) == got
    assert held.intervals() == runs
    assert (held.last(), len(held)) == (runs[-1][1], sum(last - first + 1 for first, last in runs))


def test_what_is_missing_between_two_numbers() -> None:
    held = IntervalSet.of([(2, 3), (7, 9)])
    assert held.missing(1, 12) == [(1, 1), (4, 6), (10, 12)]
    assert held.missing(3, 7) == [(4, 6)]
    assert held.missing(4, 6) == [(4, 6)]
    assert (held.missing(2, 3), held.missing(8, 8), held.missing(5, 4)) == ([], [], [])
    assert held.missing(10, 10) == [(10, 10)]
    assert (held.prefix(), IntervalSet.of([(1, 3)]).prefix(), IntervalSet().last()) == (0, 3, 0)

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

"""What is in a vessel and what comes out: kilograms are kept, layers come in order, what is unsure is said."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.layout import Field
from gateway.mass.contents import MOST_LAYERS, Content, put, put_by_hand, take
from gateway.mass.counters import Grown, grown, range_of
from gateway.mass.heaps import Parcel, blurred, joined, marked, mass, split, spread

KG = st.floats(0.001, 100.0)
HEAPS = st.lists(st.tuples(st.sampled_from("ABCDE"), KG, st.floats(0.0, 1.0)), min_size=1, max_size=6).map(
    lambda rows: joined(*((Parcel(lot, kg, var),) for lot, kg, var in rows))
)


def by_lot(heap):
    return {each.lot: each.kg for each in heap}


@given(HEAPS, st.floats(0.0, 1.2))
def test_what_is_taken_and_what_is_left_are_what_was_there(heap, share):
    taken, left = split(heap, share * mass(heap), 0.01)
    assert mass(taken) + mass(left) == pytest.approx(mass(heap), rel=1e-12)
    for lot, kg in by_lot(heap).items():
        assert by_lot(taken).get(lot, 0.0) + by_lot(left).get(lot, 0.0) == pytest.approx(kg, rel=1e-12)
    if 1e-300 < share < 1.0:  # of the smallest numbers there are no parts
        assert {lot: kg / mass(taken) for lot, kg in by_lot(taken).items()} == pytest.approx(
            {lot: kg / mass(heap) for lot, kg in by_lot(heap).items()}
        )


@pytest.mark.long
@given(
    st.lists(HEAPS, min_size=1, max_size=8),
    st.lists(st.floats(0.01, 60.0), max_size=8),
    st.sampled_from(["fifo", "mixed", "unknown"]),
)
def test_a_vessel_loses_nothing(fills, draws, mixing):
    content, out = Content(), 0.0
    for heap in fills:
        content = put(content, mixing, heap)
    total = sum(mass(heap) for heap in fills)
    assert content.kg == pytest.approx(total)
    for kg in draws:
        drawn = take(content, mixing, min(kg, content.kg), 1e-4)
        content, out = drawn.left, out + mass(drawn.heap)
    assert content.kg + out == pytest.approx(total, abs=1e-6)


def test_first_in_first_out_and_the_end_of_a_layer():
    content = put(put(Content(), "fifo", (Parcel("A", 2.0),)), "fifo", (Parcel("B", 3.0),))
    drawn = take(content, "fifo", 2.5, 0.0)
    assert by_lot(drawn.heap) == {"A": 2.0, "B": 0.5}
    assert not drawn.unsure
    assert by_lot(take(drawn.left, "fifo", 9.0, 0.0).heap) == {"B": 2.5}


def test_near_an_end_that_is_unsure_both_layers_may_be_in_a_draw():
    content = put_by_hand(put(Content(), "fifo", (Parcel("A", 5.0),)), "fifo", (Parcel("B", 5.0),), 1.0)
    first = take(content, "fifo", 3.0, 0.0)
    assert (by_lot(first.heap), first.unsure) == ({"A": 3.0}, False)  # the end is 2 kg away, give or take one
    second = take(first.left, "fifo", 1.5, 0.0)
    assert second.unsure
    assert by_lot(second.heap) == {"A": 1.5, "B": 0.0}
    bound = {each.lot: 3 * math.sqrt(each.var) for each in second.heap}
    assert bound["B"] >= 0.5  # as much of it as there may be
    third = take(second.left, "fifo", 1.0, 0.0)
    assert by_lot(third.heap) == {"A": 0.5, "B": 0.5}
    fourth = take(third.left, "fifo", 0.3, 0.0)
    assert fourth.unsure  # A may still come, though all of it should be gone
    assert by_lot(fourth.heap) == {"B": 0.3, "A": 0.0}
    assert not take(take(fourth.left, "fifo", 0.8, 0.0).left, "fifo", 1.0, 0.0).unsure


def test_unknown_mixing_is_kept_both_ways():
    content = put(put(Content(), "unknown", (Parcel("A", 6.0),)), "unknown", (Parcel("B", 2.0),))
    heap = take(content, "unknown", 4.0, 0.0).heap
    assert {(each.lot, each.mixing): each.kg for each in heap} == {
        ("A", "fifo"): 4.0, ("A", "mixed"): 3.0, ("B", "mixed"): 1.0,
    }  # fmt: skip
    assert mass(heap) == 4.0
    assert by_lot(marked(heap, "mixed")) == {"A": 3.0, "B": 1.0}


def test_layers_are_bounded():
    content = Content()
    for number in range(3 * MOST_LAYERS):
        content = put(content, "fifo", (Parcel(f"L{number}", 1.0),))
    assert (len(content.layers), content.kg) == (MOST_LAYERS, 3.0 * MOST_LAYERS)


def test_a_weighing_s_variance_is_shared_and_kept():
    heap = blurred((Parcel("A", 3.0), Parcel("B", 1.0)), 0.16)
    assert [round(math.sqrt(each.var), 9) for each in heap] == [0.3, 0.1]
    assert spread(heap) == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("last", "now", "said"),
    [
        (5.0, 9.0, Grown(4.0, cleared=False)),
        (65_000.0, 36.0, Grown(572.0, cleared=False)),
        (900.0, 12.0, Grown(12.0, cleared=True)),
        (40_000.0, 100.0, Grown(100.0, cleared=True)),  # too far from the end to have wrapped
    ],
)
def test_counts_grow_wrap_and_are_cleared(last, now, said):
    assert grown(last, now, range_of(Field("uint16"))) == said


def test_where_a_counter_wraps():
    assert range_of(Field("uint32", scale="0.1")) == pytest.approx(2**32 / 10)
    assert range_of(Field("float32")) == 0.0
    assert grown(10.0, 4.0, 0.0) == Grown(4.0, cleared=True)

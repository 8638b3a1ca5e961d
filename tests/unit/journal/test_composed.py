"""Compositions as bytes: all of it comes back, and one source is found without reading the others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.journal.composed import bound_of, composition_of, composition_row, portion_of, shares_of
from gateway.journal.exposure import NONE, share_in
from gateway.model import Composition

SHARE = st.floats(0.0, 1.0)
NAMES = st.text(st.sampled_from('ab",\\é\n[]'), max_size=6)


@st.composite
def compositions(draw) -> Composition:
    names = tuple(draw(st.lists(NAMES, unique=True, max_size=6)))
    rows = draw(st.sampled_from([1, 2]))

    def row(width: int) -> tuple[float, ...]:
        return tuple(draw(st.lists(SHARE, min_size=width, max_size=width)))

    return Composition(
        names, tuple(row(len(names)) for _ in range(rows)), row(len(names)), row(rows),
        tuple(row(9) for _ in range(rows)), draw(SHARE), row(draw(st.sampled_from([1, rows]))), draw(SHARE),
    )  # fmt: skip


@pytest.mark.long
@given(compositions())
def test_it_comes_back_whole(held) -> None:
    row = composition_row(held)
    assert row is not None
    assert composition_of(row.body) == held
    again = composition_row(composition_of(row.body))
    assert again == row


@pytest.mark.long
@given(compositions(), NAMES)
def test_one_source_is_found_among_odd_names(held, other) -> None:
    row = composition_row(held)
    assert row is not None
    shares = shares_of(row.body)
    bounds = dict(
        zip(shares.sources, zip(shares.least.tolist(), shares.most.tolist(), strict=True), strict=True)
    )
    for name in {*held.sources, other}:
        assert bound_of(row.body, name) == bounds.get(name)
        wanted = (*(share_in(held, name) if name in held.sources else NONE), max(held.rest))
        assert portion_of(row.body, name) == wanted


@pytest.mark.parametrize("cut", [0, 4, 9, 20, -1])
def test_bytes_that_are_cut_off_are_refused(cut) -> None:
    held = Composition(("a", "b"), ((0.5, 0.5),), (0.0, 0.0), (0.0,), ((1.0, 0, 0, 0, 0, 0, 0, 0, 0),))
    row = composition_row(held)
    assert row is not None
    with pytest.raises(ValueError, match=r"composition|JSON|decode|unexpected|end of|buffer"):
        composition_of(row.body[:cut])


def test_rows_of_unequal_length_have_no_bytes() -> None:
    held = Composition(("a", "b"), ((0.5,),), (0.0, 0.0), (0.0,), ((1.0,) * 9,))
    assert composition_row(held) is None

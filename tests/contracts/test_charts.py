"""What every chart keeps, found by walking gateway/spc: a new chart is tested before its author writes a test.

A chart is pure, gives the same bits for a block as row by row, for all slots at once as for each by itself, skips what
was not sampled, flags exactly what it draws outside its limits (plus runs), and can be stored between two rows.
"""

from __future__ import annotations

import copy
import dataclasses
import json
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from gateway.plain import from_plain, to_plain
from gateway.spc import chart_kinds, load_chart, put, take

DOCS = Path(__file__).parents[2] / "docs" / "reference" / "charts.md"
SLOTS = 3
CENTER, SIGMA = np.array([10.0, -2.5, 0.0]), np.array([1.0, 0.1, 300.0])

values = st.one_of(
    st.floats(-6, 6, width=32),
    st.sampled_from([0.0, 1.0, -1.0, 2.0, -2.0, 3.0, -3.0]),  # on the limits
    st.just(float("nan")),
)
blocks = hnp.arrays(np.float64, st.tuples(st.integers(1, 14), st.just(SLOTS)), elements=values).map(
    lambda z: CENTER + SIGMA * z
)
kinds = pytest.mark.parametrize("kind", chart_kinds())


def made(kind: str):
    return load_chart(kind)(center=CENTER, sigma=SIGMA)


def arrays(value) -> list[np.ndarray]:
    """Every array of a state or track, in order."""
    if isinstance(value, np.ndarray):
        return [value]
    if dataclasses.is_dataclass(value):
        return [array for field in dataclasses.fields(value) for array in arrays(getattr(value, field.name))]
    return []


def same(one, other):
    """Whether two states or tracks are the same bit for bit."""
    pairs = list(zip(arrays(one), arrays(other), strict=True))
    return all(a.shape == b.shape and a.dtype == b.dtype and a.tobytes() == b.tobytes() for a, b in pairs)


def stacked(tracks):
    """Tracks of single rows as one."""
    parts: dict[str, Any] = {
        name: np.concatenate([getattr(track, name) for track in tracks])
        for name in ("value", "center", "lcl", "ucl", "rules")
    }
    seconds = [track.second for track in tracks if track.second is not None]
    return dataclasses.replace(tracks[0], **parts, second=stacked(seconds) if seconds else None)


def test_there_are_charts():
    assert {"imr", "ewma", "cusum"} <= set(chart_kinds())


def test_an_unknown_chart_is_refused_by_name():
    with pytest.raises(ValueError, match=r"xbar-q is not a chart; there are .*cusum"):
        load_chart("xbar-q")


@kinds
@settings(max_examples=60)
@given(block=blocks)
def test_a_block_and_its_rows_give_the_same_bits(kind, block):
    chart = made(kind)
    whole, track = chart.run(chart.start(), block)
    state, tracks = chart.start(), []
    for row in block:
        state, one = chart.run(state, row[None, :])
        tracks.append(one)
    assert same(whole, state)
    assert same(track, stacked(tracks))


@kinds
@settings(max_examples=40)
@given(block=blocks)
def test_slots_do_not_touch_each_other(kind, block):
    chart = made(kind)
    state, track = chart.run(chart.start(), block)
    for slot in range(SLOTS):
        alone = load_chart(kind)(center=CENTER[slot : slot + 1], sigma=SIGMA[slot : slot + 1])
        its, drawn = alone.run(alone.start(), block[:, slot])
        assert same(its, take(state, np.array([slot])))
        for panel, wide in zip(drawn.panels(), track.panels(), strict=True):
            assert panel.value.tobytes() == np.ascontiguousarray(wide.value[:, slot]).tobytes()
            assert panel.rules.tolist() == wide.rules[:, slot].tolist()


@kinds
@settings(max_examples=40)
@given(block=blocks)
def test_run_changes_nothing_that_it_was_given(kind, block):
    chart = made(kind)
    state, _ = chart.run(chart.start(), block)
    before, given_ = copy.deepcopy(state), block.copy()
    first = chart.run(state, block)
    again = chart.run(state, block)
    assert same(state, before)
    assert block.tobytes() == given_.tobytes()
    assert same(first[0], again[0])
    assert same(first[1], again[1])


@kinds
@settings(max_examples=40)
@given(block=blocks, at=st.integers(0, 14))
def test_missing_samples_leave_a_slot_alone(kind, block, at):
    chart = made(kind)
    hole = np.insert(block, min(at, len(block)), np.nan, axis=0)
    state, track = chart.run(chart.start(), block)
    other, holed = chart.run(chart.start(), hole)
    assert same(state, other)
    kept = np.arange(len(hole)) != min(at, len(block))
    for panel, wide in zip(track.panels(), holed.panels(), strict=True):
        assert panel.value.tobytes() == wide.value[kept].tobytes()
        assert panel.rules.tolist() == wide.rules[kept].tolist()
        assert np.isnan(wide.value[~kept]).all()
        assert not wide.rules[~kept].any()


@kinds
@settings(max_examples=60)
@given(block=blocks)
def test_what_is_drawn_outside_is_flagged_and_what_is_inside_is_not(kind, block):
    chart = made(kind)
    _, track = chart.run(chart.start(), block)
    for panel in track.panels():
        outside = (panel.value > panel.ucl) | (panel.value < panel.lcl)
        first = panel.rules & 1  # rule 0 of every panel is its limits
        assert (first == outside).all()
        assert ((panel.rules >> len(panel.names)) == 0).all()


@kinds
@settings(max_examples=25)
@given(block=blocks)
def test_a_state_can_be_stored_between_two_rows(kind, block):
    chart = made(kind)
    state, _ = chart.run(chart.start(), block)
    back: Any = from_plain(type(state), json.loads(json.dumps(to_plain(state))))
    assert same(back, state)
    assert same(chart.run(back, block)[1], chart.run(state, block)[1])


@kinds
def test_slots_come_out_and_go_back(kind):
    chart = made(kind)
    state, _ = chart.run(chart.start(), np.tile(CENTER + 2 * SIGMA, (5, 1)))
    index = np.array([2, 0])
    assert same(put(state, index, take(state, index)), state)
    fresh = put(state, index, take(chart.start(), index))
    assert same(take(fresh, index), take(chart.start(), index))
    assert same(take(fresh, np.array([1])), take(state, np.array([1])))


@kinds
@pytest.mark.parametrize("rows", [0, 1, 4])
def test_arrays_have_the_shape_of_the_block(kind, rows):
    one = load_chart(kind)(center=10.0, sigma=1.0)
    for chart, shape in ((made(kind), (rows, SLOTS)), (one, (rows,))):
        _, track = chart.run(chart.start(), np.zeros(shape))
        for panel in track.panels():
            for name in ("value", "center", "lcl", "ucl", "rules"):
                assert getattr(panel, name).shape == shape
            assert panel.rules.dtype == np.uint32


@kinds
def test_charts_and_states_are_values(kind):
    chart = made(kind)
    for value in (chart, chart.start()):
        assert dataclasses.is_dataclass(value)
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(value, dataclasses.fields(value)[0].name, 0)
    for array in arrays(chart.start()):
        assert array.shape[0] == SLOTS


@kinds
def test_the_file_says_what_it_sees_shows_it_and_names_its_source(kind):
    text = sys.modules[load_chart(kind).__module__].__doc__ or ""
    assert "sees" in text.split("\n\n")[0]
    assert ">>>" in text
    assert re.search(r"\((?:[A-Z][\w&/,. -]+)(?:18|19|20)\d\d\)", text), "no citation such as (Page 1954)"


@kinds
def test_the_docs_describe_it(kind):
    parts = re.split(r"^## ", DOCS.read_text("utf-8"), flags=re.MULTILINE)
    (section,) = [part for part in parts if part.startswith(f"`{kind}`")]
    for field in dataclasses.fields(load_chart(kind)):
        name = {"weight": "lambda"}.get(field.name, field.name)
        assert f"`{name}`" in section, f"docs/reference/charts.md does not name {name} of {kind}"

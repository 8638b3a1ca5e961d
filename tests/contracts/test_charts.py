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

from gateway.plain import from_plain, to_plain
from gateway.spc import chart_kinds, load_chart, put, take
from gateway.spc.chart import WIDE
from tests.contracts.chart_samples import SLOTS, arrays, baseline, blocks, example, made, none, one, usual

DOCS = Path(__file__).parents[2] / "docs" / "reference" / "charts.md"
kinds = pytest.mark.parametrize("kind", chart_kinds())


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


@pytest.mark.long
@kinds
@settings(max_examples=24)
@given(data=st.data())
def test_a_block_and_its_rows_give_the_same_bits(kind, data):
    block = data.draw(blocks(kind))
    chart = made(kind)
    whole, track = chart.run(chart.start(), block)
    state, tracks = chart.start(), []
    for row in block:
        state, one = chart.run(state, row[None, :])
        tracks.append(one)
    assert same(whole, state)
    assert same(track, stacked(tracks))


@pytest.mark.long
@kinds
@settings(max_examples=16)
@given(data=st.data())
def test_slots_do_not_touch_each_other(kind, data):
    block = data.draw(blocks(kind))
    chart = made(kind)
    state, track = chart.run(chart.start(), block)
    for slot in range(SLOTS):
        alone = made(kind, np.array([slot]))
        its, drawn = alone.run(alone.start(), block[:, slot])
        assert same(its, take(state, np.array([slot])))
        for panel, wide in zip(drawn.panels(), track.panels(), strict=True):
            assert panel.value.tobytes() == np.ascontiguousarray(wide.value[:, slot]).tobytes()
            assert panel.rules.tolist() == wide.rules[:, slot].tolist()


@pytest.mark.long
@kinds
@settings(max_examples=16)
@given(data=st.data())
def test_run_changes_nothing_that_it_was_given(kind, data):
    block = data.draw(blocks(kind))
    chart = made(kind)
    state, _ = chart.run(chart.start(), block)
    before, given_ = copy.deepcopy(state), block.copy()
    first = chart.run(state, block)
    again = chart.run(state, block)
    assert same(state, before)
    assert block.tobytes() == given_.tobytes()
    assert same(first[0], again[0])
    assert same(first[1], again[1])


@pytest.mark.long
@kinds
@settings(max_examples=16)
@given(data=st.data(), at=st.integers(0, 14))
def test_missing_samples_leave_a_slot_alone(kind, data, at):
    block = data.draw(blocks(kind))
    chart = made(kind)
    gap = min(at, len(block))
    hole = np.concatenate([block[:gap], none(kind), block[gap:]])
    state, track = chart.run(chart.start(), block)
    other, holed = chart.run(chart.start(), hole)
    assert same(state, other)
    kept = np.arange(len(hole)) != min(at, len(block))
    for panel, wide in zip(track.panels(), holed.panels(), strict=True):
        assert panel.value.tobytes() == wide.value[kept].tobytes()
        assert panel.rules.tolist() == wide.rules[kept].tolist()
        assert np.isnan(wide.value[~kept]).all()
        assert not wide.rules[~kept].any()


@pytest.mark.long
@kinds
@settings(max_examples=24)
@given(data=st.data())
def test_what_is_drawn_outside_is_flagged_and_what_is_inside_is_not(kind, data):
    block = data.draw(blocks(kind))
    chart = made(kind)
    _, track = chart.run(chart.start(), block)
    for panel in track.panels():
        outside = (panel.value > panel.ucl) | (panel.value < panel.lcl)
        first = panel.rules & 1  # rule 0 of every panel is its limits
        assert (first == outside).all()
        assert ((panel.rules >> len(panel.names)) == 0).all()


@pytest.mark.long
@kinds
@settings(max_examples=10)
@given(data=st.data())
def test_a_state_can_be_stored_between_two_rows(kind, data):
    block = data.draw(blocks(kind))
    chart = made(kind)
    state, _ = chart.run(chart.start(), block)
    back: Any = from_plain(type(state), json.loads(json.dumps(to_plain(state))))
    assert same(back, state)
    assert same(chart.run(back, block)[1], chart.run(state, block)[1])


@kinds
def test_slots_come_out_and_go_back(kind):
    chart = made(kind)
    state, _ = chart.run(chart.start(), usual(kind, 5))
    index = np.array([2, 0])
    assert same(put(state, index, take(state, index)), state)
    fresh = put(state, index, take(chart.start(), index))
    assert same(take(fresh, index), take(chart.start(), index))
    assert same(take(fresh, np.array([1])), take(state, np.array([1])))


@kinds
@pytest.mark.parametrize("rows", [0, 1, 4])
def test_arrays_have_the_shape_of_the_block(kind, rows):
    block = usual(kind, rows)
    for chart, given_, shape in ((made(kind), block, (rows, SLOTS)), (one(kind), block[:, 0], (rows,))):
        _, track = chart.run(chart.start(), given_)
        for panel in track.panels():
            for name in ("value", "center", "lcl", "ucl", "rules"):
                assert getattr(panel, name).shape == shape
            assert panel.rules.dtype == np.uint32


@kinds
def test_standardised_samples_are_about_standard_normal_while_in_control(kind):
    chart, block = made(kind), usual(kind, 60)
    z, unit = chart.standardise(chart.start(), block)
    assert z.shape == unit.shape == (60, SLOTS)
    there = ~np.isnan(z)
    assert there.sum() > 0.8 * z.size  # a self-starting chart has none for its first samples
    assert abs(np.mean(z[there])) < 0.5
    assert 0.5 < np.std(z[there]) < 2.0


@kinds
def test_phase_1_learns_what_it_says_and_keeps_what_is_known(kind):
    cls = load_chart(kind)
    samples = baseline(cls.TAKES, 1)
    known = {name: np.asarray(value) for name, value in example(kind).items()}
    found = cls.learn(samples, known)
    shapes = cls.learnt(samples.shape[1] if cls.TAKES in WIDE else 1)
    assert {name: np.shape(value) for name, value in found.items()} == dict(shapes)
    for name, value in found.items():
        again = cls.learn(samples, {**known, name: np.asarray(value) * 2})
        assert np.array_equal(again[name], np.asarray(value) * 2)


@kinds
def test_phase_1_refuses_samples_that_cannot_tell(kind):
    cls = load_chart(kind)
    known = {name: np.asarray(value) for name, value in example(kind).items()}
    constant = np.zeros_like(baseline(cls.TAKES, 0))
    if cls.learnt(3):  # a self-starting chart learns nothing
        with pytest.raises(ValueError, match=r"\w+ \w+"):
            cls.learn(constant, known)


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

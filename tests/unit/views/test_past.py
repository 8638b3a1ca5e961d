"""A chart of the past is what the fold drew: the same samples, lines and rules, and what it has forgotten since."""

from __future__ import annotations

import numpy as np
import pytest

from gateway.model import Noted, Reading
from gateway.site import Sampling
from gateway.views.past import key_at, past, seq_at
from tests.unit.fold.line import CELL, WALL_NS, S, acknowledge, at, characteristic, point, reading, site
from tests.unit.views.plant import kept

EVER = (WALL_NS - S, WALL_NS + 10_000_000 * S)
POINTS = tuple(point(name, "float64") for name in ("x", "y", "n"))


def readings(rows, first=1):
    """Numbers of a second each, with the words that a device would have sent."""
    made = []
    for second, row in enumerate(rows, first):
        raw = np.concatenate([np.asarray([value], ">f8").view(">u2").astype(np.uint16) for value in row])
        made.append(reading(second, *row, raw=raw))
    return made


def noise(count, seed=1):
    """Two tags without anything strange in them, and a size."""
    rng = np.random.default_rng(seed)
    calm = np.clip(rng.standard_normal((2, count)), -2, 2)
    return np.column_stack([50 + calm[0], 20 + calm[1], np.full(count, 200.0)])


KINDS = {
    "imr": characteristic("x", "x", params={"baseline": 40}, rules=("WE1",)),
    "ewma": characteristic("x", "x", "ewma"),
    "cusum": characteristic("x", "x", "cusum"),
    "xbar-r": characteristic(
        "x", "x", "xbar-r", params={"baseline": 8}, rules=("WE1",), sampling=Sampling(size=4)
    ),
    "t2": characteristic("x", "x", "t2", params={"baseline": 30}, tags=(f"{CELL}/y",)),
    "p": characteristic("x", "x", "p", params={"center": 0.25}, tags=(f"{CELL}/n",)),
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_remembered_is_the_same_to_the_last_bit(tmp_path, kind):
    rows = np.round(noise(100)) if kind == "p" else noise(100)
    fold, reader, events = kept(tmp_path, site(POINTS, [KINDS[kind]]), readings(rows))
    (live,) = fold.drawn("x")
    with reader:
        found = past(reader, "x", "", EVER)
    assert found is not None
    many = len(live.times)
    assert many >= 15
    assert found.times[-many:].tolist() == live.times.tolist()
    assert np.array_equal(found.samples[-many:], live.samples, equal_nan=True)
    assert [panel.name for panel in found.panels] == [panel.name for panel in live.panels]
    for old, new in zip(found.panels, live.panels, strict=True):
        for name in ("value", "center", "lcl", "ucl", "rules"):
            mine, its = getattr(old, name)[-many:], getattr(new, name)
            if kind not in (
                "imr",
                "t2",
                "xbar-r",
            ):  # phase I is drawn by its own limits: runs go on into phase II
                assert np.array_equal(mine, its, equal_nan=True), name
            elif name in ("center", "lcl", "ucl"):
                assert np.allclose(mine, its, equal_nan=True, rtol=1e-12), name
    frozen = [each for each in events if isinstance(each, Noted) and each.kind == "limits_frozen"]
    assert found.learnt_ns == (frozen[0].time_ns if frozen else 0)
    if frozen:
        assert len(found.times) == many + int(float(str(frozen[0].facts["samples"])))


def test_what_a_chart_forgot_when_somebody_answered_is_still_drawn(tmp_path):
    rows = noise(60)
    rows[30:, 0] += 8
    row = characteristic("x", "x", rules=("WE1",))
    line = site(POINTS, [row])
    made = readings(rows)
    fold, reader, events = kept(tmp_path / "first", line, made)
    reader.close()
    alarm = next(each for each in events if hasattr(each, "alarm"))
    made.insert(40, acknowledge(40.5, alarm.alarm))
    fold, reader, _ = kept(tmp_path / "second", line, made)
    (live,) = fold.drawn("x")
    assert len(live.times) == 20
    with reader:
        found = past(reader, "x", "", EVER)
        some = past(reader, "x", "", (at(10).time_ns, at(20).time_ns))
    assert found is not None
    assert found.times.tolist() == [at(second).time_ns for second in range(1, 61)]
    assert found.panels[0].value.tolist() == rows[:, 0].tolist()
    assert np.flatnonzero(found.panels[0].rules).tolist() == list(range(30, 60))
    assert some is not None
    assert some.times.tolist() == [at(second).time_ns for second in range(10, 20)]


def test_a_key_that_changes_is_a_changeover(tmp_path):
    rows = noise(40)
    rows[:, 1] = 1
    rows[15:25, 1] = 2
    row = characteristic("x", "x", key=("y",))
    _, reader, _ = kept(tmp_path, site(POINTS, [row]), readings(rows))
    with reader:
        found = past(reader, "x", "1", EVER)
        assert past(reader, "nobody", "", EVER) is None
        assert [key_at(reader, "x", at(second).time_ns) for second in (0, 10, 20, 41)] == ["", "1", "2", "1"]
        first = seq_at(reader, at(10).time_ns)
        (given,) = reader.inputs(first, first)
        assert isinstance(given.input, Reading)
        assert given.input.at.time_ns == at(10).time_ns
    assert found is not None
    assert [key for _, key in found.changeovers] == ["2", "1"]
    assert found.times.tolist() == [at(second).time_ns for second in (*range(1, 16), *range(26, 41))]

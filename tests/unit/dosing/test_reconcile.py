"""Which fault explains several balances: the printed example of reconciliation, and each fault by itself."""

from __future__ import annotations

import numpy as np
import pytest

from gateway.dosing.reconcile import Network, Stream, adjusted, explain

LINE = Network(
    ("silo", "bin", "hopper", "scrap"),
    (
        Stream("delivery", "", "silo", "weighbridge"),
        Stream("virgin", "silo", "hopper", "blender"),
        Stream("regrind", "bin", "hopper", "blender"),
        Stream("parts", "hopper", "", "press"),
        Stream("rest", "hopper", "scrap", "press"),
        Stream("ground", "scrap", "bin", "belt"),
    ),
    {"weighbridge": 5e-4, "blender": 5e-4, "press": 5e-4, "belt": 5e-4},
)
WEEK = np.array([7500.0, 7500.0, 2500.0, 7500.0, 2500.0, 2500.0])
COUNTS = 0.002 * np.array([7500.0, 2500.0, 10_000.0, 2500.0])


def test_adjusted_flows_are_those_of_the_textbook() -> None:
    """S. Narasimhan, C. Jordache, Data Reconciliation and Gross Error Detection (2000), example 1-1: a heat exchanger
    with bypass, six flows, four nodes, one variance.
    """
    incidence = np.array(
        [
            [1.0, -1.0, -1.0, 0.0, 0.0, 0.0],
            [0.0, 1.0, 0.0, -1.0, 0.0, 0.0],
            [0.0, 0.0, 1.0, 0.0, -1.0, 0.0],
            [0.0, 0.0, 0.0, 1.0, 1.0, -1.0],
        ]
    )
    measured = np.array([101.91, 64.45, 34.65, 64.20, 36.44, 98.88])
    found = adjusted(incidence, measured, np.ones(6))
    assert found.round(2).tolist() == [100.22, 64.50, 35.72, 64.50, 35.72, 100.22]


def scale(name: str, periods: int) -> np.ndarray:
    """Residuals where that scale gains 0.5 % a period."""
    mine = np.array([stream.scale == name for stream in LINE.streams]) * WEEK
    return np.outer(0.005 * (np.arange(periods) + 0.5), LINE.incidence() @ mine)


@pytest.mark.parametrize("name", ["blender", "press"])
def test_a_scale_that_drifts_is_named_with_its_rate(name: str) -> None:
    said = explain(LINE, scale(name, 4), np.tile(WEEK, (4, 1)), COUNTS)
    assert (said.kind, said.about, said.since, said.sure) == ("scale", (name,), 0, True)
    assert said.size == pytest.approx(0.005, rel=1e-6)


@pytest.mark.parametrize("pair", [("bin", "hopper"), ("hopper", "bin"), ("", "hopper"), ("bin", "")])
def test_a_diversion_is_named_with_its_kilograms_and_its_way(pair: tuple[str, str]) -> None:
    residuals = np.zeros((6, 4))
    for place, sign in zip(pair, (1.0, -1.0), strict=True):
        if place:
            residuals[2:, LINE.stores.index(place)] += sign * 100.0
    said = explain(LINE, residuals, np.tile(WEEK, (6, 1)), COUNTS)
    assert (said.kind, said.about, said.since, said.sure) == ("diversion", pair, 2, True)
    assert said.size == pytest.approx(100.0, rel=1e-6)


def test_what_cannot_be_told_apart_is_said() -> None:
    """A step of one period: nobody knows yet whether the weighbridge drifts or silo resin is sold."""
    residuals = np.array([[90.0, 0.0, 0.0, 0.0]])
    said = explain(LINE, residuals, WEEK[None], COUNTS)
    assert {(said.kind, *said.about), *said.also} == {("diversion", "silo", ""), ("scale", "weighbridge")}


def test_nothing_wrong_is_nothing_to_explain() -> None:
    said = explain(LINE, np.zeros((3, 4)), np.tile(WEEK, (3, 1)), COUNTS)
    assert (said.kind, said.sure) == ("", False)


def test_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\[periods, stores\]"):
        explain(LINE, np.zeros((3, 3)), np.tile(WEEK, (3, 1)), COUNTS)

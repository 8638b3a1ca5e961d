"""Setpoints of recipes with regrind, against the example printed in OPC 40082-4."""

from __future__ import annotations

import pytest

from gateway.dosing.recipe import Part, doses, inside

NATURAL = Part("natural", "main")


def opc_example() -> tuple[Part, ...]:
    """OPC 40082-4 v1.0 (2026-07-01), 13.2: additive A 9 %, additive B 10 %, regrind 25 %."""
    return (
        NATURAL,
        Part("a", "additive", 9.0),
        Part("b", "additive", 10.0),
        Part("mill", "regrind", 25.0),
    )


def test_closed_loop_doses_what_opc_40082_4_prints() -> None:
    dosed = doses(opc_example(), "closed")
    assert dosed["a"] == 6.75  # 9 % x 75 % = 6,75 %, the specification's own number
    assert inside(opc_example())["a"] == 2.25  # "2,25 % in total" of it come from the regrind
    assert dosed == {"natural": 60.75, "a": 6.75, "b": 7.5, "mill": 25.0}


def test_open_loop_regrind_is_a_component_like_another() -> None:
    assert doses(opc_example(), "open") == {"natural": 56.0, "a": 9.0, "b": 10.0, "mill": 25.0}


@pytest.mark.parametrize("loop", ["closed", "open"])
def test_a_batch_is_whole(loop: str) -> None:
    assert sum(doses(opc_example(), loop).values()) == pytest.approx(100.0)


def test_without_regrind_both_loops_are_the_same() -> None:
    parts = (NATURAL, Part("a", "additive", 9.0))
    assert doses(parts, "closed") == doses(parts, "open") == {"natural": 91.0, "a": 9.0}


def test_colour_set_per_hundred_of_main_material_is_by_itself_a_closed_loop() -> None:
    """4 % of the natural, 20 % regrind: what is left, 80, is natural and 0.04 times it."""
    dosed = doses((NATURAL, Part("colour", "additive", 4.0, "main"), Part("mill", "regrind", 20.0)), "open")
    assert dosed["natural"] == pytest.approx(80.0 / 1.04)
    assert dosed["colour"] == pytest.approx(0.04 * dosed["natural"])


def test_a_closed_loop_settles_at_the_recipe() -> None:
    """Regrind of what was moulded, ground and dosed again: the product has 9 % of A, pass after pass."""
    dosed, share = doses(opc_example(), "closed"), 0.09
    for _ in range(5):
        share = dosed["a"] / 100 + dosed["mill"] / 100 * share
        assert share == pytest.approx(0.09)


@pytest.mark.parametrize(
    ("parts", "loop", "why"),
    [
        ((NATURAL, Part("a", "additive", 80.0), Part("mill", "regrind", 30.0)), "open", "more than a batch"),
        ((NATURAL, NATURAL), "open", "one main material"),
        ((Part("a", "additive", 80.0),), "open", "one main material"),
        ((NATURAL,), "half", "closed"),
        ((NATURAL, Part("a", "colour", 3.0)), "open", "neither"),
        ((NATURAL, Part("a", "additive", float("nan"))), "open", "no share"),
        ((NATURAL, Part("a", "additive", -1.0)), "open", "no share"),
    ],
)
def test_what_is_no_recipe_is_refused(parts: tuple[Part, ...], loop: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        doses(parts, loop)

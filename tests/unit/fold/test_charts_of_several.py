"""Charts of several tags, of short runs and of new recipes, live: phase I if there is one, then a signal."""

from __future__ import annotations

import re

import numpy as np
import pytest

from gateway.model import Signal
from gateway.plan.methods import methods
from tests.unit.fold.line import CELL, Run, characteristic, kinds, point, reading, site

T0 = 100


def signals(events) -> list[Signal]:
    return [event for event in events if isinstance(event, Signal)]


@pytest.mark.parametrize(
    ("kind", "rule"), [("t2", "T2"), ("mewma", "MEWMA"), ("pca", "SPE"), ("group", "GROUP")]
)
def test_two_tags_that_part_are_a_signal(kind, rule):
    row = characteristic("c", "x", kind, params={"baseline": 40}, tags=(f"{CELL}/y",))
    run = Run(site([point("x"), point("y")], [row]))
    a, b = np.random.default_rng(1).standard_normal((2, 40))
    run(*(reading(1 + t, *pair) for t, pair in enumerate(zip(50 + a, 20 + 0.95 * a + 0.31 * b, strict=True))))
    assert kinds(run.events) == ["limits_frozen"]
    assert signals(run(reading(T0, 51.0, 21.0))) == []
    found = signals(run(*(reading(T0 + t, 54.5, 16.5) for t in range(1, 4))))
    assert rule in found[0].rules
    assert found[0].change is not None


@pytest.mark.parametrize("kind", ["imr", "cusum", "short-run", "residual", "t2", "mewma", "pca", "group"])
def test_a_baseline_beyond_all_reason_is_waited_out(kind):
    tags = (f"{CELL}/y",) if kind in {"t2", "mewma", "pca", "group"} else ()
    row = characteristic("c", "x", kind, params={"baseline": 20}, tags=tags)
    run = Run(site([point("x"), point("y")], [row]))
    a, b = np.random.default_rng(1).standard_normal((2, 30))
    a[:4] = [1.7e308, -1.7e308, 1.7e308, 1.7e308]
    run(*(reading(1 + t, *pair) for t, pair in enumerate(zip(a, b, strict=True))))
    assert kinds(run.events)[0] == "limits_frozen"
    assert not {"inf", "nan"} & set(re.findall(r"\w+", str(run.events[0])))


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # numpy's, of what overflows
@pytest.mark.parametrize(
    "kind", sorted(set(methods()) - {"p", "np", "u", "laney-p", "laney-u", "xbar-r", "xbar-s"})
)
def test_whatever_the_bits_of_a_register_say_the_fold_goes_on(kind):
    """A float64 with its words swapped is any number at all, near the largest or the least there are."""
    tags = (f"{CELL}/y",) if kind in {"t2", "mewma", "pca", "group"} else ()
    rng = np.random.default_rng(3)
    numbers = rng.integers(0, 2**64, size=(80, 2), dtype=np.uint64).view(np.float64)
    numbers = np.where(np.isfinite(numbers) & (rng.random((80, 2)) < 0.3), numbers, rng.poisson(9, (80, 2)))
    run = Run(
        site([point("x"), point("y")], [characteristic("c", "x", kind, params={"baseline": 20}, tags=tags)])
    )
    run(*(reading(1 + t, *pair) for t, pair in enumerate(numbers.tolist())))
    assert not {"inf", "nan"} & {
        word
        for each in run.events
        if "limits_frozen" in kinds([each])
        for word in re.findall(r"\w+", str(each))
    }


@pytest.mark.parametrize(("kind", "phase_1"), [("short-run", True), ("self-starting-cusum", False)])
def test_two_recipes_made_in_turn_are_each_their_own_process(kind, phase_1):
    row = characteristic("c", "x", kind, params={"baseline": 20}, key=("recipe",))
    run = Run(site([point("x"), point("recipe", "uint16")], [row]))
    noise = np.random.default_rng(2).standard_normal(60)
    made = [reading(1 + t, 50 * (1 + t % 2) + float(noise[t]), 1 + t % 2) for t in range(40)]
    assert kinds(run(*made)) == ["limits_frozen"] * 2 * phase_1
    found = signals(run(*(reading(T0 + t, 104.0 + float(noise[40 + t]), 2) for t in range(10))))
    assert found[0].key == "2"
    assert found[0].change is not None
    assert found[0].change.direction == "up"

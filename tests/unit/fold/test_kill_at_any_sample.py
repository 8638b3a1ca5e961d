"""Killed at any sample and restored from its snapshot, the fold tells the same, whatever chart is live."""

from __future__ import annotations

import json

import numpy as np
import pytest

from gateway.fold import pack_state, unpack_state
from gateway.model import Input, Signal
from gateway.plain import to_plain
from gateway.site import Sampling, Site
from gateway.spc import chart_kinds, load_chart
from tests.unit.fold.line import (
    CELL,
    Run,
    acknowledge,
    characteristic,
    point,
    reading,
    site,
    start,
)

ROWS = 90  # shifted from two thirds on, and a changeover in between


def made(kind: str) -> Site:
    """One characteristic of that kind, keyed, its phase I within the run."""
    takes = load_chart(kind).TAKES
    tags = (f"{CELL}/y",) if takes in ("vector", "count_size") else ()
    sampling = Sampling(size=2) if takes == "subgroup" else Sampling()
    params = {"baseline": 24 if takes != "subgroup" else 10}
    row = characteristic("c", "x", kind, params=params, tags=tags, sampling=sampling, key=("recipe",))
    return site([point("x"), point("y"), point("recipe", "uint16")], [row])


def lived(kind: str) -> list[Input]:
    rng = np.random.default_rng(len(kind))
    takes = load_chart(kind).TAKES
    inputs: list[Input] = [start(0)]
    for t in range(1, ROWS + 1):
        recipe, shift = 1 + (30 <= t < 38), t > 2 * ROWS // 3
        x, y = 50.0 + 4.0 * shift + rng.standard_normal(), 20.0 + rng.standard_normal()
        if takes in ("count", "count_size"):
            x, y = float(rng.poisson(40 if shift else 8)), 200.0
        if kind == "t":
            x = float(rng.exponential(1e6 if shift else 1e3))
        inputs.append(reading(t, x, y, recipe))
        if t == 3 * ROWS // 4:
            inputs.append(acknowledge(t + 0.5, "the first"))
    return inputs


def folded(run: Run, inputs: list[Input]) -> list[str]:
    told = []
    for each in inputs:
        given = each
        if not hasattr(each, "values") and hasattr(each, "operator") and run.state.alarms:
            given = acknowledge(each.at.boottime_ns / 1e9, next(iter(run.state.alarms.values())).id)
        told.append(json.dumps(to_plain(run(given))))
    return told


@pytest.mark.long
@pytest.mark.parametrize("kind", chart_kinds())
def test_a_kill_at_any_sample_changes_no_event(kind):
    inputs, whole = lived(kind), Run(made(kind), started=False)
    told = folded(whole, inputs)
    assert any(isinstance(event, Signal) for event in whole.events), "nothing to lose"
    again, at, rng = Run(whole.pipeline, started=False), 0, np.random.default_rng(7)
    for cut in [*np.sort(rng.choice(np.arange(1, len(inputs)), 5, replace=False)).tolist(), len(inputs)]:
        assert folded(again, inputs[at:cut]) == told[at:cut]
        again, state = Run(whole.pipeline, started=False), again.state
        again.state, at = unpack_state(pack_state(state)), cut
    assert pack_state(again.state) == pack_state(whole.state)

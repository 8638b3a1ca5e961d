"""A day on which nothing is planted is quiet, as far as the demo's plan can tell, whatever the seed."""

import numpy as np
import pytest

from gateway.config import load
from gateway.config.limits import solved
from gateway.model import Event, Noted, Signal
from gateway.pipeline import Pipeline
from gateway.resources import config_dir
from simulators.plant.line import Plant
from simulators.quiet import first_signal, read, series, signals
from simulators.virtual import readings

SITE = solved(load(config_dir() / "demo" / "site.yaml"))


@pytest.mark.long
@pytest.mark.parametrize("seed", range(1, 13))
def test_any_day_is_quiet(seed):
    assert signals(seed, SITE, 60) == []


def test_series_are_sampled_as_the_plan_says():
    values = series(1, SITE, 12)
    assert {name: len(sampled) for name, sampled in values.items()} == {
        "regrind_share_ewma": 6,
        "dryer_temperature": 12,
        "press1_cushion": 12,
        "press1_part_weight": 12,
        "press2_cushion": 10,
        "press2_part_weight": 10,
    }


@pytest.mark.parametrize("row", read(SITE), ids=lambda row: row.id)
def test_a_shift_as_planted_is_seen(row):
    sampled = np.array(series(1, SITE, 40)[row.id])
    assert first_signal(row, sampled + 5 * float(row.params["sigma"])) is not None


@pytest.mark.long
def test_ten_minutes_in_virtual_time_through_the_whole_fold_is_quiet():
    pipeline = Pipeline(SITE)
    state, told = pipeline.start(), list[Event]()
    for given in readings(Plant(3), SITE, 600):
        step = pipeline.step(state, given)
        state = step.state
        told += step.events
    assert [event for event in told if isinstance(event, Signal)] == []
    assert [event for event in told if isinstance(event, Noted) and event.kind == "anomaly"] == []
    detecting = state.groups["dryer2/normal"].detecting
    assert detecting is not None
    assert detecting.parts[0].watcher.rows == 600
    assert (
        sum(bank.memory.charted.sum() for group in state.groups.values() for bank in group.charting.banks)
        > 3_000
    )

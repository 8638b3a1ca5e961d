"""The demo's own day is quiet, as far as its plan's charts can tell; an ordinary one is not."""

import numpy as np
import pytest

from gateway.config import load
from gateway.resources import config_dir
from simulators.quiet import first_signal, series, signals

SITE = load(config_dir() / "demo" / "site.yaml")


def test_the_demos_day_is_quiet_for_four_minutes():
    # If the plan or the physics changed, another DAY in simulators/plant/machine.py may be needed.
    assert signals(1, SITE, 240) == []


def test_an_ordinary_day_is_not():
    # 4 charts with run rules, 220 shots: a false alarm every 92 to 225 samples of each (Champ and Woodall 1987)
    assert any(signals(seed, SITE, 60) for seed in (2, 3, 4))


def test_series_are_sampled_as_the_plan_says():
    values = series(1, SITE, 12)
    assert {name: len(sampled) for name, sampled in values.items()} == {
        "regrind_share_ewma": 6,
        "regrind_share_cusum": 6,
        "dryer_temperature": 12,
        "press1_cushion": 12,
        "press1_part_weight": 12,
        "press2_cushion": 10,
        "press2_part_weight": 10,
    }


@pytest.mark.parametrize("row", SITE.characteristics, ids=lambda row: row.id)
def test_a_shift_as_planted_is_seen(row):
    sampled = np.array(series(1, SITE, 40)[row.id])
    assert first_signal(row, sampled + 5 * float(row.params["sigma"])) is not None

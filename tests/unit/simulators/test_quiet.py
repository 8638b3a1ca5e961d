"""A day on which nothing is planted is quiet, as far as the demo's plan can tell, whatever the seed."""

import numpy as np
import pytest

from gateway.config import load
from gateway.config.limits import solved
from gateway.resources import config_dir
from simulators.quiet import first_signal, series, signals

SITE = solved(load(config_dir() / "demo" / "site.yaml"))


@pytest.mark.parametrize("seed", range(1, 13))
def test_any_day_is_quiet(seed):
    assert signals(seed, SITE, 60) == []


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

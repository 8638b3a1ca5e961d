"""Short runs against Montgomery's table, and as the chart of individuals that they are."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from gateway.spc.imr import Imr
from gateway.spc.short_run import ShortRun
from gateway.stats.constants import d2

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "spc" / "multivariate.json").read_text("utf-8"))


def run(chart, x):
    return chart.run(chart.start(), np.array(x, dtype=np.float64))[1]


def test_montgomery_s_two_parts():
    given = VECTORS["montgomery_10_1"]
    means, nominal = np.mean(given["x"], axis=1), np.array(given["nominal"])
    parts = np.where(nominal[:, None] == [50, 25], means[:, None], np.nan)  # a slot for each part
    off = means - nominal
    sigma = given["mean_range"] / d2(3) / np.sqrt(3)
    track = run(ShortRun(np.array([50.0, 25.0]), sigma, center=off.mean()), parts)
    assert np.nansum(track.value, axis=1) == pytest.approx(given["deviations"], abs=0.005)
    assert track.ucl == pytest.approx(np.full((10, 2), given["ucl"]), abs=0.005)
    assert track.lcl == pytest.approx(np.full((10, 2), given["lcl"]), abs=0.01)  # printed 0.17 - 2.76
    assert not track.rules.any()


def test_deviations_are_individuals_about_nominal():
    x = np.random.default_rng(1).standard_normal(60) + 0.5
    track, plain = run(ShortRun(50.0, 1.0), 50 + x), run(Imr(0.0, 1.0), (50 + x) - 50.0)
    for panel, other in zip(track.panels(), plain.panels(), strict=True):
        assert panel.value.tobytes() == other.value.tobytes()
        assert panel.rules.tolist() == other.rules.tolist()


def test_standardised_parts_share_limits_of_three():
    chart = ShortRun(np.array([50.0, 25.0]), np.array([2.0, 0.1]), scale="standardised")
    track = run(chart, [[56.2, 24.95], [50.0, 25.2]])
    assert track.value == pytest.approx(np.array([[3.1, -0.5], [0.0, 2.0]]))
    assert track.ucl.tolist() == [[3.0, 3.0]] * 2
    assert track.second.value[1] == pytest.approx([3.1, 2.5])
    assert track.second.ucl[1] == pytest.approx([3.686, 3.686], abs=5e-4)  # D2 of ranges of two
    assert track.rules[:, 0].tolist() == [1, 0]


def test_what_is_standardised_is_the_deviation_from_nominal_and_center():
    chart = ShortRun(50.0, 2.0, center=1.0)
    z, unit = chart.standardise(chart.start(), np.array([51.0, 55.0]))
    assert z[:, 0].tolist() == [0.0, 2.0]
    assert unit[:, 0].tolist() == [2.0, 2.0]


def test_phase_1_takes_the_nominal_that_it_is_given():
    x = np.array([50.2, 50.6, 50.1, 50.7])
    found = ShortRun.learn(x, {"nominal": np.asarray(50.0)})
    assert (float(found["nominal"]), float(found["center"])) == pytest.approx((50.0, 0.4))
    assert float(found["sigma"]) == pytest.approx((0.4 + 0.5 + 0.6) / 3 / 1.128, rel=1e-3)
    alone = ShortRun.learn(x, {})
    assert (float(alone["nominal"]), float(alone["center"])) == pytest.approx((50.4, 0.0))
    aimed = ShortRun.learn(x, {"center": np.asarray(0.1), "sigma": np.asarray(2.0)})
    assert [float(aimed[name]) for name in ("nominal", "center", "sigma")] == pytest.approx([50.3, 0.1, 2.0])


@pytest.mark.parametrize(
    ("settings", "says"),
    [({"scale": "z"}, "scale z is not one of deviation, standardised"), ({"rules": ("WE9",)}, "WE9")],
)
def test_settings_that_make_no_sense_are_refused(settings, says):
    with pytest.raises(ValueError, match=says):
        ShortRun(50.0, 1.0, **settings)


def test_a_baseline_that_does_not_vary_is_refused():
    with pytest.raises(ValueError, match="do not vary"):
        ShortRun.learn(np.full(9, 50.0), {"nominal": np.asarray(50.0)})

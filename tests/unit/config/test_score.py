"""Stores, reward, drivers, machines and steps in a site file: the rows they become, each mistake at its place."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from gateway.config import ConfigErrors, load
from gateway.resources import config_dir
from gateway.site.score import Band, BoardStep, Driver, Machine, Reward, Score, Store

GOOD = """
score:
  stores:
  - {name: virgin, material: PP-H 4711, vessels: [silo, dryer, virgin_hopper]}
  calibration: 0.1
  reward:
    component: regrind
    currency: EUR
    bands: [{place: 2, pay: 50}, {place: 1, pay: 100, within: 0.5}]
  drivers:
  - {number: rty, goal: 94, owner: quality}
  - {number: otd, goal: 98}
  - {number: ratio_mae, goal: 0.5}
  machines:
  - {name: press1, cell: moulding/line1/press1, state: moulding/line1/press1/state, run: [2], idle: [0], down: [3],
     meter: press1_shots, cycle: 10s}
  steps:
  - {name: moulding, cells: [moulding/line1/press1, moulding/line1/press2], most: 4}
  - {name: packing, cells: [moulding/line1/packing]}
"""


def site(folder: Path, text: str) -> Path:
    shutil.copytree(config_dir() / "demo", folder / "site")
    path = folder / "site" / "site.yaml"
    own = path.read_text("utf-8")
    for section in ("teams", "score"):  # the demo's, with the lines below them
        own = re.sub(rf"^{section}:.*\n([ -].*\n)+", "", own, flags=re.MULTILINE)
    path.write_text(own + text, "utf-8")
    return path


def test_rows(tmp_path: Path) -> None:
    found = load(site(tmp_path, GOOD)).score
    press1, press2 = "moulding/line1/press1", "moulding/line1/press2"
    assert found == Score(
        (Store("virgin", "PP-H 4711", "moulding/line1", ("silo", "dryer", "virgin_hopper")),), 0.001, 0.05,
        Reward("line", "regrind", 200, "EUR", (Band(1, 100.0, 0.5), Band(2, 50.0))),
        (Driver("rty", 94.0, "quality"), Driver("otd", 98.0), Driver("ratio_mae", 0.5)),
        (
            Machine(
                "press1", press1, f"{press1}/state", ("2",), ("0",), ("3",), "press1_shots", 10_000_000_000
            ),
        ),
        (BoardStep("moulding", (press1, press2), 4), BoardStep("packing", ("moulding/line1/packing",))),
    )  # fmt: skip


def test_a_site_that_says_nothing_has_the_rewards_of_the_first_three(tmp_path: Path) -> None:
    found = load(site(tmp_path, ""))
    assert found.score == Score()
    assert [(band.place, band.pay) for band in found.score.reward.bands] == [
        (1, 800.0),
        (2, 500.0),
        (3, 300.0),
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("virgin_hopper]", "virgin_hoper]", 'did you mean "virgin_hopper"?'),
        ("[silo, dryer", "[silo, silo", "silo is in store virgin already"),
        ("place: 2", "place: 1", "place 1 is here twice"),
        ("component: regrind", "by: team", 'the site names no "teams"'),
        ("number: otd", "number: rty", '"rty" is here twice'),
        ("number: otd", "number: otif", "is not a number of the scorecard"),
        ("state: moulding/line1/press1/state", "state: moulding/line1/press1/stat", "is not a tag of this site"),
        ("idle: [0]", "idle: [2]", 'state "2" is here twice'),
        ("meter: press1_shots", "meter: blender", 'is not a meter of kind "shots"'),
        ("meter: press1_shots, cycle", "cycle", "needs a meter that counts shots"),
        ("[moulding/line1/packing]", "[moulding/line1/press1]", "is in step moulding already"),
    ],
)  # fmt: skip
def test_mistakes(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in GOOD
    with pytest.raises(ConfigErrors) as caught:
        load(site(tmp_path, GOOD.replace(old, new)))
    assert [each for each in caught.value.problems if said in str(each)], caught.value.problems

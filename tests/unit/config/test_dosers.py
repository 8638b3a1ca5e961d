"""Dosers in a site file: the rows they become, the tags they derive, and each mistake at its place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway.config import ConfigErrors, load, read
from gateway.resources import config_dir
from gateway.site import Component, Doser, Metered
from tests.unit.dosing.conftest import SITE, written

WRONG = {  # in the doser: what is there, what stands there instead, what is said of it
    "cycles: m/l1/blending/cycles": ("cycles: m/l1/blending/natural", "is not a count"),
    "recipe: m/l1/blending/recipe": ("recipe: m/l1/blending/recipes", 'did you mean "m/l1/blending/recipe"'),
    "loop: closed": ("loop: close", '"close" is not a loop; did you mean "closed"?'),
    "setpoints: recipe": ("setpoints: recipes", 'did you mean "recipe"?'),
    "kind: main, tag": ("tag", "no component is the main one: what is left of a recipe is not known"),
    "name: a, tag": ("name: a, kind: main, tag", "one component is the main one"),
    "name: b, tag": ("name: a, tag", '"a" is here twice'),
    "name: mill, kind": ("name: batch, kind", "batch is all of them together"),
    "kind: regrind, ": ("", "a closed loop is of regrind: no component is"),
    "tag: m/l1/blending/b,": ("tag: m/l1/blending/recipe,", "is no mass: it has no uom"),
    "tag: m/l1/blending/a,": ("tag: m/l1/blending/level,", "is read with blender1/slow, m/l1/blending/cycles with"),
    "setpoint: m/l1/blending/a_set": ("setpoint: m/l1/blending/level", "has kg: a setpoint is in %"),
    "percent: 10": ("percent: 10, setpoint: m/l1/blending/a_set", "there is a setpoint already"),
    "percent: 25, ": ("", '"setpoint" is missing: a tag, or percent'),
    "percent: 25": ("percent: 125", "125 is out of range: 0 to 100"),
    "mark: starved": ("mark: hungry", '"hungry" is not a mark'),
    "lots_at: [m/l1/press1]": ("lots_at: [m/l1/press2]", '"m/l1/press2" is not a cell of this site'),
    "name: counter": ("name: bin", '"bin" is here twice'),
    "{name: bin, in": ("{name: bin, component: mil, in", '"mil" is not a component here; did you mean "mill"?'),
    "level_sigma: 0.2": ("level_sigma: 0", "0 must be greater than 0"),
    ", level_sigma: 0.2": ("", '"level_sigma" is missing'),
    "in: [{tag: m/l1/blending/mill_total, error: 0.05}]": ("component: mill", '"in" is missing: what came in'),
    "tag: m/l1/blending/mill_total": ("tag: m/l1/blending/cycles", "cycles is no mass: it has no uom"),
    "tag: m/l1/blending/mill_total,": (
        "tag: m/l1/blending/cycles, each: m/l1/blending/mill, each_kg: 2,",
        "there is each already: one of the two",
    ),
    "window: 10min": ("window: week", '"week" is not a window: shift, day, lot, or a duration such as 10min'),
    "window: 10min ": ("window: lot ", '"lots_per_year" is missing: the budget of false alarms needs it'),
    "false_alarms_per_year: 10": ("lots_per_year: 10", "is of `window: lot`"),
    "- name: mix": ("- name: Mix", '"Mix" is not a name'),
}  # fmt: skip


@pytest.mark.parametrize("old", WRONG)
def test_each_mistake_is_said_at_its_place(old: str, tmp_path: Path) -> None:
    new, said = WRONG[old]
    site = SITE.replace("window: 10min", "window: 10min ") if old.endswith("min ") else SITE
    assert site.count(old) >= 1
    with pytest.raises(ConfigErrors) as caught:
        load(written(tmp_path, site.replace(old, new, 1)))
    told = [str(problem) for problem in caught.value.problems]
    assert any(said in text for text in told), told
    assert re.search(r"site\.yaml:\d+:\d+: dosers", str(caught.value))


def test_a_derived_tag_that_is_taken_is_said(tmp_path: Path) -> None:
    twice = SITE.replace(
        "- {name: a, tag", "- {name: c_ratio, tag: m/l1/blending/b, percent: 1}\n  - {name: a, tag"
    )
    again = twice + SITE.split("dosers:\n")[1].replace("- name: mix", "- name: mix2")
    with pytest.raises(
        ConfigErrors, match=r"derives m/l1/blending/natural_ratio, which is a tag of mix/ratio already"
    ):
        load(written(tmp_path, again))


def test_components_of_more_than_a_batch_are_said(tmp_path: Path) -> None:
    more = SITE.replace("setpoints: recipe", "setpoints: doses").replace("percent: 10", "percent: 90")
    with pytest.raises(ConfigErrors, match="are 115 % of the batch together"):
        load(written(tmp_path, more))


def test_meters_without_any_error_are_doubted(tmp_path: Path) -> None:
    sure = SITE.replace(", error: 0.05", "").replace("  error: 0.05\n", "")
    [told] = [str(each) for each in read(written(tmp_path, sure)).warnings]
    assert "no meter has an `error`" in told


def test_the_rows(tmp_path: Path) -> None:
    [doser] = load(written(tmp_path)).dosers
    assert (doser.name, doser.cell, doser.loop, doser.setpoints) == (
        "mix",
        "m/l1/blending",
        "closed",
        "recipe",
    )
    assert doser.components[3] == Component(
        "mill", "regrind", "m/l1/blending/mill", "", 25.0, "batch", 0.001, 0.001
    )
    assert doser.estimates[0].came == (Metered("m/l1/blending/ground", error=0.0005),)
    assert (doser.window, doser.window_ns, doser.error) == ("", 600_000_000_000, 0.0005)
    assert doser.windows_per_year == pytest.approx(365.25 * 144)


@pytest.mark.parametrize(
    ("window", "per_year"), [("shift", 730.5), ("day", 365.25), ("lot\n  lots_per_year: 9000", 9000.0)]
)
def test_windows_of_a_year(tmp_path: Path, window: str, per_year: float) -> None:
    [doser] = load(written(tmp_path, SITE.replace("window: 10min", f"window: {window}"))).dosers
    assert doser.windows_per_year == per_year


def test_a_chart_and_a_limit_may_name_what_is_derived(tmp_path: Path) -> None:
    limit = (
        "alarm_limits:\n- {tag: m/l1/blending/ratio_error, level: HH, value: 2, reaction: stop}\n"
        "- {tag: m/l1/blending/ratio_eror, level: L, value: 2, reaction: stop}\n"
    )
    with pytest.raises(ConfigErrors) as caught:
        load(written(tmp_path, SITE + limit))
    [told] = [str(problem) for problem in caught.value.problems]
    assert 'alarm_limits[1].tag: "m/l1/blending/ratio_eror" is not a tag of this site; did you mean' in told


def test_the_demo_s_doser() -> None:
    [doser] = load(config_dir() / "demo" / "site.yaml").dosers
    assert isinstance(doser, Doser)
    assert [each.component for each in doser.estimates] == ["regrind", "batch"]

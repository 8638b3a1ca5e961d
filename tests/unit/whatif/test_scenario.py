"""Scenario files: those that ship, and what is wrong with others."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.cli import main
from gateway.config import ConfigErrors
from gateway.resources import config_dir
from gateway.whatif.scenario import AMOUNTS, read_scenario, shipped

SHIPPED = sorted(file for file in (config_dir() / "scenarios").glob("*.yaml") if file.name != "site.yaml")
HOUR_NS = 3_600_000_000_000


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_each_shipped_one_is_good_and_says_what_it_is(file: Path) -> None:
    scenario = read_scenario(file)
    assert len(scenario.about) > 100
    assert scenario.name == file.stem
    assert all(row.from_ns < scenario.days * 24 * HOUR_NS for row in scenario.disruptions)


def test_together_they_show_every_kind() -> None:
    kinds = {row.kind for file in SHIPPED for row in read_scenario(file).disruptions}
    assert kinds == set(AMOUNTS)
    assert len(SHIPPED) >= 8


@pytest.mark.parametrize("name", [file.stem for file in SHIPPED])
def test_each_is_in_the_how_to(name: str) -> None:
    assert f"`{name}`" in (Path(__file__).parents[3] / "docs" / "howto" / "what-if.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("about: x\nday: 3\n", ':2:1: day: "day" is not a key here; did you mean "days"?'),
        ("days: 3\n", '"about" is missing'),
        ("about: x\ndays: 0\n", ":2:7: days: 0 is out of range: 0.04 to 366"),
        (
            "about: x\ndisruptions:\n- {kind: powercut, from: 1h}\n",
            ':3:10: disruptions[0].kind: "powercut" is not a kind of disruption; did you mean "power_cut"?',
        ),
        (
            "about: x\ndisruptions:\n- {kind: power_cut, from: 3}\n",
            ":3:27: disruptions[0].from: 3 has no unit: write 3ms, 3s, 3min or 3h",
        ),
        (
            "about: x\ndisruptions:\n- {kind: power_cut, from: 1h, amount: 3}\n",
            ":3:39: disruptions[0].amount: power_cut has no amount",
        ),
        (
            "about: x\ndisruptions:\n- {kind: scale_drift, from: 1h}\n",
            'disruptions[0].amount: "amount" is missing: % a day that the blender\'s scale gains or loses',
        ),
        (
            "about: x\ndisruptions:\n- {kind: scale_drift, from: 1h, amount: 50}\n",
            (
                ":3:41: disruptions[0].amount: 50 is out of range: % a day that the blender's scale gains or loses, "
                "-20 to 20"
            ),
        ),
        (
            "about: x\ndisruptions:\n- {kind: link_down, from: 1h, press: press1}\n",
            ":3:38: disruptions[0].press: link_down is not of a press",
        ),
        ("", ":1:1: is empty"),
    ],
)
def test_what_is_wrong_is_told_at_its_place(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(text, "utf-8")
    with pytest.raises(ConfigErrors) as errors:
        read_scenario(file)
    assert told in str(errors.value)


def test_a_disruption_lasts_to_the_end_where_nothing_else_is_said(tmp_path: Path) -> None:
    file = tmp_path / "some.yaml"
    file.write_text("about: x\ndisruptions:\n- {kind: press_down, from: 2h}\n", "utf-8")
    [row] = read_scenario(file).disruptions
    assert row.from_ns == 2 * HOUR_NS
    assert row.to_ns > 400 * 24 * HOUR_NS
    assert row.presses == ("press1", "press2")


def test_a_name_is_a_shipped_one_and_the_site_is_none() -> None:
    assert shipped(Path("quiet")) in SHIPPED
    assert shipped(Path("site")) == Path("site")
    assert shipped(Path("no/quiet")) == Path("no/quiet")


def test_every_problem_of_every_file_is_told_before_anything_is_played(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("about: x\nday: 3\n", "utf-8")
    done = CliRunner().invoke(main, ["simulate", str(bad), "quiet", str(tmp_path / "none.yaml")])
    assert done.exit_code == 78
    assert f"{bad}:2:1: day" in done.output
    assert f"{tmp_path}/none.yaml:1:1: there is no such file" in done.output
    assert "played" not in done.output


def test_explain_says_what_it_is_about() -> None:
    done = CliRunner().invoke(main, ["simulate", "--explain", "quiet", "late_resin"])
    assert done.exit_code == 0
    assert "late_resin: The trucks" in done.output


def test_days_are_a_number() -> None:
    done = CliRunner().invoke(main, ["simulate", "quiet", "--days", "nan"])
    assert done.exit_code == 2
    assert "write a number such as 7" in done.output

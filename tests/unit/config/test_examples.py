"""The two whole example sites: nothing to find, Chinese where a person reads, and of every row what AIAG asks for."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner

from gateway.cli import main
from gateway.config import load
from gateway.resources import config_dir
from gateway.site import Characteristic, Check, Site

NAMES = ["example-moulding", "example-zh"]
HAN = re.compile("[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def sites() -> dict[str, Site]:
    return {name: load(config_dir() / name / "site.yaml") for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_check_finds_nothing_and_warns_of_nothing(name: str) -> None:
    done = CliRunner().invoke(main, ["check", str(config_dir() / name / "site.yaml")])
    assert done.exit_code == 0
    assert ": good. " in done.output
    assert "warning" not in done.output


@pytest.mark.parametrize("name", NAMES)
def test_it_has_every_part_of_a_site(name: str, sites: dict[str, Site]) -> None:
    site = sites[name]
    drivers = {bus.driver for bus in site.buses}
    assert drivers >= {"modbus.tcp", "modbus.rtu", "serial.scale", "serial.barcode", "serial.rfid"}
    assert site.dosers
    assert site.lot_rules
    assert len(site.shifts.starts) >= 2
    assert 3 <= len(site.score.drivers) <= 5
    assert site.shifts.teams
    assert site.score.stores
    assert site.score.machines
    assert site.score.steps
    assert site.score.reward.currency == "CNY"
    assert site.vessels
    assert site.meters
    assert site.alarm_limits
    assert site.alerts.ladders
    assert any(person.quiet for person in site.alerts.people)
    assert {check.kind for check in site.checks} == {
        "check",
        "calibration",
        "maintenance",
        "qualification",
        "audit",
    }


@pytest.mark.parametrize("name", NAMES)
def test_every_row_says_what_a_control_plan_says(name: str, sites: dict[str, Site]) -> None:
    site = sites[name]
    rows: list[Characteristic | Check] = [*site.characteristics]
    rows += [check for check in site.checks if check.kind == "check"]
    for row in rows:
        line = row.line
        said = (
            line.plan,
            line.revision,
            line.number,
            line.step,
            line.about,
            line.of,
            line.technique,
            line.fmea,
        )
        assert all(said), row.id
        assert row.reaction
        assert line.owner
        assert line.ladder
        assert row.usl is not None
    assert {revision.approved_by for revision in site.revisions} == {"42"}
    assert {row.line.special for row in site.characteristics} >= {"SC", "CC"}


def test_what_people_read_at_the_chinese_site_is_chinese(sites: dict[str, Site]) -> None:
    site = sites["example-zh"]
    rows: list[Characteristic | Check] = [*site.characteristics, *site.checks]
    assert all(HAN.search(row.reaction) for row in rows)
    assert all(HAN.search(limit.reaction) for limit in site.alarm_limits)
    files = [
        config_dir() / "example-zh" / "site.yaml",
        *(config_dir() / "example-zh" / "plans").glob("*.yaml"),
    ]
    comments = [line.partition("#")[2] for file in files for line in file.read_text("utf-8").splitlines()]
    assert sum(bool(HAN.search(comment)) for comment in comments) > 50

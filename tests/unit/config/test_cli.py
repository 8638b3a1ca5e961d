"""`lotwatch check` and `lotwatch init`, as a person runs them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli import main
from gateway.resources import config_dir

from .conftest import PLAN, SITE, write

DEMO = str(config_dir() / "demo" / "site.yaml")


@pytest.fixture(autouse=True)
def collecting():
    """`check` stops the garbage collector for its short life; a test's process lives on."""
    import gc  # noqa: PLC0415

    yield
    gc.enable()


def lotwatch(*words: str) -> Result:
    result = CliRunner().invoke(main, list(words))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_a_good_site_is_summed_up() -> None:
    result = lotwatch("check", DEMO)
    assert result.exit_code == 0
    assert result.stdout.startswith("site demo, gateway gw1: good. 9 buses, 13 devices, ")
    assert "  bus presses " in result.stdout


def test_as_json() -> None:
    result = lotwatch("check", DEMO, "--json")
    told = json.loads(result.stdout)
    assert told["ok"] is True
    assert told["problems"] == []
    assert told["summary"]["characteristics"] == 7
    assert 0 < told["summary"]["bus_load"]["regrind"] < 0.8


def test_a_bad_site_ends_with_78_and_says_it_on_stdout(tmp_path: Path) -> None:
    path = write(tmp_path, SITE.replace("type: uint16", "type: unit16"))
    result = lotwatch("check", str(path))
    assert result.exit_code == 78
    assert (
        result.stdout
        == f'{path}:31:55: devices[1].points[1].type: "unit16" is not a point type; did you mean "uint16"?\n'
    )
    told = json.loads(lotwatch("check", str(path), "--json").stdout)
    assert told["ok"] is False
    [problem] = told["problems"]
    assert (problem["line"], problem["col"], problem["path"], problem["severity"]) == (
        31,
        55,
        "devices[1].points[1].type",
        "error",
    )


@pytest.mark.parametrize("what", ["", "nothing.yaml"])
def test_what_is_no_file_ends_with_78(tmp_path: Path, what: str) -> None:
    assert lotwatch("check", str(tmp_path / what)).exit_code == 78


def test_no_config_and_a_setting_without_a_value_are_usage_errors() -> None:
    assert lotwatch("check").exit_code == 2
    assert lotwatch("check", DEMO, "--set", "broker.port").exit_code == 2


def test_a_setting_is_checked_too() -> None:
    result = lotwatch("check", DEMO, "--set", "broker.port=70000")
    assert result.exit_code == 78
    assert "broker.port: 70000 is out of range: 1 to 65535" in result.stdout


def test_a_bus_that_cannot_keep_up_is_an_error_that_says_what_to_slow_down() -> None:
    result = lotwatch("check", DEMO, "--set", "buses.regrind.baud=600")
    assert result.exit_code == 78
    [line] = result.stdout.splitlines()
    assert ": buses[2]: regrind would be busy " in line
    assert "slow down dryer2/normal" in line or "slow down granulator1/normal" in line
    assert "raise its baud (600)" in line


def test_a_bus_that_only_just_keeps_up_is_a_warning(tmp_path: Path) -> None:
    site = SITE.replace("address: /dev/ttyS1\n", "address: /dev/ttyS1\n  baud: 9600\n").replace(
        "fast: 100ms", "fast: 50ms"
    )
    result = lotwatch("check", str(write(tmp_path, site)))
    assert result.exit_code == 0, result.stdout
    assert "warning: buses[1]: rs485 would be busy " in result.stdout
    assert "good." in result.stdout


def test_a_serial_driver_checks_its_options() -> None:
    result = lotwatch("check", DEMO, "--set", "buses.gate.options.evry=1s")
    assert result.exit_code == 78
    assert "buses[8].options" in result.stdout
    assert "did you mean every?" in result.stdout


@pytest.mark.parametrize("kind", ["site", "plan", "device_map"])
def test_the_schema_is_printed(kind: str) -> None:
    told = json.loads(lotwatch("check", "--schema", kind).stdout)
    assert told == json.loads((config_dir() / f"{kind}.schema.json").read_text("utf-8"))
    assert kind != "site" or json.loads(lotwatch("check", "--schema").stdout) == told


class TestInit:
    def test_the_starter_passes_check_as_it_is(self, tmp_path: Path) -> None:
        result = lotwatch("init", str(tmp_path / "plant"))
        assert result.exit_code == 0
        written = result.stdout.split()
        assert str(tmp_path / "plant" / "site.yaml") in written
        assert all(Path(each).is_file() for each in written)
        check = lotwatch("check", str(tmp_path / "plant" / "site.yaml"))
        assert check.exit_code == 0, check.stdout
        assert "warning" not in check.stdout

    def test_the_editor_finds_the_schemas(self, tmp_path: Path) -> None:
        lotwatch("init", str(tmp_path))
        for path in tmp_path.rglob("*.yaml"):
            named = path.read_text("utf-8").splitlines()[0].removeprefix("# yaml-language-server: $schema=")
            assert (path.parent / named).resolve().parent == tmp_path
            assert (path.parent / named).is_file()

    def test_nothing_is_overwritten(self, tmp_path: Path) -> None:
        (tmp_path / "mine").write_text("mine")
        assert lotwatch("init", str(tmp_path)).exit_code == 2
        assert [path.name for path in tmp_path.iterdir()] == ["mine"]
        assert lotwatch("init", str(tmp_path / "mine")).exit_code == 2


@pytest.mark.long
def test_limits_that_no_chart_can_take_are_said_by_check_and_run(tmp_path: Path) -> None:
    row = "  limits: [{version: 1, from: 2026-11-22T00:00:00Z, approved_by: '17', params: {center: [1, 2]}}]\n  usl: 7"
    site = write(tmp_path, plan=PLAN.replace("  usl: 7", row))
    text = "plans: cushion1: limits, version 1: center must be one number"
    checked = CliRunner().invoke(main, ["check", str(site)])
    assert (checked.exit_code, text in checked.stdout + checked.stderr) == (78, True)
    ran = CliRunner().invoke(main, ["run", str(site), "--data", str(tmp_path / "data")])
    assert (ran.exit_code, text in ran.stderr) == (78, True)

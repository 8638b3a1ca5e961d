"""`lotwatch doctor` as its user runs it, on a site whose ports are not there."""

from __future__ import annotations

import fcntl
import os

import orjson
import pytest
from click.testing import CliRunner

from gateway.cli import main
from gateway.doctor import runs
from gateway.resources import config_dir


@pytest.fixture(scope="module")
def examined(tmp_path_factory):
    folder = tmp_path_factory.mktemp("doctor")
    site = config_dir() / "example" / "site.yaml"
    return CliRunner().invoke(main, ["doctor", str(site), "--data", str(folder), "--lang", "zh", "--json"])


@pytest.mark.long
def test_findings_end_with_1_and_each_has_a_fix_and_a_command(examined):
    assert examined.exit_code == 1
    said = orjson.loads(examined.stdout)
    assert not said["ok"]
    assert {"LW101", "LW105"} <= {each["code"] for each in said["findings"]}
    assert all(each["fix"] and each["command"] and "<" not in each["said"] for each in said["findings"])


@pytest.mark.long
def test_the_words_are_in_the_language_asked_for(examined):
    (port,) = [each for each in orjson.loads(examined.stdout)["findings"] if each["code"] == "LW101"]
    assert "不存在" in port["said"]


def test_a_daemon_that_runs_is_known_by_its_lock(tmp_path):
    assert not runs(tmp_path)
    lock = os.open(tmp_path / "writer.lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(lock, fcntl.LOCK_EX)
    assert runs(tmp_path)
    os.close(lock)
    assert not runs(tmp_path)

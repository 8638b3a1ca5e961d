"""docs/howto/add-a-driver.md is followed to the letter: its file is added, and the contract suite runs on it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.config.maps import read_file
from gateway.config.models import DeviceMap
from gateway.config.points import of_map
from gateway.config.validate import Checked

ROOT = Path(__file__).parents[2]
HOWTO = ROOT / "docs" / "howto" / "add-a-driver.md"


def blocks() -> dict[str, str]:
    """Code blocks whose first line names the file they belong into."""
    found = re.findall(
        r"^```\w+\n# (\S+\.\w+)\n(.*?)^```", HOWTO.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL
    )
    return dict(found)


@pytest.fixture(scope="module")
def followed(tmp_path_factory) -> Path:
    """A copy of the drivers with the howto's file among them."""
    folder: Path = tmp_path_factory.mktemp("howto")
    shutil.copytree(ROOT / "drivers", folder / "drivers", ignore=shutil.ignore_patterns("__pycache__"))
    for name, text in blocks().items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, "utf-8")
    return folder


def contracts(folder: Path, which: str) -> subprocess.CompletedProcess[str]:
    """The contract suite on the drivers of that folder."""
    command = [sys.executable, "-P", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", which]
    return subprocess.run(
        [*command, str(ROOT / "tests" / "contracts" / "test_drivers.py")],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def test_the_howto_names_its_files():
    assert set(blocks()) == {"drivers/serial/thermometer.py", "config/devices/room_thermometer.yaml"}


@pytest.mark.long
def test_the_driver_of_the_howto_keeps_the_contract(followed):
    done = contracts(followed, "thermometer")
    assert done.returncode == 0, done.stdout + done.stderr
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed is not None
    assert int(passed[1]) >= 20


@pytest.mark.long
def test_a_driver_that_breaks_its_promise_is_caught(followed):
    file = followed / "drivers" / "serial" / "thermometer.py"
    honest = file.read_text("utf-8")
    silent = "return self._bad(group, Quality.CORRUPT if lines.rest else Quality.NO_ANSWER)"
    good = "return self._good(group, float(answer[1]), self._clock.now())"
    assert silent in honest
    assert good in honest
    old = honest.replace(silent, "return self._last").replace(
        good, good.replace("return", "self._last =") + "\n        return self._last"
    )
    file.write_text(old, "utf-8")
    try:
        done = contracts(followed, "thermometer and silent")
    finally:
        file.write_text(honest, "utf-8")
    assert done.returncode == 1, done.stdout
    assert "test_a_silent_device_reads_bad_not_old[serial.thermometer]" in done.stdout


def test_the_device_map_of_the_howto_is_one(followed):
    device_map = Checked(read_file(followed / "config" / "devices" / "room_thermometer.yaml"), DeviceMap)
    (temperature,) = of_map(device_map)
    assert not device_map.problems
    assert temperature.field.type == "float64"

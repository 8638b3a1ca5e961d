"""The daemon as its technician meets it: start, stop, another config, a folder in use, a device that is not there."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.journal import open_readers
from gateway.model import Event, Input, Noted, Quality, Reading, Setting
from tests.system.servers import DIES_WITH_US

PYTHON = (*DIES_WITH_US, sys.executable)


class Gateway:
    """`lotwatch run` as a process."""

    def __init__(self, site: Path, data: Path, *settings: str) -> None:
        command = [*PYTHON, "-m", "gateway", "run", str(site), "--data", str(data), "--verbose"]
        command += [part for setting in settings for part in ("--set", setting)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def wait_until_it_runs(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            if b"runs, journal in" in line:
                return
        raise AssertionError("it ended before it ran")

    def stop(self, seconds: float = 3.0) -> tuple[int, str]:
        """Let it run for a while, then SIGTERM; its code and what it said."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGTERM)
        _, err = self.process.communicate(timeout=20)
        return self.process.returncode, err.decode()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A site of two devices with twenty registers each, that answer."""
    folder = tmp_path_factory.mktemp("devices")
    command = [
        *PYTHON,
        "-m",
        "simulators",
        "load",
        "--devices",
        "2",
        "--registers",
        "20",
        "--write-site",
        str(folder),
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()  # its ports, when it listens
    yield folder / "site.yaml"
    process.kill()
    process.communicate()


def run_for(seconds: float, site: Path, data: Path, *settings: str) -> tuple[int, str]:
    gateway = Gateway(site, data, "broker.port=1", *settings)
    gateway.wait_until_it_runs()
    return gateway.stop(seconds)


def records(data: Path) -> tuple[list[Input], list[Event]]:
    with open_readers(data)[0] as reader:
        last = reader.last()
        inputs = [given for _, given in reader.inputs(1, last.input)]
        return inputs, [event for _, _, event in reader.events(1, last.event)]


def test_it_goes_on_where_it_was_and_says_how_long_it_was_away(site: Path, tmp_path: Path) -> None:
    assert run_for(1.5, site, tmp_path)[0] == 0
    before = len(records(tmp_path)[0])
    assert run_for(1.5, site, tmp_path)[0] == 0
    inputs, events = records(tmp_path)
    assert len(inputs) > before > 20
    gaps = [event for event in events if isinstance(event, Noted) and event.kind == "gap"]
    assert len(gaps) == 1
    seconds = gaps[0].facts["seconds"]
    assert isinstance(seconds, float)
    assert 0 < seconds < 30
    kinds = [given.kind for given in inputs if isinstance(given, Setting)]
    assert kinds == ["config", "clock", "start", "start"]  # neither config nor clock changed


def test_a_changed_config_is_an_input_of_its_own(site: Path, tmp_path: Path) -> None:
    run_for(1.0, site, tmp_path)
    run_for(1.0, site, tmp_path, "commit=disk")
    kinds = [given.kind for given in records(tmp_path)[0] if isinstance(given, Setting)]
    assert kinds.count("config") == 2


def test_every_value_it_read_is_good_and_replay_agrees(site: Path, tmp_path: Path) -> None:
    run_for(2.0, site, tmp_path)
    readings = [given for given in records(tmp_path)[0] if isinstance(given, Reading)]
    assert readings
    assert all((reading.quality == Quality.GOOD).all() for reading in readings)
    done = subprocess.run(
        [*PYTHON, "-m", "gateway", "replay", "--data", str(tmp_path)], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()


def test_a_second_one_on_the_same_folder_is_told_to_try_later(site: Path, tmp_path: Path) -> None:
    first = Gateway(site, tmp_path, "broker.port=1")
    first.wait_until_it_runs()
    code, said = Gateway(site, tmp_path, "broker.port=1").stop(20)
    assert code == 75
    assert "Traceback" not in said
    assert first.stop(0.2)[0] == 0


def test_another_gateways_folder_is_refused_in_words(site: Path, tmp_path: Path) -> None:
    run_for(1.0, site, tmp_path)
    code, said = Gateway(site, tmp_path, "gateway=other").stop(20)
    assert code == 1
    assert "Traceback" not in said
    assert str(tmp_path) in said


def test_devices_that_do_not_answer_are_told_and_read_bad(site: Path, tmp_path: Path) -> None:
    [bus] = re.findall(r"name: (port\d+)", site.read_text("utf-8"))
    code, said = run_for(2.0, site, tmp_path, f"buses.{bus}.address=127.0.0.1:1")
    assert code == 0, said
    inputs, events = records(tmp_path)
    readings = [given for given in inputs if isinstance(given, Reading)]
    assert readings
    assert all((reading.quality == Quality.LINE_DOWN).all() for reading in readings)
    assert any(isinstance(event, Noted) and event.kind == "bus_down" for event in events)

"""The daemon as its technician meets it: start, stop, another config, a folder in use, a device that is not there."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.journal import open_readers
from gateway.model import Event, Input, Noted, Quality, Reading, Setting
from tests.system.servers import DIES_WITH_US

PYTHON = (*DIES_WITH_US, sys.executable)
PATIENCE = 300  # seconds, on a machine that is busy with something else


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

    def wait_until(self, there: Callable[[], bool]) -> None:
        """Until its journal, which is read beside it, has that."""
        end = time.monotonic() + PATIENCE
        while not there():
            assert self.process.poll() is None, "it ended by itself"
            assert time.monotonic() < end, "it did not happen in time"
            time.sleep(0.1)  # between looks at what another process does

    def stop(self) -> tuple[int, str]:
        """SIGTERM; its code and what it said."""
        self.process.send_signal(signal.SIGTERM)
        return self.ended()

    def ended(self) -> tuple[int, str]:
        """Its code and what it said, when it has ended by itself."""
        _, err = self.process.communicate(timeout=PATIENCE)
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


def run_until(
    readings: int, site: Path, data: Path, *settings: str, there: Callable[[Path], bool] = lambda _: True
) -> tuple[int, str]:
    """Until it has so many readings more, and what is asked for beside; its code and what it said."""
    gateway = Gateway(site, data, "broker.port=1", *settings)
    gateway.wait_until_it_runs()
    before = len(readings_of(data))
    gateway.wait_until(lambda: len(readings_of(data)) >= before + readings and there(data))
    return gateway.stop()


def readings_of(data: Path) -> list[Reading]:
    return [given for given in records(data)[0] if isinstance(given, Reading)]


def records(data: Path) -> tuple[list[Input], list[Event]]:
    with open_readers(data)[0] as reader:
        last = reader.last()
        inputs = [given for _, given in reader.inputs(1, last.input)]
        return inputs, [event for _, _, event in reader.events(1, last.event)]


def test_it_goes_on_where_it_was_and_says_how_long_it_was_away(site: Path, tmp_path: Path) -> None:
    began = time.monotonic()
    assert run_until(20, site, tmp_path)[0] == 0
    before = len(records(tmp_path)[0])
    assert run_until(20, site, tmp_path)[0] == 0
    inputs, events = records(tmp_path)
    assert len(inputs) > before > 20
    gaps = [event for event in events if isinstance(event, Noted) and event.kind == "gap"]
    assert len(gaps) == 1
    seconds = gaps[0].facts["seconds"]
    assert isinstance(seconds, float)
    assert 0 < seconds < time.monotonic() - began
    kinds = [given.kind for given in inputs if isinstance(given, Setting) and given.kind != "disk"]
    assert kinds == ["config", "clock", "start", "start"]  # neither config nor clock changed


def test_a_changed_config_is_an_input_of_its_own(site: Path, tmp_path: Path) -> None:
    run_until(1, site, tmp_path)
    run_until(1, site, tmp_path, "commit=disk")
    kinds = [given.kind for given in records(tmp_path)[0] if isinstance(given, Setting)]
    assert kinds.count("config") == 2


def test_every_value_it_read_is_good_and_replay_agrees(site: Path, tmp_path: Path) -> None:
    patient = ["devices.unit1.timeout=60s", "devices.unit2.timeout=60s"]  # of a machine that stalls
    assert run_until(40, site, tmp_path, *patient)[0] == 0
    connected = [each for each in readings_of(tmp_path) if not (each.quality == Quality.LINE_DOWN).all()]
    assert len(connected) >= 20
    assert all((reading.quality == Quality.GOOD).all() for reading in connected)
    done = subprocess.run(
        [*PYTHON, "-m", "gateway", "replay", "--data", str(tmp_path)], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()


def test_a_second_one_on_the_same_folder_is_told_to_try_later(site: Path, tmp_path: Path) -> None:
    first = Gateway(site, tmp_path, "broker.port=1")
    first.wait_until_it_runs()
    code, said = Gateway(site, tmp_path, "broker.port=1").ended()
    assert code == 75
    assert "Traceback" not in said
    assert first.stop()[0] == 0


def test_another_gateways_folder_is_refused_in_words(site: Path, tmp_path: Path) -> None:
    run_until(1, site, tmp_path)
    code, said = Gateway(site, tmp_path, "gateway=other").ended()
    assert code == 1
    assert "Traceback" not in said
    assert str(tmp_path) in said


def test_devices_that_do_not_answer_are_told_and_read_bad(site: Path, tmp_path: Path) -> None:
    [bus] = re.findall(r"name: (port\d+)", site.read_text("utf-8"))
    nobody = f"buses.{bus}.address=127.0.0.1:1"
    code, said = run_until(2, site, tmp_path, nobody, there=bus_is_told_down)
    assert code == 0, said
    readings = readings_of(tmp_path)
    assert readings
    assert all((reading.quality == Quality.LINE_DOWN).all() for reading in readings)


def bus_is_told_down(data: Path) -> bool:
    return any(isinstance(event, Noted) and event.kind == "bus_down" for event in records(data)[1])

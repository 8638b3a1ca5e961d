"""Two versions of the real package: one that reads nothing goes again by itself, and nothing that was read is lost."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.clock import SystemClock
from gateway.journal import JournalError, open_readers
from gateway.journal.verify import verify
from gateway.keeping.upgrade import Upgrade
from gateway.keeping.upgradeplan import Gateway
from gateway.keeping.versions import Versions
from gateway.model import Noted, Quality, Reading
from tests.system.servers import DIES_WITH_US

PATIENCE = 300  # seconds, on a machine that is busy with something else
HONEST = f'exec {sys.executable} -m gateway "$@"\n'
DEAF = f"""
if [ "$1" = run ]; then set -- "$@" --set "buses.$BUS.address=127.0.0.1:1"; fi
{HONEST}"""
BUMP = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('PRAGMA user_version = 99')"
OTHER_SHAPE = f"""
if [ "$1 $2" = "upgrade schema" ]; then echo '{{"schema": 99}}'; exit; fi
if [ "$1" = run ]; then {sys.executable} -c "{BUMP}" "$DATA/journal.sqlite"; fi
{HONEST}"""


class Machine:
    """Starts and stops the one gateway, as systemd would."""

    def __init__(self, folder: Path, site: Path) -> None:
        self.site, self.data, self.root = site, folder / "data", folder / "opt"
        self.process: subprocess.Popen[bytes] | None = None
        self.said: list[str] = []
        self.clock = SystemClock()

    def start(self, unit: str) -> None:
        assert unit == "gw"
        command = [*DIES_WITH_US, str(self.root / "current" / "bin" / "lotwatch"), "run", str(self.site)]
        [bus] = [
            line.split("name: ")[1] for line in self.site.read_text().splitlines() if "name: port" in line
        ]
        environment = {**os.environ, "BUS": bus.strip("{}, ").split(",")[0], "DATA": str(self.data)}
        words = ["--data", str(self.data), "--set", "broker.port=1", "--set", "commit=ssd"]
        self.process = subprocess.Popen([*command, *words], env=environment, stderr=subprocess.DEVNULL)

    def stop(self, unit: str) -> None:
        assert unit == "gw"
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(PATIENCE)

    def runs(self, unit: str) -> bool:
        assert unit == "gw"
        return self.process is not None and self.process.poll() is None

    def now_ns(self) -> int:
        return self.clock.now().time_ns

    def boottime_ns(self) -> int:
        return self.clock.boottime_ns()

    def wait(self, seconds: float) -> None:
        time.sleep(min(seconds, 0.3))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A site of two devices that answer."""
    folder = tmp_path_factory.mktemp("devices")
    command = [
        *DIES_WITH_US,
        sys.executable,
        "-m",
        "simulators",
        "load",
        "--devices",
        "2",
        "--registers",
        "8",
    ]
    process = subprocess.Popen([*command, "--write-site", str(folder)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()  # its ports, when it listens
    yield folder / "site.yaml"
    process.kill()
    process.communicate()


@pytest.fixture
def machine(tmp_path: Path, site: Path) -> Iterator[Machine]:
    """Version 1 runs and has read both devices."""
    made = Machine(tmp_path, site)
    put(made, "1", HONEST)
    (made.root / "current").symlink_to("versions/1")
    made.start("gw")
    until(made, lambda: read(made.data) == {"unit1", "unit2"})
    yield made
    made.stop("gw")


def put(machine: Machine, name: str, script: str) -> None:
    program = machine.root / "versions" / name / "bin" / "lotwatch"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\n{script}")
    program.chmod(0o755)


def upgraded(machine: Machine, probation_s: float) -> str:
    work = Upgrade(
        Versions(machine.root), machine, machine, machine.root / "upgrade.json", machine.said.append
    )
    return work.run(work.begin("2", [Gateway("gw", str(machine.data))], probation_s)).stage


def until(machine: Machine, there: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not there():
        assert machine.process is not None
        assert machine.process.poll() is None, "it ended by itself"
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)  # between looks at what another process does


def read(data: Path, after: int = 0) -> set[str]:
    """Devices with a good reading."""
    try:
        with open_readers(data)[0] as reader:
            readings = [given for _, given in reader.inputs(after + 1, 2**62) if isinstance(given, Reading)]
    except JournalError:  # it is being made
        return set()
    return {each.group.partition("/")[0] for each in readings if (each.quality == Quality.GOOD).any()}


def last(data: Path) -> int:
    with open_readers(data)[0] as reader:
        return reader.last().input


def told(data: Path, kind: str) -> list[Noted]:
    with open_readers(data)[0] as reader:
        events = [event for _, _, event in reader.events(1, 2**62)]
    return [event for event in events if isinstance(event, Noted) and event.kind == kind]


def test_one_that_cannot_read_goes_again_and_nothing_is_lost(machine: Machine) -> None:
    put(machine, "2", DEAF)
    before = last(machine.data)
    assert upgraded(machine, 3) == "returned", machine.said
    until(machine, lambda: bool(told(machine.data, "upgrade_returned")))
    returned = last(machine.data)
    until(machine, lambda: read(machine.data, returned) == {"unit1", "unit2"})
    [event] = told(machine.data, "upgrade_returned")
    assert event.facts["devices"] == ["unit1", "unit2"]
    assert last(machine.data) > before
    machine.stop("gw")
    with open_readers(machine.data)[0] as reader:
        assert verify(reader, reader.ledger.key()).findings == []


def test_one_that_changes_the_journals_shape_leaves_it_behind_whole(machine: Machine) -> None:
    put(machine, "2", OTHER_SHAPE)
    assert upgraded(machine, 3) == "returned", machine.said
    until(machine, lambda: read(machine.data) == {"unit1", "unit2"})
    until(machine, lambda: bool(told(machine.data, "upgrade_returned")))
    [carried] = told(machine.data, "carried")
    aside = machine.data.with_name("data.of-2")
    copy = shutil.copytree(machine.data.with_name("data.before-2"), aside.with_name("copy"))
    with open_readers(copy)[0] as old, open_readers(machine.data)[0] as new:
        assert carried.facts["epoch"] == old.identity.epoch != new.identity.epoch  # no number is used twice
        assert carried.facts["input"] == old.last().input
    assert (aside / "journal.sqlite").exists()

"""Alarms answered from a shell: beside the daemon, after it was killed, and beside the next one."""

from __future__ import annotations

import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.journal import open_readers
from gateway.model import AlarmChanged
from tests.system.servers import DIES_WITH_US
from tests.system.test_daemon import PATIENCE, Gateway

PYTHON = (*DIES_WITH_US, sys.executable)
ANSWER = ("--operator", "17", "--cause", "its port is closed", "--action", "none", "--class", "assignable")


@pytest.fixture
def dead_site(tmp_path: Path) -> Path:
    """A site of one device, that is switched off."""
    words = (
        "-m",
        "simulators",
        "load",
        "--devices",
        "1",
        "--registers",
        "4",
        "--write-site",
        str(tmp_path / "site"),
    )
    process = subprocess.Popen([*PYTHON, *words], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    process.kill()
    process.communicate()
    return tmp_path / "site" / "site.yaml"


def lotwatch(*words: object) -> subprocess.CompletedProcess[str]:
    command = [*PYTHON, "-m", "gateway", *(str(word) for word in words)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)


def alarms(data: Path) -> list[AlarmChanged]:
    """As committed, read beside whoever writes."""
    with open_readers(data)[0] as reader:
        return reader.alarms(closed=True)


def until(there: Callable[[], bool], seconds: float = PATIENCE) -> None:
    end = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.2)  # between looks at processes of their own; `until` ends as soon as it is so


@pytest.mark.system
def test_an_alarm_is_answered_beside_the_daemon_and_without_it(dead_site: Path, tmp_path: Path) -> None:
    data = tmp_path / "journal"
    door = data / "door.sock"
    first = Gateway(dead_site, data, "broker.port=1")
    first.wait_until_it_runs()
    assert stat.S_IMODE(door.lstat().st_mode) == 0o600
    until(lambda: len(alarms(data)) == 1)

    done = lotwatch("alarm", "ack", "stale", *ANSWER, "--data", data)
    assert (done.returncode, done.stderr) == (0, "")
    assert ": acknowledged (version 2)" in done.stdout
    again = lotwatch("alarm", "ack", "stale", *ANSWER, "--data", data)
    assert (again.returncode, "acknowledged already" in again.stderr) == (1, True)

    first.process.send_signal(signal.SIGKILL)
    first.process.communicate(timeout=PATIENCE)
    assert door.exists(), "a daemon that was killed leaves its socket"
    done = lotwatch(
        "alarm", "shelve", "stale", "--for", "1h", "--reason", "x", "--operator", "17", "--data", data
    )
    assert (done.returncode, done.stderr) == (0, "")
    (alarm,) = alarms(data)
    facts = alarm.facts or {}
    assert (alarm.state, facts["beneath"], facts["cause"]) == (
        "shelved",
        "acknowledged",
        "its port is closed",
    )

    second = Gateway(dead_site, data, "broker.port=1")
    second.wait_until_it_runs()
    done = lotwatch("alarm", "unshelve", "stale", "--operator", "9", "--data", data)
    assert done.returncode == 0, done.stderr
    (alarm,) = alarms(data)
    assert (alarm.state, (alarm.facts or {})["unshelved_by"]) == ("acknowledged", "9")
    code, _ = second.stop()
    assert code == 0
    assert not door.exists()
    replayed = lotwatch("replay", "--quiet", "--data", data)
    assert "the same as journalled" in replayed.stderr

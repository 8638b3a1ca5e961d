"""A config from far away, on a real broker: a good one is kept, one that silences a device goes by itself."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.journal import JournalReader
from gateway.model import Noted
from tests.system import servers
from tests.system.conftest import _program
from tests.system.test_daemon import PATIENCE, PYTHON, Gateway

pytestmark = pytest.mark.system


def lotwatch(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "gateway", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)


def told(data: Path, kind: str) -> list[Noted]:
    with JournalReader(data) as reader:
        found = [each.event for each in reader.events(1, reader.last().event)]
    return [event for event in found if isinstance(event, Noted) and event.kind == kind]


def test_a_bundle_is_applied_or_goes_by_itself_and_the_start_after_a_kill_knows_which(tmp_path: Path) -> None:
    command = [
        *PYTHON,
        "-m",
        "simulators",
        "load",
        "--devices",
        "2",
        "--registers",
        "4",
        "--write-site",
        str(tmp_path),
    ]
    simulated = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert simulated.stdout is not None
    simulated.stdout.readline()  # its ports, when it listens
    broker = servers.mosquitto(_program("mosquitto"), tmp_path)
    broker.start()
    site, key, data, url = (
        tmp_path / "site.yaml",
        tmp_path / "office",
        tmp_path / "data",
        f"mqtt://127.0.0.1:{broker.port}",
    )
    assert lotwatch("user", "key", str(key), "--operator", "17").returncode == 0
    public = (tmp_path / "office.pub").read_text().strip()
    text = re.sub("port: 1883", f"port: {broker.port}", site.read_text())
    site.write_text(f"{text}remote:\n  probation: 8s\n  keys:\n  - {{name: office, key: {public}}}\n")
    whole = site.read_text()

    def send(sequence: int, config: str) -> None:
        other = tmp_path / f"other{sequence}.yaml"
        other.write_text(config)
        bundle, signer = tmp_path / f"{sequence}.note", ("--key", str(key), "--operator", "17")
        made = lotwatch("bundle", "make", str(other), *signer, "--sequence", str(sequence), "-o", str(bundle))
        assert made.returncode == 0, made.stderr
        done = lotwatch("bundle", "send", str(bundle), "--broker", url)
        assert done.returncode == 0, done.stderr

    gateway = Gateway(site, data)
    try:
        gateway.wait_until_it_runs()
        send(1, whole.replace("fast: 100ms", "fast: 200ms"))
        gateway.wait_until(lambda: bool(told(data, "config_kept")))
        (changed,) = told(data, "config_changed")
        assert changed.facts["by"] == "operator-17"
        send(2, whole.replace("unit: 2,", "unit: 77,"))  # nobody answers there
        gateway.wait_until(lambda: bool(told(data, "config_returned")))
        (gone,) = told(data, "config_returned")
        assert gone.facts["why"] == "not read again: unit2"
        gateway.process.kill()
        gateway.ended()
        gateway = Gateway(site, data)
        gateway.wait_until_it_runs()
        with JournalReader(data) as reader:
            now = reader.site()
        assert now is not None
        assert {group.period_ns for group in now.groups().values()} == {200_000_000}
        assert {device.unit for device in now.devices} == {1, 2}
    finally:
        gateway.process.kill()
        gateway.process.communicate()
        broker.stop()
        simulated.kill()
        simulated.communicate()

"""Lots held and released from a shell: beside the daemon, whose helper answers the order, and where none runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway.journal import open_readers
from gateway.model import Entry
from tests.system.test_alarm_command import dead_site, lotwatch, until
from tests.system.test_daemon import PATIENCE, Gateway

__all__ = ["dead_site"]  # a fixture


def entries(data: Path) -> list[str]:
    """Kinds of the entries that are committed."""
    with open_readers(data)[0] as reader:
        return [given.kind for _, given in reader.inputs(1, reader.last().input) if isinstance(given, Entry)]


@pytest.mark.system
def test_a_lot_is_held_beside_the_daemon_and_released_without_it(dead_site: Path, tmp_path: Path) -> None:
    data = tmp_path / "journal"
    gateway = Gateway(dead_site, data, "broker.port=1")
    gateway.wait_until_it_runs()
    done = lotwatch("hold", "R24-1", "--reason", "melt flow", "--operator", "17", "--data", data)
    assert (done.returncode, done.stdout) == (0, "R24-1: held (melt flow)\n"), done.stderr
    until(lambda: entries(data) == ["hold", "exposed"])

    gateway.process.kill()
    gateway.process.communicate(timeout=PATIENCE)
    done = lotwatch("held", "--json", "--data", data)
    assert [each["lot"] for each in json.loads(done.stdout)["held"]] == ["R24-1"]
    done = lotwatch(
        "release", "R24-1", "--reason", "21.3", "--operator", "18", "--accept-clock", "--data", data
    )
    assert (done.returncode, done.stdout) == (0, "R24-1: released (21.3)\n"), done.stderr
    done = lotwatch("label", "--new", "--operator", "18", "--accept-clock", "--data", data)
    assert (done.returncode, done.stdout[:3]) == (0, "^XA"), done.stderr
    assert entries(data) == ["hold", "exposed", "release", "label"]

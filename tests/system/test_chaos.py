"""The fault simulation finds planted defects, tells them as its user needs it, and repeats a run to the letter.

Seeds and the scripted day are in files of their own (`test_chaos_one.py`, `_two`, `_day`): they share two processes.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from gateway.cli.chaos import command
from gateway.model import Scan
from simulators.chaos import world
from simulators.chaos.run import play
from simulators.chaos.script import parse
from tests.system.chaos_runs import SEED_S, is_whole

pytestmark = pytest.mark.system


def test_the_same_seed_is_the_same_run_whatever_pythons_own_chance() -> None:
    """Hashes of texts differ from process to process; nothing that happens may depend on them."""
    hashes = set()
    for chance in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-m", "simulators", "chaos", "--seed", "7", "--hours", "0.2"],
            capture_output=True, text=True, check=True, env={**os.environ, "PYTHONHASHSEED": chance},
        )  # fmt: skip
        hashes.add(json.loads(done.stdout)["hash"])
    assert len(hashes) == 1


def test_a_cursor_that_runs_ahead_of_the_commit_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker acknowledges what it has not stored: on its death that is lost for ever."""
    from gateway.ingest.worker import Worker  # noqa: PLC0415

    stored = Worker._store  # noqa: SLF001 # the defect is planted here

    def before(self: Worker, deliveries: list[Any]) -> None:
        self._inbox.acknowledge(deliveries)
        if self.counts.messages < 60:
            stored(self, deliveries)

    monkeypatch.setattr(Worker, "_store", before)
    monkeypatch.setattr(world, "REST_S", 300.0)  # it is asked for in vain: longer costs, and shows no more
    outcome = play(1, 600, script=[])
    assert any("not at rest" in str(found) for found in outcome.account.found)


def test_a_scan_that_is_acknowledged_before_its_commit_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The gateway dies between the ACK and the commit: nobody has that code any more."""
    from drivers.serial.barcode import Scanner  # noqa: PLC0415

    take = Scanner._take  # noqa: SLF001 # the defect is planted here

    async def eager(self: Scanner, frame: Any, at: Any) -> Any:
        given = await take(self, frame, at)
        if isinstance(given, Scan):
            await self.acknowledge(given)
        return given

    monkeypatch.setattr(Scanner, "_take", eager)
    script = parse(
        "\n".join(
            f"at {at} s: gateway full for 20 s\nat {at + 19} s: gateway kill for 3 s"
            for at in range(60, 1800, 60)
        )
    )
    outcome = play(1, 1800, script=script)
    assert any(found.what.startswith("codes: ") for found in outcome.account.found)


STALE = """
from dataclasses import replace
from drivers.modbus.session import ModbusSession
from gateway.model import BAD_FROM

polled, last = ModbusSession.poll, {}

async def stale(self, device, group):
    reading = await polled(self, device, group)
    if reading.quality[0] < BAD_FROM:
        last[group.id] = reading
        return reading
    return replace(last[group.id], at=reading.at) if group.id in last else reading

ModbusSession.poll = stale
"""


def test_a_failure_names_seed_instant_and_the_fewest_faults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A driver that gives the last reading with a new time where nothing was read, planted in the process that runs."""
    (tmp_path / "sitecustomize.py").write_text(STALE, "utf-8")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), str(Path(__file__).parents[2])]))
    script = tmp_path / "script.txt"
    script.write_text("at 60 s: d busy for 5 s\nat 100 s: a silent for 60 s\n", "utf-8")
    done = CliRunner().invoke(command, ["--script", str(script), "--hours", "0.05"])
    assert done.exit_code == 1, done.output
    before, fewest = done.output.split("  the fewest faults that do it:\n")
    assert re.search(r"FOUND at 1\d\d\.\d{3} s: order: input \d+: answer \d+ of a comes after", before)
    assert re.search(r"FOUND at 1\d\d\.\d{3} s: time: input \d+: answer \d+ of a is stamped", before)
    assert "  the script:\n    at 60.000 s: d busy for 5.000 s\n" in before
    assert fewest.splitlines()[0].strip() == "at 100.000 s: a silent for 60.000 s"
    assert f"lotwatch chaos --seed 1 --hours 0.05 --period 10 --script {script}" in done.output


def test_a_seed_that_fails_names_the_command_that_explains_it() -> None:
    """A test does not look for the fewest faults by itself: that takes minutes."""
    outcome = {
        "faults": 1,
        "cpu_seconds": 1.0,
        "pace": 1.0,
        "found": ["lost: answer 7"],
        "explained": "play it",
    }
    with pytest.raises(AssertionError, match="lost: answer 7\nthe fewest faults that do it: play it"):
        is_whole(outcome, SEED_S, lambda _key, _value: None)


def test_a_script_that_says_nothing_we_know_is_refused_with_its_line(tmp_path: Path) -> None:
    script = tmp_path / "script.txt"
    script.write_text("at 10 s: nobody kill for 3 s\n", "utf-8")
    done = CliRunner().invoke(command, ["--script", str(script), "--hours", "0.1"])
    assert done.exit_code == 78
    assert "line 1: 'at 10 s: nobody kill for 3 s' is not" in done.output


def test_the_command_says_that_all_is_whole(tmp_path: Path) -> None:
    record = tmp_path / "trace.txt"
    done = CliRunner().invoke(command, ["--seed", "5", "--hours", "0.1", "--record", str(record), "--json"])
    assert done.exit_code == 0, done.output
    outcome = json.loads(done.stdout)
    assert outcome["whole"] is True
    assert outcome["found"] == []
    assert len(record.read_text("utf-8").splitlines()) == outcome["lines"]

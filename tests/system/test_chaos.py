"""The whole daemon under faults in virtual time: seeds and a scripted day, and proof that the harness finds defects.

Budgets are told, in CPU seconds of this process and its children; a run fails by its budget only when it takes several
times as much, for machines differ.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from gateway.cli.chaos import command
from gateway.model import Scan
from simulators.chaos.run import play
from simulators.chaos.script import parse

pytestmark = pytest.mark.system

SEEDS = range(1, 11)
HOURS = 0.2  # `python -m benchmarks chaos` runs two of each, and days
BUDGET_S = 60.0  # of CPU, for the ten seeds and the day
TOLERANCE = 4
DAY = Path(__file__).parent / "chaos_day.txt"


def runs(jobs: Sequence[Sequence[str]]) -> list[dict[str, Any]]:
    """Each in a process of its own, as many at a time as there are cores; the outcomes, told."""

    def one(options: Sequence[str]) -> dict[str, Any]:
        command = [sys.executable, "-m", "simulators", "chaos", *options]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=dict(os.environ))
        assert done.stdout.strip(), done.stderr[-2000:]
        outcome: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return outcome

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        return list(pool.map(one, jobs))


def test_seeds_and_a_day_are_whole(capsys: pytest.CaptureFixture[str]) -> None:
    jobs = [["--hours", "2.4", "--seed", "100", "--script", str(DAY)]]
    jobs += [["--hours", f"{HOURS:g}", "--seed", str(seed)] for seed in SEEDS]
    outcomes = runs(jobs)
    spent = sum(outcome["cpu_seconds"] for outcome in outcomes)
    told = [
        f"seed {each['seed']}, {each['hours']:g} h: {each['cpu_seconds']:.1f} s of CPU" for each in outcomes
    ]
    with capsys.disabled():
        sys.stdout.write("\n".join(["", *told, f"{spent:.0f} s of CPU in all, budget {BUDGET_S:g} s", ""]))
    assert [outcome["found"] for outcome in outcomes] == [[] for _ in outcomes]
    assert all(outcome["signals"] == 0 for outcome in outcomes)
    assert all(outcome["held"] > outcome["due"] * 0.9 > 200 for outcome in outcomes)
    assert sum(outcome["deaths"] + outcome["crashes"] for outcome in outcomes) > 30
    assert sum(outcome["unconfirmed"] for outcome in outcomes) > 0  # some box booted into 1970
    assert spent < TOLERANCE * BUDGET_S


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
    outcome = play(1, 600, script=[])
    assert any("not at rest" in str(found) for found in outcome.account.found)


def test_a_value_that_is_told_again_as_new_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A driver that gives the last reading with a new time where nothing was read."""
    from drivers.modbus.session import ModbusSession  # noqa: PLC0415
    from gateway.model import BAD_FROM  # noqa: PLC0415

    polled, last = ModbusSession.poll, {}

    async def stale(self: ModbusSession, device: Any, group: Any) -> Any:
        from dataclasses import replace  # noqa: PLC0415

        reading = await polled(self, device, group)
        if reading.quality[0] < BAD_FROM:
            last[group.id] = reading
            return reading
        return replace(last[group.id], at=reading.at) if group.id in last else reading

    monkeypatch.setattr(ModbusSession, "poll", stale)
    outcome = play(1, 600, script=parse("at 100 s: a silent for 60 s"))
    assert any(found.what.startswith("order: ") for found in outcome.account.found)
    assert any(found.what.startswith("time: ") for found in outcome.account.found)


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


def test_a_failure_names_seed_instant_and_the_fewest_faults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
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

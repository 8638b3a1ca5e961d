"""The demo as a stranger runs it: real processes, its account, its exit code, and the same with another broker."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from gateway.journal import open_readers
from tests.system.servers import Server

LOTWATCH = (sys.executable, "-m", "gateway")


def demo(*options: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[bytes]:
    command = [*LOTWATCH, "demo", "--json", *options]
    return subprocess.run(command, capture_output=True, check=False, timeout=90, env=environment)


def summary_of(done: subprocess.CompletedProcess[bytes]) -> dict[str, Any]:
    assert done.stdout, done.stderr.decode()
    summary: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return summary


def run(*words: str | Path) -> subprocess.CompletedProcess[bytes]:
    command: Sequence[str] = [*LOTWATCH, *(str(word) for word in words)]
    return subprocess.run(command, capture_output=True, check=False, timeout=60)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any], str]:
    """One demo of twenty seconds, its files kept."""
    folder = tmp_path_factory.mktemp("demo") / "kept"
    done = demo("--seconds", "20", "--data", str(folder))
    assert done.returncode == 0, done.stderr.decode()
    return folder, summary_of(done), done.stderr.decode()


def test_nothing_is_lost_a_planted_change_is_signalled_and_lots_move(
    kept: tuple[Path, dict[str, Any], str],
) -> None:
    _, summary, _ = kept
    assert (summary["lost"], summary["duplicated"]) == (0, 0)
    assert summary["readings"] > 500
    assert summary["values"] > summary["readings"]
    assert summary["lots"] >= 2
    assert summary["signals"] >= 1
    assert any(row["signalled"] for row in summary["planted"])
    assert {"tag", "time", "kind", "size", "signalled"} <= summary["planted"][0].keys()


def test_the_story_tells_readings_a_signal_and_lots_within_fifteen_seconds(
    kept: tuple[Path, dict[str, Any], str],
) -> None:
    _, _, story = kept
    told = [(float(line.split(" s  ")[0]), line) for line in story.splitlines() if " s  " in line[:12]]
    early = "\n".join(line for seconds, line in told if seconds <= 15)
    assert "stored" in early
    assert "SIGNAL" in early
    assert "opened at moulding/line1/" in early


def test_journal_and_replica_are_equal(kept: tuple[Path, dict[str, Any], str]) -> None:
    folder, _, _ = kept
    done = run("audit", "--json", "--journal", folder / "journal", "--replica", folder / "replicas")
    report = json.loads(done.stdout)
    assert (done.returncode, report["findings"]) == (0, [])
    assert report["compared"]["input"] > 500


def test_replaying_the_journal_gives_the_same_events(kept: tuple[Path, dict[str, Any], str]) -> None:
    folder, _, _ = kept
    done = run("replay", "--data", folder / "journal")
    assert done.returncode == 0, done.stderr.decode()


@pytest.mark.parametrize("where", ["journal", "replicas"])
def test_a_lot_is_found_in_journal_and_replica(kept: tuple[Path, dict[str, Any], str], where: str) -> None:
    folder, _, _ = kept
    with open_readers(folder / where)[0] as reader:
        lot = reader.lots()[0].lot
    for command in ("lot", "trace"):
        done = run(command, lot, "--data", folder / where, "--json")
        assert done.returncode == 0, done.stderr.decode()
        assert lot in done.stdout.decode()


def test_a_day_without_faults_gives_no_signal() -> None:
    done = demo("--seconds", "15", "--no-faults")
    summary = summary_of(done)
    assert done.returncode == 0
    assert (summary["signals"], summary["lost"], summary["duplicated"]) == (0, 0, 0)
    assert summary["planted"] == []


def test_without_mosquitto_amqtt_carries_it_and_the_demo_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A PATH without mosquitto is not enough: the demo looks into /usr/sbin too. So hide that place from it.
    hidden = tmp_path / "sitecustomize.py"
    hidden.write_text("import gateway.demo.broker\ngateway.demo.broker._SBIN = '/nowhere'\n", "utf-8")
    path = os.pathsep.join(
        place for place in os.environ["PATH"].split(os.pathsep) if not (Path(place) / "mosquitto").exists()
    )
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(tmp_path)}
    done = demo("--seconds", "8", environment=environment)
    summary = summary_of(done)
    assert "amqtt, MQTT 3.1.1" in summary["broker"]
    assert (done.returncode, summary["lost"], summary["duplicated"]) == (0, 0, 0)


def test_it_uses_the_broker_and_the_database_it_is_given(mosquitto: Server, victoria: Server) -> None:
    database = f"http://{victoria.host}:{victoria.port}"
    done = demo(
        "--seconds", "8", "--broker", f"mqtt://{mosquitto.host}:{mosquitto.port}", "--database", database
    )
    summary = summary_of(done)
    assert (done.returncode, summary["lost"], summary["duplicated"]) == (0, 0, 0)
    assert str(mosquitto.port) in summary["broker"]


def test_ctrl_c_ends_it_with_the_summary() -> None:
    command = [*LOTWATCH, "demo", "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stderr is not None
    for line in process.stderr:
        if b"stored" in line:
            break
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err.decode()
    assert json.loads(out.splitlines()[-1])["lost"] == 0


def test_a_broker_that_is_not_there_is_told_without_a_traceback() -> None:
    done = demo("--seconds", "5", "--broker", "mqtt://127.0.0.1:1")
    assert done.returncode == 69
    assert b"Traceback" not in done.stderr
    assert b"127.0.0.1:1" in done.stderr


def test_a_folder_with_an_earlier_demo_is_refused(kept: tuple[Path, dict[str, Any], str]) -> None:
    folder, _, _ = kept
    done = demo("--seconds", "5", "--data", str(folder))
    assert done.returncode == 2
    assert b"holds an earlier demo" in done.stderr

"""The daemon under a service manager: what it says on the manager's socket, from ready to stopping."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

from tests.system.servers import DIES_WITH_US

DEMO = Path(__file__).parents[2] / "config" / "demo" / "site.yaml"
PATIENCE = 300  # seconds, on a machine that is busy with something else


def test_it_says_that_it_is_ready_then_well_then_stopping(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(PATIENCE)
        environment = {**os.environ, "NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "3000000"}
        environment.pop("WATCHDOG_PID", None)
        command = [
            *DIES_WITH_US,
            sys.executable,
            "-m",
            "gateway",
            "run",
            str(DEMO),
            "--data",
            str(tmp_path / "data"),
        ]
        words = [
            "--set",
            "broker.port=1",
            "--set",
            "web.port=1",
        ]  # a port that nobody may have: no page, and it runs on
        process = subprocess.Popen([*command, *words], env=environment, stderr=subprocess.DEVNULL)
        said = [manager.recv(4096).decode()]
        assert said[0].startswith("READY=1\nSTATUS=site demo: ")
        assert (tmp_path / "data" / "journal.sqlite").exists()
        while sum("WATCHDOG=1" in each for each in said) < 3:  # one that the loop was late for is left out
            said.append(manager.recv(4096).decode())
        process.send_signal(signal.SIGTERM)
        while "STOPPING=1" not in said[-1]:
            said.append(manager.recv(4096).decode())
        assert process.wait(PATIENCE) == 0
    assert sum("READY=1" in each for each in said) == 1

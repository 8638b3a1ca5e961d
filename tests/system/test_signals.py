"""Whatever asks the daemon to end, a closed terminal among it, ends it in good order."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.system.servers import DIES_WITH_US

DEMO = Path(__file__).parents[2] / "config" / "demo" / "site.yaml"


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT, signal.SIGTERM])
def test_it_ends_with_code_0_and_no_words(number: signal.Signals, tmp_path: Path) -> None:
    heard = ("env", "--default-signal=HUP")  # coreutils: these tests may run under nohup
    command = [
        *DIES_WITH_US,
        *heard,
        sys.executable,
        "-m",
        "gateway",
        "run",
        str(DEMO),
        "--data",
        str(tmp_path),
    ]
    terminal, ours = os.openpty()  # without one, SIGHUP is a wish that the config be read again
    process = subprocess.Popen(
        [*command, "--set", "broker.port=1"], stdin=ours, stderr=subprocess.PIPE, text=True
    )
    os.close(ours)
    assert process.stderr is not None
    for line in process.stderr:
        if "runs, journal in" in line:
            break
    process.send_signal(number)
    _, said = process.communicate(timeout=180)
    os.close(terminal)
    assert process.returncode == 0, said
    assert "Traceback" not in said

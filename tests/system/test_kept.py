"""Whatever ends `python -m benchmarks`, nothing that a benchmark had started goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.system.servers import ROOT

PATIENCE_S = 60.0
# A benchmark: a server in a session of its own, one whose parent has ended, one in plain sight; then it waits.
COMMAND = "setsid sleep 999 & echo $!; (sleep 999 & echo $!) ; sleep 999 & echo $!; echo $$; wait"
STARTER = """
import sys, benchmarks._kept as kept, os, signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's job in the background ignores it
print(os.getpid(), flush=True)
sys.exit(kept.run(["sh", "-c", sys.argv[1]], os.environ))
"""


def begun(command: str) -> tuple[subprocess.Popen[str], list[int]]:
    """Somebody who runs a command, and the process ids that it tells."""
    words = [sys.executable, "-c", STARTER, command]
    starter = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert starter.stdout is not None
    return starter, [int(starter.stdout.readline()) for _ in range(5)]


def gone(pid: int) -> bool:
    """Whether it has ended; a zombie has."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


def all_gone(pids: list[int]) -> bool:
    until = time.monotonic() + PATIENCE_S
    while not all(map(gone, pids)):
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_who_is_ended_by_a_signal_leaves_nobody_behind(how: signal.Signals) -> None:
    starter, pids = begun(COMMAND)
    assert not any(map(gone, pids))
    os.kill(starter.pid, how)
    starter.communicate(timeout=PATIENCE_S)
    assert all_gone(pids)


def test_a_command_that_ends_has_its_code_and_leaves_nobody_either() -> None:
    starter, pids = begun(COMMAND.replace("wait", "exit 7"))
    starter.communicate(timeout=PATIENCE_S)
    assert starter.returncode == 7
    assert all_gone(pids)

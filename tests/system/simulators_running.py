"""The simulators as processes, for system tests."""

import contextlib
import json
import signal
import subprocess
import sys
import time

PATIENCE = 180  # seconds, on a machine that is busy with something else


def run(*words):
    return subprocess.Popen([sys.executable, "-m", "simulators", *words], stdout=subprocess.PIPE, text=True)


def stop(process):
    process.send_signal(signal.SIGTERM)
    try:
        return process.wait(PATIENCE)
    finally:
        process.kill()
        process.stdout.close()


def wait_for(what):
    """What it gives once it gives something."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if found := what():
            return found
        time.sleep(0.02)
    raise AssertionError("waited in vain")


@contextlib.contextmanager
def demo(folder, *words):
    process = run("demo", "--run-dir", str(folder), *words)
    try:
        ports = wait_for(
            lambda: (folder / "ports.json").exists() and json.loads((folder / "ports.json").read_text())
        )
        yield ports
    finally:
        code = stop(process)
    assert code == 0

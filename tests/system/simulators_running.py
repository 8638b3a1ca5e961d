"""The simulators as processes, for system tests."""

import contextlib
import json
import signal
import subprocess
import sys
import time


def run(*words):
    return subprocess.Popen([sys.executable, "-m", "simulators", *words], stdout=subprocess.PIPE, text=True)


def stop(process):
    process.send_signal(signal.SIGTERM)
    try:
        return process.wait(10)
    finally:
        process.kill()
        process.stdout.close()


def wait_for(what, seconds=15.0):
    """What it gives once it gives something."""
    deadline = time.monotonic() + seconds
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

"""Runs a command so that nothing of it outlives who started it: ``python -m benchmarks._kept COMMAND ...``.

A benchmark starts servers, gateways and simulators, which start others. The keeper is their "subreaper": who loses
its parent becomes its child, also across sessions (prctl(2)). When the keeper is told to end, or who started it
is gone by whatever signal, the command is interrupted and has a moment to clear away its folders and mounts; then, and
also when it ends by itself, all that is left is killed. Who kills the keeper itself by SIGKILL still takes the command
with it, yet not what that had started.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType

_PDEATHSIG, _SUBREAPER = 1, 36  # PR_SET_... of linux/prctl.h
_ENDS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
GRACE_S = 10.0  # to clear away
_PARENT = "LOTWATCH_KEPT_FOR"  # process id


def run(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run it and wait; its exit code."""
    words = [sys.executable, "-m", "benchmarks._kept", *command]
    with subprocess.Popen(words, env={**environment, _PARENT: str(os.getpid())}) as keeper:
        try:
            return keeper.wait()
        except BaseException:
            keeper.terminate()  # and never SIGKILL: it has to see to the others
            raise


def descendants(of: int) -> Iterator[int]:
    """Process ids below one, children before their own children (proc(5), children)."""
    for task in Path(f"/proc/{of}/task").glob("*/children"):
        try:
            found = task.read_text("ascii").split()
        except OSError:  # it has ended meanwhile
            continue
        for each in map(int, found):
            yield each
            yield from descendants(each)


def _end_all() -> None:
    """Kill whoever is below us, until nobody is: who is killed may just have started another."""
    while below := list(descendants(os.getpid())):
        for each in below:
            try:
                os.kill(each, signal.SIGKILL)
            except ProcessLookupError:
                continue
        try:
            while os.waitpid(-1, 0)[0]:
                pass
        except ChildProcessError:
            continue


def _told(number: int, frame: FrameType | None) -> None:
    del frame
    raise SystemExit(128 + number)


def main() -> int:
    """The command's exit code."""
    libc = ctypes.CDLL(None, use_errno=True)
    for number in _ENDS:
        signal.signal(number, _told)
    libc.prctl(_SUBREAPER, 1)
    libc.prctl(_PDEATHSIG, signal.SIGTERM)
    if os.environ.pop(_PARENT, str(os.getppid())) != str(os.getppid()):
        return 128 + signal.SIGTERM  # it was gone before we could ask to be told
    keeper = os.getpid()

    def tied() -> None:
        libc.prctl(_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != keeper:
            os.kill(os.getpid(), signal.SIGKILL)

    command = subprocess.Popen(sys.argv[1:], preexec_fn=tied)  # noqa: PLW1509 # one thread only
    try:
        return command.wait()
    finally:
        for number in _ENDS:
            signal.signal(number, signal.SIG_IGN)
        if command.poll() is None:
            command.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                command.wait(GRACE_S)
        _end_all()


if __name__ == "__main__":
    sys.exit(main())

"""A database that the user lets us kill: a process by its number, or a command that we run ourselves."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

from gateway.ingest.writer import WriteFailed

_STEP_S, _PATIENCE_S = 0.1, 60.0


class NoVictim(Exception):
    """Nothing that may be killed; the message says why."""


class ByPid:
    """A process that runs; who supervises it starts it again. It can be killed once: then its number is another."""

    again = False

    def __init__(self, pid: int, answers: Callable[[], bool], pause: Callable[[float], object]) -> None:
        """Raises NoVictim."""
        self._pid, self._answers, self._pause = pid, answers, pause
        try:
            os.kill(pid, 0)
        except OSError as error:
            raise NoVictim(f"process {pid}: {error.strerror}") from error

    def kill(self) -> None:
        """Raises WriteFailed where it was another process than the database."""
        try:
            os.kill(self._pid, signal.SIGKILL)
        except OSError as error:
            raise WriteFailed(f"process {self._pid}: {error.strerror}") from error
        waited = 0.0
        while _runs(self._pid) and waited < _PATIENCE_S:
            self._pause(_STEP_S)
            waited += _STEP_S
        if self._answers():  # a supervisor, and the database's start, take longer than this
            raise WriteFailed(
                f"process {self._pid} was killed and the database answers on: it was another process"
            )

    def stop(self) -> None:
        """Nothing of ours runs."""


def _runs(pid: int) -> bool:
    """Whether it is neither gone nor waiting to be buried: proc(5), field 3 of stat."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(") ")[2][:1] not in {
            "Z",
            "X",
            "",
        }
    except OSError:
        return False


class ByCommand:
    """A command in the foreground, that we start, kill, start again, and end in good order."""

    again = True

    def __init__(self, command: str, answers: Callable[[], bool], pause: Callable[[float], object]) -> None:
        """Starts it. Raises NoVictim where that is no command, or somebody answers already."""
        self._words, self._answers, self._pause = shlex.split(command), answers, pause
        if answers():
            raise NoVictim("a database answers there already: stop it first, or name its process")
        try:
            self._process = self._started()
        except WriteFailed as error:
            raise NoVictim(str(error)) from error

    def kill(self) -> None:
        """And start it again. Raises WriteFailed where it does not come up."""
        self._process.kill()
        self._process.wait()
        if self._answers():
            words = f"{self._words[0]} was killed and the database answers on: name its own command, not a script's"
            raise WriteFailed(words)
        self._process = self._started()

    def stop(self) -> None:
        """SIGTERM, and SIGKILL for one that does not listen."""
        self._process.terminate()
        try:
            self._process.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _started(self) -> subprocess.Popen[bytes]:
        quiet = subprocess.DEVNULL
        try:
            process = subprocess.Popen(self._words, stdin=quiet, stdout=quiet, stderr=quiet)
        except (OSError, ValueError, IndexError) as error:
            raise WriteFailed(f"{shlex.join(self._words)!r} cannot be started: {error}") from error
        waited = 0.0
        while not self._answers():
            if process.poll() is not None:
                raise WriteFailed(
                    f"{self._words[0]} ended with code {process.returncode} and does not answer"
                )
            if waited > _PATIENCE_S:
                process.kill()
                process.wait()
                raise WriteFailed(f"{self._words[0]} does not answer {_PATIENCE_S:g} s after its start")
            self._pause(_STEP_S)
            waited += _STEP_S
        return process

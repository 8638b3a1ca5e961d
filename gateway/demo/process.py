"""Child processes of the demo: started, watched, ended by pid, their talk kept in a file each."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
from pathlib import Path

from gateway.ports import Clock


def _dies_with_us() -> tuple[str, ...]:
    """Where util-linux has it: the kernel ends the child when the demo is killed."""
    return ("setpriv", "--pdeathsig", "KILL") if shutil.which("setpriv") else ()


_PATIENCE_NS = 60_000_000_000  # on a busy machine a good end takes its time


class ChildDied(Exception):  # named after what happened
    """A process that should run ended; the message has its last words."""


class Child:
    """One process, in a session of its own: Ctrl-C in the terminal is the demo's, which ends its children in order.

    `stop` ends it in good order; leaving the demo kills what is left.
    """

    def __init__(self, name: str, process: asyncio.subprocess.Process, log: Path) -> None:
        self.name, self.log = name, log
        self._process = process

    @classmethod
    async def start(cls, name: str, command: list[str], folder: Path) -> Child:
        """Run a command, its stdout and stderr to ``folder/name.log``."""
        log = folder / f"{name}.log"
        with log.open("wb") as out:
            process = await asyncio.create_subprocess_exec(
                *_dies_with_us(),
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
                start_new_session=True,
            )
        return cls(name, process, log)

    @property
    def pid(self) -> int:
        return self._process.pid

    def check(self) -> None:
        """Raise ChildDied where the process has ended."""
        if self._process.returncode is not None:
            raise ChildDied(f"{self.name} ended with code {self._process.returncode}:\n{self.last_words()}")

    def last_words(self, lines: int = 15) -> str:
        """The end of what it printed."""
        text = self.log.read_text("utf-8", "replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])

    async def stop(self, clock: Clock) -> int:
        """SIGTERM, then SIGKILL for one that does not listen; the exit code."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)
        try:
            return await clock.within(self._process.wait(), clock.boottime_ns() + _PATIENCE_NS)
        except TimeoutError:
            return await self.kill()

    async def kill(self) -> int:
        """End it at once, whatever it does."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        return await self._process.wait()

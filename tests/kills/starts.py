"""What a start of the gateway costs until it asks its devices again: seconds of the processor, its helpers' too.

Not seconds of the clock: in a round everything is started beside everything else, and on a busy machine a start waits
for others most of its time.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from benchmarks.reliability.running import pace
from tests.system.servers import Server

RESTART_S = 2.0  # of a machine that is as fast as that of the budgets
RUNS = b"runs, journal in"  # `lotwatch run` says so when its tasks have begun
_LOOK_S = 0.05
_OWN, _CHILDREN = slice(11, 13), slice(13, 15)  # utime and stime, cutime and cstime: proc(5), after the name


class Starts:
    """Of one server; `took` has those that came to their end."""

    def __init__(self) -> None:
        self.took: list[float] = []
        self._watching: set[asyncio.Task[None]] = set()

    def begun(self, server: Server, behind: int) -> asyncio.Task[None]:
        """It was started, with so many bytes in its log before; a task until it runs, or has ended."""
        task = asyncio.get_running_loop().create_task(self._watch(server.pid, server.log, behind))
        self._watching.add(task)
        task.add_done_callback(self._watching.discard)
        return task

    async def _watch(self, pid: int, log: Path, behind: int) -> None:
        while (seconds := spent(pid)) is not None:
            if RUNS in await asyncio.to_thread(_from, log, behind):
                self.took.append(seconds)
                return
            await asyncio.sleep(_LOOK_S)


def usual_s(took: Sequence[float]) -> float:
    """What a start usually takes, at the pace of the budgets; infinite where none came to its end.

    Not the longest: what neighbours take of caches makes one of many half as long again.
    """
    usual = median(took) if took else float("inf")
    return usual if usual < RESTART_S else usual / pace()


def spent(pid: int) -> float | None:
    """Seconds of the processor that a process and its ended children took; None where it has ended."""
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
        if fields[0] != "Z":
            return sum(map(int, (*fields[_OWN], *fields[_CHILDREN]))) / os.sysconf("SC_CLK_TCK")
    return None


def _from(log: Path, behind: int) -> bytes:
    with log.open("rb") as file:
        file.seek(behind)
        return file.read()

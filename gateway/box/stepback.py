"""A helper process steps back: the daemon's polls come first.

Where the kernel groups processes by session (``sched_autogroup``, as Debian has it), nice counts within one session
alone, and a helper has one of its own: its group has a nice too (sched(7), "The autogroup feature").
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

NICE = 10
GROUP = 5  # a third of what each other session gets: with a tenth, pages of a busy machine never came


def step_back() -> None:
    """Take less than others get while they want it. What the system does not let us do is left."""
    with contextlib.suppress(OSError):
        os.nice(NICE)
    if os.getsid(0) == os.getpid():  # the session of a person's shell is not ours to slow down
        with contextlib.suppress(OSError):
            Path("/proc/self/autogroup").write_text(str(GROUP), "ascii")

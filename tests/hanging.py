"""A test that hangs ends the run, and the last line says which it was, where in our code, and since when.

One thread looks every few seconds at what runs: a timer for each of ten thousand tests would be ten thousand threads.
What holds the interpreter, so that this thread cannot look either, is ended by `faulthandler`, which it winds up anew
each time; that prints a hundred lines of frames and no name.
"""

from __future__ import annotations

import faulthandler
import os
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

LIMIT_S = 900.0  # slow machines take minutes for one test
HELD_S = 1_000.0  # that nobody could look
_EVERY_S = 5.0
_ROOT = Path(__file__).parents[1]
_OURS = ("gateway", "drivers", "simulators", "tests", "benchmarks")


def told(name: str, frame: FrameType | None, seconds: float, root: Path = _ROOT) -> str:
    """What is said of a test that hangs: every frame's own line, and last the name with our innermost line."""
    stack = traceback.extract_stack(frame) if frame is not None else traceback.StackSummary()
    lines = [f"  {each.filename}:{each.lineno} {each.name}: {each.line}" for each in stack]
    ours = [each for each in stack if any(Path(each.filename).is_relative_to(root / room) for room in _OURS)]
    where = f"{ours[-1].filename}:{ours[-1].lineno}: {ours[-1].line}" if ours else "none of our lines"
    return "\n".join([*lines, f"HANGS: {name} for {seconds:.0f} s, at {where}", ""])


@dataclass(frozen=True, slots=True)
class _Running:
    """What a thread is at, and until when it may be."""

    name: str
    thread: int
    seconds: float
    until: float


class _Watch(threading.Thread):
    """Looks at what runs in this process. `out`: the descriptor that is told."""

    def __init__(self, out: int, every_s: float, held_s: float) -> None:
        super().__init__(name="hanging", daemon=True)
        self.running: _Running | None = None
        self._out, self._every_s, self._held_s = out, every_s, held_s
        self._never = threading.Event()

    def run(self) -> None:
        while True:
            faulthandler.dump_traceback_later(self._held_s, exit=True, file=self._out)
            self._never.wait(self._every_s)
            at = self.running
            if at is not None and time.monotonic() > at.until:
                text = told(at.name, sys._current_frames().get(at.thread), at.seconds)  # noqa: SLF001
                os.write(self._out, text.encode())
                os._exit(70)


_watches: dict[int, _Watch] = {}  # by process: a fork has none of its parent's threads


@contextmanager
def watched(name: str, out: int, seconds: float = LIMIT_S, held_s: float = HELD_S) -> Iterator[None]:
    """Ends this process, with 70, if what is inside takes longer; `out`: the descriptor that is told of it."""
    watch = _watches.get(os.getpid())
    if watch is None:
        watch = _watches[os.getpid()] = _Watch(out, min(seconds, held_s / 2, _EVERY_S), held_s)
        watch.start()
    before = watch.running
    watch.running = _Running(name, threading.get_ident(), seconds, time.monotonic() + seconds)
    try:
        yield
    finally:
        watch.running = before

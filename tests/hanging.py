"""A test that hangs ends the run, and the last line says which it was, where in our code, and since when.

pytest's own watchdog (``faulthandler_timeout``) prints a hundred lines of its own frames and no name; it stays behind
this one, for what hangs without letting other threads run.
"""

from __future__ import annotations

import os
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

LIMIT_S = 900.0  # slow machines take minutes for one test
_ROOT = Path(__file__).parents[1]
_OURS = ("gateway", "drivers", "simulators", "tests", "benchmarks")


def told(name: str, frame: FrameType | None, seconds: float, root: Path = _ROOT) -> str:
    """What is said of a test that hangs: every frame's own line, and last the name with our innermost line."""
    stack = traceback.extract_stack(frame) if frame is not None else traceback.StackSummary()
    lines = [f"  {each.filename}:{each.lineno} {each.name}: {each.line}" for each in stack]
    ours = [each for each in stack if any(Path(each.filename).is_relative_to(root / room) for room in _OURS)]
    where = f"{ours[-1].filename}:{ours[-1].lineno}: {ours[-1].line}" if ours else "none of our lines"
    return "\n".join([*lines, f"HANGS: {name} for {seconds:.0f} s, at {where}", ""])


@contextmanager
def watched(name: str, out: int, seconds: float = LIMIT_S) -> Iterator[None]:
    """Ends this process, with 70, if what is inside takes longer; `out`: the descriptor that is told of it."""
    thread = threading.get_ident()

    def end() -> None:
        os.write(out, told(name, sys._current_frames().get(thread), seconds).encode())  # noqa: SLF001
        os._exit(70)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()

"""Files that are too long for an answer in memory: handed from helper to daemon by a name in the temporary folder.

Whoever takes one takes its name away. What nobody took, for somebody was ended in between, goes when a helper begins.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

PREFIX = "lotwatch-file-"
_LEFT_S = 600.0  # ten times what an answer may take


def handed(pieces: Iterable[bytes]) -> str:
    """The path of a file of them. Raises OSError, and what making them raises; then there is none."""
    handle, path = tempfile.mkstemp(prefix=PREFIX)
    try:
        with os.fdopen(handle, "wb") as file:
            for piece in pieces:
                file.write(piece)
    except BaseException:
        Path(path).unlink(missing_ok=True)
        raise
    return path


def sweep(now_s: float) -> None:
    """Remove ours that nobody took; `now_s`: wall time."""
    for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):  # somebody else's, or gone
            if now_s - path.stat().st_mtime > _LEFT_S:
                path.unlink()

"""Scenarios are played by the simulators, in processes of their own: what runs at a plant does not know them.

One scenario a process, as many at a time as there are cores; a process that breaks is told with its last words.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

_LAST_WORDS = 2_000


class PlayerDied(Exception):
    """A process ended without an outcome; the message has its last words."""


def play(
    files: Sequence[Path], seed: int | None, days: float | None, tell: Callable[[str], None]
) -> list[dict[str, Any]]:
    """The outcome of each file, in their order. Raises PlayerDied."""
    options = [
        *(["--seed", str(seed)] if seed is not None else []),
        *(["--days", repr(days)] if days is not None else []),
    ]
    with ThreadPoolExecutor(max(os.cpu_count() or 1, 1)) as pool:
        running = [pool.submit(_one, file, options, tell) for file in files]
        try:
            return [each.result() for each in running]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _one(file: Path, options: list[str], tell: Callable[[str], None]) -> dict[str, Any]:
    command = [sys.executable, "-m", "simulators", "simulate", str(file.absolute()), *options]
    environment = {"OPENBLAS_NUM_THREADS": "1", **os.environ}
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=environment, check=False
    )
    if done.returncode or not done.stdout.strip():
        words = done.stderr[-_LAST_WORDS:].strip()
        raise PlayerDied(f"{file} could not be played (code {done.returncode}): {words}")
    outcome: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    tell(f"{outcome['scenario']}: played")
    return outcome

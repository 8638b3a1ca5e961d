"""The fault simulation is the simulators', in a process of its own: what runs at a plant does not know them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

_LAST_WORDS = 2_000
_OUTCOMES = (0, 1)  # exit codes with an outcome: whole, or something was found


class ChaosBroke(Exception):
    """The process ended without an outcome; the message has its last words, `code` how it ended."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(words)
        self.code = code


def run_chaos(
    seeds: Sequence[int], hours: float, *, period_s: float, script: Path | None, record: Path | None
) -> Iterator[dict[str, Any]]:
    """The outcome of each seed as soon as it is there. Raises ChaosBroke."""
    command = [
        sys.executable,
        "-m",
        "simulators",
        "chaos",
        "--hours",
        repr(hours),
        "--period",
        repr(period_s),
    ]
    for seed in seeds:
        command += ["--seed", str(seed)]
    for option, path in (("--script", script), ("--record", record)):
        command += [option, str(path.absolute())] if path is not None else []
    environment = {"OPENBLAS_NUM_THREADS": "1", **os.environ}
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:
        assert process.stdout is not None and process.stderr is not None  # noqa: S101, PT018 # PIPE
        for line in process.stdout:
            yield json.loads(line)
        words = process.stderr.read()
    if process.returncode not in _OUTCOMES:
        raise ChaosBroke(
            process.returncode, words[-_LAST_WORDS:].strip() or f"ended with {process.returncode}"
        )

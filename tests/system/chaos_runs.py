"""Runs of the fault simulation in a process of their own: outcome by outcome, each within its budget.

A budget is in seconds of the processor, at the pace of this machine before or after the run: neighbours and clocks make
the same work cost twice as much, and say nothing of ours. Together they are 300 s: 150 by the clock, on two processes.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from benchmarks.reliability.running import pace
from tests.reliability_seconds import PROPERTY

HOURS = 2.0  # of a seed: what the table asks for
SEED_S = 15.0  # of CPU, at the budget's pace
DAY_S = 130.0
SOAK_S = 20.0
SLACK = 1.5  # the loop that takes the pace does not feel caches that neighbours share

Note = Callable[[str, object], None]
Next = Callable[[], dict[str, Any]]


@contextmanager
def runs(*options: str) -> Iterator[Next]:
    """A process with these options, begun; each call waits for its next outcome."""
    command = [sys.executable, "-m", "simulators", "chaos", *options]
    with (
        tempfile.TemporaryFile() as words,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=words, text=True) as process,
    ):
        assert process.stdout is not None
        stdout = process.stdout

        def following() -> dict[str, Any]:
            before = pace()
            line = stdout.readline()
            if not line:
                words.seek(0)
                raise AssertionError(words.read().decode()[-2000:] or "it ended without an outcome")
            outcome: dict[str, Any] = json.loads(line)
            return outcome | {"pace": max(before, pace())}

        try:
            yield following
        finally:
            process.kill()


@contextmanager
def seeds(numbers: Sequence[int]) -> Iterator[Next]:
    """One after another, for `HOURS` each: modules are loaded once for all."""
    with runs(
        "--hours", f"{HOURS:g}", *(word for seed in numbers for word in ("--seed", str(seed)))
    ) as following:
        yield following


def is_whole(outcome: dict[str, Any], budget_s: float, note: Note) -> None:
    """Nothing was found, it was no empty run, and it cost no more than it may."""
    paced_s = outcome["cpu_seconds"] / outcome["pace"]
    note(PROPERTY, ["chaos", outcome["faults"], outcome["cpu_seconds"], paced_s, budget_s])
    assert outcome["found"] == []
    assert outcome["signals"] == 0
    assert outcome["refolded"] > outcome["readings"] >= outcome["held"]
    assert outcome["held"] > outcome["due"] * 0.9 > 250 * outcome["hours"]
    assert paced_s <= SLACK * budget_s

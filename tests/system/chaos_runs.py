"""Runs of the fault simulation in a process of their own: outcome by outcome, each within its budget.

A budget is in seconds of the processor, at the pace of this machine during the run: neighbours and clocks make the same
work cost up to twice as much, and say nothing of ours. It is what was measured and 30 %.
"""

from __future__ import annotations

import json
import select
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from statistics import fmean
from typing import Any

import pytest

from benchmarks.reliability.running import pace
from tests.reliability_seconds import PROPERTY

HOURS = 2.0  # of a seed: what the table asks for
SEED_S = 16.0  # of CPU, at the budget's pace
DAY_S = 155.0
SOAK_S = 13.0
LOOK_S = 5.0  # between two looks at the pace: it changes by half within seconds where neighbours come and go

Note = Callable[[str, object], None]
Next = Callable[[], dict[str, Any]]


@contextmanager
def runs(numbers: Iterable[int], *options: str) -> Iterator[Next]:
    """A process that plays these seeds, begun; each call waits for its next outcome.

    It looks for no fewest faults: that takes minutes, and `is_whole` says the command that does.
    """
    played = ["-m", "simulators", "chaos", *options]
    seeds = [word for number in numbers for word in ("--seed", str(number))]
    command = [sys.executable, *played, "--no-explain", *seeds]
    with (
        tempfile.TemporaryFile() as words,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=words, bufsize=0) as process,
    ):
        assert process.stdout is not None
        stdout = process.stdout

        def following() -> dict[str, Any]:
            paces = [pace()]
            while not select.select([stdout], [], [], LOOK_S)[0]:
                paces.append(pace())
            line = stdout.readline()
            if not line:
                words.seek(0)
                raise AssertionError(words.read().decode()[-2000:] or "it ended without an outcome")
            outcome: dict[str, Any] = json.loads(line)
            explained = shlex.join(["python", *played, "--seed", str(outcome["seed"])])
            return outcome | {"pace": fmean(paces), "explained": explained}

        try:
            yield following
        finally:
            process.kill()


def seeds(numbers: Iterable[int]) -> Callable[[], Iterator[Next]]:
    """A fixture of a module: these one after another, for `HOURS` each; modules are loaded once for all."""

    @pytest.fixture(scope="module")
    def following() -> Iterator[Next]:
        with runs(numbers, "--hours", f"{HOURS:g}") as begun:
            yield begun

    return following


def seed_is_whole(seed: int, following: Next, note: Note) -> None:
    """The next outcome is this seed's, and whole."""
    outcome = following()
    assert outcome["seed"] == seed
    is_whole(outcome, SEED_S, note)


def is_whole(outcome: dict[str, Any], budget_s: float, note: Note) -> None:
    """Nothing was found, it was no empty run, and it cost no more than it may."""
    paced_s = outcome["cpu_seconds"] / outcome["pace"]
    note(PROPERTY, ["chaos", outcome["faults"], outcome["cpu_seconds"], paced_s, budget_s])
    found = "\n".join(outcome["found"])
    assert not found, f"{found}\nthe fewest faults that do it: {outcome['explained']}"
    assert outcome["signals"] == 0
    assert outcome["refolded"] > outcome["readings"] >= outcome["held"]
    assert outcome["held"] > outcome["due"] * 0.9 > 250 * outcome["hours"]
    assert paced_s <= budget_s

"""What a child that ended, was ended or died has said of a mutant; and which module a cold one gets."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from benchmarks._mutation_cold import _Importer
from benchmarks._mutation_fork import KILLED, SURVIVED, TIMEOUT, _verdict

ROOT = Path(__file__).parents[3]
EXIT = 256  # of a status as waitpid gives it


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (0 * EXIT, SURVIVED),
        (1 * EXIT, KILLED),
        (signal.SIGSEGV, KILLED),
        (signal.SIGPROF, TIMEOUT),  # its limit of CPU
        (None, TIMEOUT),  # its limit by the clock
        (signal.SIGKILL, SURVIVED),  # short of memory, or somebody: nothing is known
        (signal.SIGTERM, SURVIVED),
    ],
)
def test_a_child_says(status: int | None, verdict: str) -> None:
    assert _verdict(status) == verdict


@pytest.mark.parametrize(
    ("name", "given"),
    [("gateway.journal.pack", True), ("gateway.journal", False), ("pack", False), ("journal.pack", False)],
)
def test_only_the_module_itself_is_the_mutant(name: str, *, given: bool) -> None:
    importer = _Importer(ROOT / "gateway/journal/pack.py", 0, 0)
    assert (importer.find_spec(name) is not None) == given

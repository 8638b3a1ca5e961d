"""SIGKILL at random moments: what was acknowledged is there, whole blocks only, numbers without a hole."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.journal import JournalReader
from gateway.model import Reading
from tests.system.journal_victim import BLOCK, record
from tests.unit.journal.plant import Plant, open_journal

pytestmark = pytest.mark.system
ROOT = Path(__file__).parents[2]
KILLS = 10


Enough = Callable[[list[list[str]]], bool]


def one_life(folder: Path, enough: Enough, seconds: float) -> list[list[str]]:
    """Run the victim, kill it so long after it has said enough; what it said, line by line."""
    command = [sys.executable, "-m", "tests.system.journal_victim", str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = [process.stdout.readline().split()]
        killer = threading.Timer(seconds, process.kill)
        waiting = True
        for line in process.stdout:
            if line.endswith("\n"):
                said.append(line.split())
            if waiting and enough(said):
                waiting = False
                killer.start()
        killer.join()
    assert process.returncode == -9, "it was to be killed, not to fail"
    return said


def commits(said: list[list[str]]) -> list[tuple[int, ...]]:
    return [tuple(map(int, words[1:])) for words in said if words[0] == "committed" and len(words) == 3]


def has_committed(least: int) -> Enough:
    return lambda said: len(commits(said)) >= least


def has_sealed(said: list[list[str]]) -> bool:
    return any(words[0] == "sealed" and int(words[1]) > 0 for words in said)


def has_merged(said: list[list[str]]) -> bool:
    return any(words[0] == "sealed" and len(words) > 2 and int(words[2]) > 0 for words in said)


def test_killed_at_random(tmp_path) -> None:
    folder, dice = tmp_path / "data", random.Random(7)
    acknowledged: tuple[int, ...] = (0, 0)
    sealed = merged = False
    for life in range(KILLS):
        enough = has_merged if life == KILLS - 2 else has_committed(dice.randint(0, 30))
        said = one_life(folder, enough, dice.uniform(0.0, 0.3))
        assert said[0][0] == "opened"
        assert tuple(map(int, said[0][1:])) >= acknowledged
        acknowledged = max([acknowledged, *commits(said)])
        sealed, merged = sealed or has_sealed(said), merged or has_merged(said)
        with JournalReader(folder) as reader:
            last = reader.last()
            assert (last.input, last.event) >= acknowledged
            assert last.input == last.event * BLOCK, "whole blocks only"
            seqs = [each.seq for each in reader.inputs(1, 10**9)]
            assert seqs == list(range(1, last.input + 1))
    assert acknowledged[0] > 500
    assert sealed, "some of it was sealed on the way"
    assert merged, "and merged"
    with open_journal(folder) as journal:
        found = journal.recover()
        assert found.snapshot == str(found.snapshot_seq).encode()
        rest = list(found.inputs)
        assert [each.seq for each in rest] == list(range(found.snapshot_seq + 1, found.last.input + 1))
    plant = Plant()
    with JournalReader(folder) as reader:
        for seq, given in reader.inputs(2, 10**9):
            expected = record(seq, plant).input
            assert isinstance(given, Reading)
            assert isinstance(expected, Reading)
            assert given.at == expected.at
            assert given.raw.tolist() == expected.raw.tolist()

"""Mutation testing: the share of small mistakes in a room that its unit tests notice.

    python -m benchmarks.mutation [--room NAME] [--sample N] [--seed N] [--seconds LIMIT] [--patience CPU]
                                  [--every] [--list]

Each room's mutants are counted, a sample is drawn by the seed (or `--every` one taken), and each is played against the
unit tests of the room that run its function. A timeout counts as noticed when the right code takes less than a quarter
of it. Not noticed are also a mutant that nothing runs, one that changes nothing anybody could see, and one that only
tests slower than --patience would notice: the figure is a lower bound. Verdicts are kept in .cache/mutation: what was
killed stays so while its file is the same, survivors are asked again. It ends at the limit and goes on from there the
next time.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import io
import json
import math
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks._mutation_fork import KILLED, TIMEOUT
from benchmarks._mutation_play import Player
from benchmarks._mutation_sites import Mutant, mutants
from benchmarks._table import Row, machine, print_table

ROOT = Path(__file__).parents[1]
KEPT = ROOT / ".cache" / "mutation"
REACH = 0.85
MEMORY = Path("/dev/shm")  # where there is one, tests need not wait for the disk
RULES = 2  # by which a mutant counts as killed; verdicts by others are not believed
ROOMS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "codec": (
        ("drivers/modbus/pdu.py", "drivers/modbus/question.py", "drivers/modbus/crc.py", "drivers/modbus/mbap.py",
         "drivers/modbus/rtu_talk.py"),
        ("tests/unit/modbus", "drivers/modbus"),
    ),
    "journal": (
        ("gateway/journal/*.py",),
        ("tests/unit/journal", "gateway/journal", "tests/unit/restating", "tests/unit/keeping", "tests/unit/recall",
         "tests/unit/repository", "tests/unit/parquet", "tests/unit/cli/test_trace.py", "tests/unit/cli/test_lots.py",
         "tests/unit/cli/test_alarm.py", "tests/unit/cli/test_gap.py", "tests/unit/ingest/test_gaps.py",
         "tests/unit/ingest/test_replicas.py", "tests/unit/ingest/test_audit.py", "tests/unit/ingest/test_feed.py",
         "tests/unit/publish/test_stored_cursor.py", "tests/unit/app/test_start.py", "tests/unit/web/test_helper.py",
         "tests/unit/web/test_downloads.py", "tests/unit/doctor", "tests/unit/metrics"),
    ),
    "genealogy": (("gateway/genealogy/*.py",), ("tests/unit/genealogy", "gateway/genealogy")),
    "alarms": (
        ("gateway/alarms/*.py",),
        ("tests/unit/alarms", "gateway/alarms", "tests/unit/controlplan/test_ladders.py",
         "tests/unit/fold/test_alarms.py"),
    ),
}  # fmt: skip
"""Room to its files and to the tests that have to notice."""


def sources_of(room: str) -> dict[Path, str]:
    """The files of a room, as they are now: somebody may edit them while they are played."""
    paths = sorted(path for pattern in ROOMS[room][0] for path in ROOT.glob(pattern))
    return {path: path.read_text("utf-8") for path in paths}


def wilson(hits: int, of: int) -> tuple[float, float]:
    """95% interval of a share (Wilson 1927, JASA 22: 209)."""
    if not of:
        return 0.0, 1.0
    z, share = 1.959964, hits / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z / (1 + z * z / of) * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return middle - half, middle + half


class Book:
    """Verdicts of earlier runs, by the file's content."""

    def __init__(self, room: str) -> None:
        self._path = KEPT / f"{room}-{RULES}.jsonl"
        self._killed: dict[tuple[str, str, int, int], str] = {}
        with contextlib.suppress(FileNotFoundError):
            for line in self._path.read_text("utf-8").splitlines():
                with contextlib.suppress(ValueError):  # a line that a kill cut short
                    *key, verdict = json.loads(line)
                    self._killed[tuple(key)] = verdict

    def known(self, path: Path, source: str, mutant: Mutant) -> str | None:
        return self._killed.get(_key(path, source, mutant))

    def note(self, path: Path, source: str, mutant: Mutant, verdict: str) -> None:
        if verdict in {KILLED, TIMEOUT}:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps([*_key(path, source, mutant), verdict]) + "\n")


def _key(path: Path, source: str, mutant: Mutant) -> tuple[str, str, int, int]:
    digest = hashlib.sha256(source.encode()).hexdigest()[:16]
    return str(path.relative_to(ROOT)), digest, mutant.node, mutant.variant


class Game:
    """One room's sample and what became of it."""

    def __init__(self, room: str, sample: int | None, seed: int, seconds: float, *, loud: bool) -> None:
        self.room, self._seconds, self._loud = room, seconds, loud
        self.sources = sources_of(room)
        every = [(path, mutant) for path, source in self.sources.items() for mutant in mutants(source)]
        self.count = len(every)
        whole = sample is None or sample >= len(every)
        self.sample = every if whole else random.Random(seed).sample(every, sample or 0)
        self.verdicts: list[tuple[Path, Mutant, str]] = []

    def play(self, ask: Callable[[Path, Mutant], str]) -> None:
        """Every mutant of the sample, or as many as there is time for."""
        book, until = Book(self.room), time.monotonic() + self._seconds
        for path, mutant in self.sample:
            verdict = book.known(path, self.sources[path], mutant)
            if verdict is None:
                if time.monotonic() > until:
                    return
                verdict = ask(path, mutant)
                book.note(path, self.sources[path], mutant, verdict)
            self.verdicts.append((path, mutant, verdict))
            if self._loud or verdict not in {KILLED, TIMEOUT}:
                where = f"{path.relative_to(ROOT)}:{mutant.line}"
                print(f"  {where}: {mutant.what}: {verdict}", file=sys.stderr, flush=True)

    def row(self) -> Row:
        """Its row of the table."""
        of = len(self.verdicts)
        kinds = [verdict for *_, verdict in self.verdicts]
        hits = kinds.count(KILLED) + kinds.count(TIMEOUT)
        low, high = wilson(hits, of)
        share = hits / of if of else 0.0
        short = "" if of == len(self.sample) else f", {len(self.sample) - of} not played yet"
        measured = f"{hits} of {of} ({share:.1%}, 95%: {low:.1%} to {high:.1%}), {kinds.count(TIMEOUT)} by time{short}"
        return Row(
            f"{self.room}: {self.count} mutants, {len(self.sample)} drawn", "", f">= {REACH:.0%} killed", measured,
            reached=share >= REACH if of == len(self.sample) else None,
        )  # fmt: skip


def main() -> int:
    """One room in this process, all of them one after another."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks mutation", description=__doc__.split("\n")[0])
    parser.add_argument("--room", choices=sorted(ROOMS))
    parser.add_argument("--sample", type=int, default=300, help="mutants a room")
    parser.add_argument("--every", action="store_true", help="all of them instead")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=1e9, help="of a room; the next run goes on")
    parser.add_argument(
        "--patience", type=float, default=6.0, help="CPU seconds of tests that a mutant is shown"
    )
    parser.add_argument("--list", action="store_true", help="every verdict, not those of survivors only")
    given = parser.parse_args()
    os.nice(max(0, 10 - os.nice(0)))
    if MEMORY.is_dir():
        os.environ["TMPDIR"] = str(MEMORY)
    if given.room is None:
        broken = 0
        for room in ROOMS:
            command = [sys.executable, "-m", "benchmarks.mutation", "--room", room, *sys.argv[1:]]
            broken += subprocess.run(command, check=False).returncode != 0
        return broken
    game = Game(given.room, None if given.every else given.sample, given.seed, given.seconds, loud=given.list)
    paths = [str(ROOT / each) for each in ROOMS[given.room][1]]
    talk = io.StringIO()
    with contextlib.redirect_stdout(talk):
        code = pytest.main(
            ["-q", "-p", "no:cacheprovider", "-m", "not system", "-s", f"--rootdir={ROOT}", *paths],
            plugins=[Player(game.sources, game.play, given.patience, KEPT / "tests")],
        )
    if code not in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}:
        print(talk.getvalue()[-2_000:], file=sys.stderr)
        return 1
    print_table([game.row()])
    print(f"seed {given.seed}, patience {given.patience:g} s; {machine()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

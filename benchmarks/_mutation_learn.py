"""Which test runs which lines of a room, and how long it takes: learnt once, with the right code, kept by file.

A test is learnt again when its file, a helper beside it, or a file of the room has changed.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

import pytest

from benchmarks._mutation_fork import run_tests


class Learnt(NamedTuple):
    """Of one test, as it was watched: watching makes it slower."""

    cpu_s: float
    wall_s: float
    calls: dict[str, list[int]]  # by file: first lines of the functions that it ran
    lines: dict[str, list[int]]  # by file: lines that it ran


def learnt(session: pytest.Session, files: Sequence[str], kept: Path) -> list[Learnt]:
    """Of each test of the session. Raises Interrupted where one fails."""
    digests = _digests(session, files)
    known: dict[str, Any] = {}
    for path in (kept / f"{digest}.json" for digest in set(digests.values())):
        if path.exists():
            known.update(json.loads(path.read_text("utf-8")))
    new = [item for item in session.items if item.nodeid not in known]
    if new:
        fresh = _watched(session, new, files)
        known.update(fresh)
        kept.mkdir(parents=True, exist_ok=True)
        for file, digest in digests.items():
            names = [item.nodeid for item in session.items if str(item.path) == file]
            if names:
                found = {name: known[name] for name in names if name in known}
                (kept / f"{digest}.json").write_text(json.dumps(found), "utf-8")
    return [Learnt(*known.get(item.nodeid, (0.0, 0.0, {}, {}))) for item in session.items]


def _digests(session: pytest.Session, files: Sequence[str]) -> dict[str, str]:
    """By file of tests: of itself, of helpers beside it, and of the room."""
    room = _hashed(sorted(files))
    found = {}
    for path in {item.path for item in session.items}:
        helpers = [
            str(each) for each in sorted(path.parent.glob("*.py")) if not each.name.startswith("test_")
        ]
        found[str(path)] = hashlib.sha256(room + _hashed([*helpers, str(path)])).hexdigest()[:16]
    return found


def _hashed(paths: Sequence[str]) -> bytes:
    whole = hashlib.sha256()
    for path in paths:
        whole.update(path.encode() + b"\0" + Path(path).read_bytes())
    return whole.digest()


def _watched(session: pytest.Session, items: list[pytest.Item], files: Sequence[str]) -> dict[str, Any]:
    """By test, out of a child. Every test has to pass."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read)
        watch = Watch(files)
        session.config.pluginmanager.register(watch, "mutation watch")
        failed = run_tests(session, list(items))
        with os.fdopen(write, "w") as pipe:
            json.dump([failed, watch.tests], pipe)
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        failed, tests = json.load(pipe)
    os.waitpid(pid, 0)
    if failed:
        raise session.Interrupted(f"without a mutant, {failed} fails: mend that first")
    found: dict[str, Any] = tests
    return found


class Watch:
    """A plugin of pytest: what each test runs."""

    def __init__(self, files: Sequence[str]) -> None:
        self.tests: dict[str, Learnt] = {}
        self._calls: dict[str, set[int]] = {file: set() for file in files}
        self._lines: dict[str, set[int]] = {file: set() for file in files}
        self._inside = {file: _inside(lines) for file, lines in self._lines.items()}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Any:
        for each in (*self._calls.values(), *self._lines.values()):
            each.clear()
        began, clock = time.process_time(), time.monotonic()
        threading.settrace(self._see)
        sys.settrace(self._see)
        try:
            return (yield)
        finally:
            sys.settrace(None)
            threading.settrace(None)
            took, wall = time.process_time() - began, time.monotonic() - clock
            self.tests[item.nodeid] = Learnt(took, wall, _sorted(self._calls), _sorted(self._lines))

    def _see(self, frame: FrameType, event: str, _: object) -> Any:
        """As sys.settrace calls it."""
        code = frame.f_code
        inside = self._inside.get(code.co_filename)
        if inside is not None and event == "call":
            self._calls[code.co_filename].add(code.co_firstlineno)
        return inside


def _inside(lines: set[int]) -> Any:
    add = lines.add

    def inside(frame: FrameType, event: str, _: object) -> Any:
        if event == "line":
            add(frame.f_lineno)
        return inside

    return inside


def _sorted(found: Mapping[str, set[int]]) -> dict[str, list[int]]:
    return {file: sorted(lines) for file, lines in found.items() if lines}


class Early:
    """Which functions of the room run while modules are imported and tests are found."""

    def __init__(self, files: Sequence[str]) -> None:
        self._files = set(files)
        self.ran: set[tuple[str, int]] = set()

    def see(self, frame: FrameType, event: str, _: object) -> None:
        """As sys.setprofile calls it."""
        if event == "call" and frame.f_code.co_filename in self._files:
            self.ran.add((frame.f_code.co_filename, frame.f_code.co_firstlineno))

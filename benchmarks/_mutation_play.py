"""Plays tests against mutants: a pytest plugin that forks once a mutant, with everything imported and collected.

Rule 1: a mutant inside a function is put in by exchanging the function's code, wherever that function is held; nothing
is imported anew. What is made when a module is imported is played by `_mutation_cold`.
Rule 2: only tests that ran the function are played, the quick ones first, until one fails or patience ends.
Rule 3: a failure or a timeout counts only when the same tests, in the same order, pass with the right code: a test that
fails by itself in this company, or takes long for another reason, has noticed nothing.
"""

from __future__ import annotations

import ast
import gc
import hashlib
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any

import pytest

from benchmarks._mutation_cold import Cold
from benchmarks._mutation_fork import SURVIVED, TIMEOUT, UNTESTED, forked, run_tests
from benchmarks._mutation_sites import Mutant, mutated

_Top = tuple[int, str]


class Player:
    """`play` is called once all is collected, with a way to ask about one mutant.

    `patience` is the CPU in seconds, as the tests took it with the right code, that one mutant is shown: what only the
    slow rest would notice survives. `kept` is the folder of what was learnt of the tests.
    """

    def __init__(
        self,
        sources: Mapping[Path, str],
        play: Callable[[Callable[[Path, Mutant], str]], None],
        patience: float,
        kept: Path,
    ) -> None:
        self._files = {str(path): source for path, source in sources.items()}
        self._play, self._patience, self._kept = play, patience, kept
        self._ran: dict[tuple[str, int], list[int]] = {}  # function to the tests that ran it
        self._cpu: list[float] = []  # per test, with the right code
        self._wall: list[float] = []
        # Of a function how many of its tests, in order, passed with the right code:
        self._sound: dict[tuple[str, _Top], int] = {}
        # What runs while modules are imported and tests are found:
        self._collecting = _Profile(set(self._files))
        loaded = {str(getattr(each, "__file__", "")) for each in list(sys.modules.values())}
        self._early = loaded & set(self._files)
        sys.setprofile(self._collecting.see)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        sys.setprofile(None)
        if session.testsfailed:
            raise session.Interrupted("tests cannot be collected")
        gc.unfreeze()
        self._learn(session)
        functions = self._functions()
        gc.freeze()  # a collection in a child would copy every page it walks
        shown = [session.items[number].nodeid for number in self._shown(set(range(len(session.items))))]
        cold = Cold(self._files, session.config.args, shown)
        self._play(lambda path, mutant: self._ask(session, functions, cold, path, mutant))
        return True

    def _learn(self, session: pytest.Session) -> None:
        """Which test runs which function and how long it takes.

        As learnt before, where neither a file of the room nor one beside its tests has changed since.
        """
        kept = self._kept / f"{self._digest(session)}.json"
        if not kept.exists():
            tests = self._learnt(session)
            self._kept.mkdir(parents=True, exist_ok=True)
            kept.write_text(json.dumps(tests), "utf-8")
        tests = json.loads(kept.read_text("utf-8"))
        for number, item in enumerate(session.items):
            cpu, wall, ran = tests.get(item.nodeid, [0.0, 0.0, []])
            self._cpu.append(cpu)
            self._wall.append(wall)
            for file, line in ran:
                self._ran.setdefault((file, line), []).append(number)

    def _digest(self, session: pytest.Session) -> str:
        whole = hashlib.sha256()
        beside = {
            str(path)
            for folder in {item.path.parent for item in session.items}
            for path in folder.glob("*.py")
        }
        for path in sorted({*self._files, *beside}):
            whole.update(path.encode() + b"\0" + Path(path).read_bytes())
        return whole.hexdigest()[:16]

    def _learnt(self, session: pytest.Session) -> dict[str, Any]:
        """By test, out of a child. Every test has to pass."""
        read, write = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(read)
            told = _Profile(set(self._files))
            session.config.pluginmanager.register(told, "mutation profile")
            failed = run_tests(session, list(session.items))
            with os.fdopen(write, "w") as pipe:
                json.dump([failed, told.tests], pipe)
            os._exit(0)
        os.close(write)
        with os.fdopen(read) as pipe:
            failed, tests = json.load(pipe)
        os.waitpid(pid, 0)
        if failed:
            raise session.Interrupted(f"without a mutant, {failed} fails: mend that first")
        found: dict[str, Any] = tests
        return found

    def _functions(self) -> dict[tuple[str, int, str], list[FunctionType]]:
        found: dict[tuple[str, int, str], list[FunctionType]] = {}
        for each in gc.get_objects():
            if isinstance(each, FunctionType) and each.__code__.co_filename in self._files:
                code = each.__code__
                found.setdefault((code.co_filename, code.co_firstlineno, code.co_qualname), []).append(each)
        return found

    def _ask(
        self,
        session: pytest.Session,
        functions: dict[tuple[str, int, str], list[FunctionType]],
        cold: Cold,
        path: Path,
        mutant: Mutant,
    ) -> str:
        if mutant.top is None:
            return cold.ask(path, mutant)
        held = functions.get((str(path), *mutant.top), [])
        source = self._files[str(path)]
        end = _end_of(source, mutant.top)

        def inside(place: tuple[str, int]) -> bool:
            return place[0] == str(path) and mutant.top is not None and mutant.top[0] <= place[1] <= end

        numbers = {number for place, tests in self._ran.items() if inside(place) for number in tests}
        if not held or not numbers:
            at_import = any(inside(place) for place in self._collecting.ran)
            if not numbers and not at_import and str(path) not in self._early:
                return UNTESTED
            verdict = cold.ask(path, mutant)
            return UNTESTED if verdict == SURVIVED else verdict
        order = self._shown(numbers)
        code = _code_of(compile(mutated(source, mutant), str(path), "exec"), mutant.top)
        return self._verdict(session, order, (str(path), mutant.top), held, code)

    def _shown(self, numbers: set[int]) -> list[int]:
        """Those tests, the quick ones first, as far as patience goes; always one."""
        order, spent = sorted(numbers, key=lambda number: (self._cpu[number], number)), 0.0
        for at, number in enumerate(order):
            spent += self._cpu[number]
            if at and spent > self._patience:
                return order[:at]
        return order

    def _verdict(
        self,
        session: pytest.Session,
        order: list[int],
        function: tuple[str, _Top],
        held: list[FunctionType],
        code: CodeType,
    ) -> str:
        cpu, wall = sum(self._cpu[number] for number in order), sum(self._wall[number] for number in order)

        def put_in() -> None:
            for each in held:
                each.__code__ = code

        items = [session.items[number] for number in order]
        found = forked(session, items, put_in, cpu_s=10 + 4 * cpu, wall_s=60 + 8 * wall)
        if found.verdict == SURVIVED:
            return SURVIVED
        played = found.at + 1
        if found.verdict == TIMEOUT or self._sound.get(function, 0) < played:
            began = time.monotonic()
            right = forked(session, items[:played], lambda: None, cpu_s=10 + 4 * cpu, wall_s=60 + 8 * wall)
            late = time.monotonic() - began > found.wall_s / 4
            if right.verdict != SURVIVED or (found.verdict == TIMEOUT and late):
                return SURVIVED
            self._sound[function] = played
        return found.verdict


class _Profile:
    """Per test: CPU seconds, seconds by the clock, and the functions of the files that it ran."""

    def __init__(self, files: set[str]) -> None:
        self.tests: dict[str, tuple[float, float, list[tuple[str, int]]]] = {}
        self._files = files
        self.ran: set[tuple[str, int]] = set()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Any:
        self.ran = set()
        began, clock = time.process_time(), time.monotonic()
        threading.setprofile(self.see)
        sys.setprofile(self.see)
        try:
            return (yield)
        finally:
            sys.setprofile(None)
            took, wall = time.process_time() - began, time.monotonic() - clock
            self.tests[item.nodeid] = (took, wall, sorted(self.ran))

    def see(self, frame: FrameType, event: str, _: object) -> None:
        """As sys.setprofile calls it."""
        if event == "call" and frame.f_code.co_filename in self._files:
            self.ran.add((frame.f_code.co_filename, frame.f_code.co_firstlineno))


def _end_of(source: str, top: _Top) -> int:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            if first == top[0]:
                return node.end_lineno or first
    return top[0]


def _code_of(code: CodeType, top: _Top) -> CodeType:
    found = _search(code, top)
    assert found is not None, f"{top} is no function of its file"
    return found


def _search(code: CodeType, top: _Top) -> CodeType | None:
    if (code.co_firstlineno, code.co_qualname) == top:
        return code
    for each in code.co_consts:
        if isinstance(each, CodeType):
            found = _search(each, top)
            if found is not None:
                return found
    return None

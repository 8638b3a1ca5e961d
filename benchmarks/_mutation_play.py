"""Plays tests against mutants: a pytest plugin that forks once a mutant, with everything imported and collected.

Rule 1: a mutant inside a function is put in by exchanging the function's code, wherever that function is held; nothing
is imported anew. What is made when a module is imported is played by `_mutation_cold`.
Rule 2: only tests that ran the statement are played, the quick ones first, until one fails or patience ends. A third of
the patience is for tests that have the module's name in theirs, and one for those that run little else: so they are
shown also where hundreds run the statement.
Rule 3: a failure or a timeout counts only when the same tests, in the same order, pass with the right code: a test that
fails by itself in this company, or takes long for another reason, has noticed nothing.
"""

from __future__ import annotations

import ast
import gc
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import CodeType, FunctionType

import pytest

from benchmarks._mutation_cold import Cold
from benchmarks._mutation_fork import SURVIVED, TIMEOUT, UNTESTED, forked
from benchmarks._mutation_learn import Early, Learnt, learnt
from benchmarks._mutation_sites import Mutant, lines_of, mutated

_Top = tuple[int, str]
_Functions = dict[tuple[str, int, str], list[FunctionType]]


class Player:
    """`play` is called once all is collected, with a way to ask about one mutant.

    `patience` is the CPU in seconds, as the tests took it with the right code and watched, that one mutant is shown:
    what only the slow rest would notice survives. `kept` is the folder of what was learnt of the tests.
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
        self._tests: list[Learnt] = []
        self._cold: dict[str, Cold] = {}
        # Of tests in an order, how many passed with the right code:
        self._sound: dict[tuple[int, ...], int] = {}
        self._early = Early(list(self._files))
        loaded = {str(getattr(each, "__file__", "")) for each in list(sys.modules.values())}
        self._loaded = loaded & set(self._files)
        sys.setprofile(self._early.see)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        sys.setprofile(None)
        if session.testsfailed:
            raise session.Interrupted("tests cannot be collected")
        gc.unfreeze()
        self._tests = learnt(session, list(self._files), self._kept)
        functions = self._functions()
        gc.freeze()  # a collection in a child would copy every page it walks
        self._play(lambda path, mutant: self._ask(session, functions, path, mutant))
        return True

    def _functions(self) -> _Functions:
        found: _Functions = {}
        for each in gc.get_objects():
            if isinstance(each, FunctionType) and each.__code__.co_filename in self._files:
                code = each.__code__
                found.setdefault((code.co_filename, code.co_firstlineno, code.co_qualname), []).append(each)
        return found

    def _ask(self, session: pytest.Session, functions: _Functions, path: Path, mutant: Mutant) -> str:
        if mutant.top is None:
            return self._cold_of(session, path).ask(path, mutant)
        held = functions.get((str(path), *mutant.top), [])
        source = self._files[str(path)]
        inside = range(mutant.top[0], _end_of(source, mutant.top) + 1)
        numbers = self._that_ran(inside, str(path))
        if not held or not numbers:
            at_import = any(file == str(path) and line in inside for file, line in self._early.ran)
            if not numbers and not at_import and str(path) not in self._loaded:
                return UNTESTED
            verdict = self._cold_of(session, path).ask(path, mutant)
            return UNTESTED if verdict == SURVIVED else verdict
        lines = lines_of(source, mutant)
        numbers = {
            each for each in numbers if not lines.isdisjoint(self._tests[each].lines.get(str(path), ()))
        }
        if not numbers:
            return UNTESTED
        code = _code_of(compile(mutated(source, mutant), str(path), "exec"), mutant.top)
        return self._verdict(session, self._shown(numbers, session, path), held, code)

    def _that_ran(self, inside: range, path: str) -> set[int]:
        """Tests that ran one of the functions that begin there."""
        return {
            number
            for number, test in enumerate(self._tests)
            if any(first in inside for first in test.calls.get(path, ()))
        }

    def _cold_of(self, session: pytest.Session, path: Path) -> Cold:
        """The tests that run anything of the file; where none does, all."""
        cold = self._cold.get(str(path))
        if cold is None:
            running = {number for number, test in enumerate(self._tests) if str(path) in test.calls}
            order = self._shown(running or set(range(len(self._tests))), session, path)
            items = [session.items[number] for number in order]
            files = sorted({str(item.path) for item in items})
            cold = self._cold[str(path)] = Cold(self._files, files, [item.nodeid for item in items])
        return cold

    def _shown(self, numbers: set[int], session: pytest.Session, path: Path) -> list[int]:
        """Those tests, the quick ones first, as far as patience goes; always one."""
        tests, third = self._tests, self._patience / 3
        quick = sorted(numbers, key=lambda number: (tests[number].cpu_s, number))
        named = [number for number in quick if path.stem in session.items[number].path.stem]
        about = sorted(quick, key=lambda number: -_share(tests[number], str(path)))
        shown, spent = set(quick[:1]), 0.0
        for rank, limit in ((named, third), (about, 2 * third), (quick, 3 * third)):
            for number in rank:
                cost = tests[number].cpu_s
                if number not in shown and spent + cost <= limit:
                    shown.add(number)
                    spent += cost
        return [number for number in quick if number in shown]

    def _verdict(
        self, session: pytest.Session, order: list[int], held: list[FunctionType], code: CodeType
    ) -> str:
        cpu = sum(self._tests[number].cpu_s for number in order)
        wall = sum(self._tests[number].wall_s for number in order)

        def put_in() -> None:
            for each in held:
                each.__code__ = code

        items = [session.items[number] for number in order]
        found = forked(session, items, put_in, cpu_s=10 + 4 * cpu, wall_s=60 + 8 * wall)
        if found.verdict == SURVIVED:
            return SURVIVED
        played = found.at + 1
        if found.verdict == TIMEOUT or self._sound.get(tuple(order), 0) < played:
            began = time.monotonic()
            right = forked(session, items[:played], lambda: None, cpu_s=10 + 4 * cpu, wall_s=60 + 8 * wall)
            late = time.monotonic() - began > found.wall_s / 4
            if right.verdict != SURVIVED or (found.verdict == TIMEOUT and late):
                return SURVIVED
            self._sound[tuple(order)] = played
        return found.verdict


def _share(test: Learnt, path: str) -> float:
    """Of the lines of the room that a test runs, those of one file."""
    return len(test.lines.get(path, ())) / max(1, sum(map(len, test.lines.values())))


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

"""Plays tests against mutants: a pytest plugin that forks once a mutant, with everything imported and collected.

A mutant inside a function is put in by exchanging the function's code, wherever that function is held: nothing is
imported anew. Only tests that ran the function are played, the quick ones first, until one fails. What is made when a
module is imported (constants, defaults, classes) is played by a pytest of its own, whose importer gives out the
mutated module.
"""

from __future__ import annotations

import ast
import contextlib
import gc
import importlib.util
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any

import pytest
from _pytest.main import pytest_runtestloop

from benchmarks._mutation_sites import Mutant, mutants, mutated

KILLED, SURVIVED, TIMEOUT, UNTESTED = "killed", "survived", "timeout", "no test runs it"
_WAIT_S = 120.0  # of one mutant on the clock: one that waits for ever uses no CPU
_NULL = os.open(os.devnull, os.O_WRONLY)


class Player:
    """`play` is called once all is collected, with a way to ask about one mutant."""

    def __init__(
        self, sources: Mapping[Path, str], play: Callable[[Callable[[Path, Mutant], str]], None]
    ) -> None:
        self._files = {str(path): source for path, source in sources.items()}
        self._play = play
        self._ran: dict[tuple[str, int], list[int]] = {}  # function to the tests that ran it
        self._took: list[float] = []
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
        self._play(lambda path, mutant: self._ask(session, functions, path, mutant))
        return True

    def _learn(self, session: pytest.Session) -> None:
        """Which test runs which function and how long it takes, in a child. Every test has to pass."""
        items = list(session.items)
        read, write = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(read)
            told = _Profile(set(self._files))
            session.config.pluginmanager.register(told, "mutation profile")
            failed = _run(session, items)
            with os.fdopen(write, "w") as pipe:
                json.dump([failed, told.tests], pipe)
            os._exit(0)
        os.close(write)
        with os.fdopen(read) as pipe:
            failed, tests = json.load(pipe)
        os.waitpid(pid, 0)
        if failed:
            raise session.Interrupted(f"without a mutant, {failed} fails: mend that first")
        for number, item in enumerate(items):
            took, ran = tests.get(item.nodeid, [0.0, []])
            self._took.append(took)
            for file, line in ran:
                self._ran.setdefault((file, line), []).append(number)

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
        path: Path,
        mutant: Mutant,
    ) -> str:
        if mutant.top is None:
            return _cold(session, path, mutant)
        held = functions.get((str(path), *mutant.top), [])
        source = self._files[str(path)]
        end = _end_of(source, mutant.top)
        numbers = {
            number
            for (file, line), tests in self._ran.items()
            if file == str(path) and mutant.top[0] <= line <= end
            for number in tests
        }
        if not held or not numbers:
            at_import = any(
                file == str(path) and mutant.top[0] <= line <= end for file, line in self._collecting.ran
            )
            if not numbers and not at_import and str(path) not in self._early:
                return UNTESTED
            return KILLED if _cold(session, path, mutant) != SURVIVED else UNTESTED
        order = sorted(numbers, key=lambda number: self._took[number])
        items = [session.items[number] for number in order]
        code = _code_of(compile(mutated(source, mutant), str(path), "exec"), mutant.top)
        pid = os.fork()
        if pid == 0:
            for function in held:
                function.__code__ = code
            signal.setitimer(signal.ITIMER_PROF, 10 + 4 * sum(self._took[number] for number in order))
            os._exit(1 if _run(session, items) else 0)
        return _verdict(pid)


class _Profile:
    """Per test: CPU seconds, and the functions of the files that it ran."""

    def __init__(self, files: set[str]) -> None:
        self.tests: dict[str, tuple[float, list[tuple[str, int]]]] = {}
        self._files = files
        self.ran: set[tuple[str, int]] = set()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Any:
        self.ran = set()
        began = time.process_time()
        threading.setprofile(self.see)
        sys.setprofile(self.see)
        try:
            return (yield)
        finally:
            sys.setprofile(None)
            self.tests[item.nodeid] = (time.process_time() - began, sorted(self.ran))

    def see(self, frame: FrameType, event: str, _: object) -> None:
        """As sys.setprofile calls it."""
        if event == "call" and frame.f_code.co_filename in self._files:
            self.ran.add((frame.f_code.co_filename, frame.f_code.co_firstlineno))


def _run(session: pytest.Session, items: list[pytest.Item]) -> str:
    """Run them in this child until one fails; its name, or nothing."""
    os.dup2(_NULL, 1)
    os.dup2(_NULL, 2)
    folder = tempfile.mkdtemp(prefix="mutant-")
    session.config._tmp_path_factory._given_basetemp = Path(folder) / "t"  # type: ignore[attr-defined] # noqa: SLF001 # one a child
    session.items[:] = items
    session.config.option.maxfail = 1
    failed: list[str] = []

    class Note:
        def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
            if report.failed:
                failed.append(report.nodeid)

    session.config.pluginmanager.register(Note(), "mutation note")
    try:
        with contextlib.suppress(session.Failed, session.Interrupted):
            pytest_runtestloop(session)
    except BaseException as error:  # noqa: BLE001 # a mutant may break pytest itself
        failed.append(repr(error))
    shutil.rmtree(folder, ignore_errors=True)
    return failed[0] if failed else ""


def _verdict(pid: int) -> str:
    deadline = time.monotonic() + _WAIT_S
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            break
        if time.monotonic() > deadline:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            return TIMEOUT
        time.sleep(0.005)
    if os.WIFSIGNALED(status):
        return TIMEOUT if os.WTERMSIG(status) == signal.SIGPROF else KILLED
    return SURVIVED if os.WEXITSTATUS(status) == 0 else KILLED


def _end_of(source: str, top: tuple[int, str]) -> int:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            if first == top[0]:
                return node.end_lineno or first
    return top[0]


def _code_of(code: CodeType, top: tuple[int, str]) -> CodeType:
    found = _search(code, top)
    assert found is not None, f"{top} is no function of its file"
    return found


def _search(code: CodeType, top: tuple[int, str]) -> CodeType | None:
    if (code.co_firstlineno, code.co_qualname) == top:
        return code
    for each in code.co_consts:
        if isinstance(each, CodeType):
            found = _search(each, top)
            if found is not None:
                return found
    return None


# --- what is made when a module is imported --------------------------------------------------------------------------


def _cold(session: pytest.Session, path: Path, mutant: Mutant) -> str:
    paths = [str(each) for each in session.config.args]
    environment = {**os.environ, "MUTANT": json.dumps([str(path), mutant.node, mutant.variant])}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-x",
        "-q",
        "-p",
        "benchmarks._mutation_play",
        "-p",
        "no:cacheprovider",
    ]
    with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
        try:
            done = subprocess.run(
                [*command, f"--basetemp={folder}/t", "-m", "not system", *paths],
                env=environment, capture_output=True, check=False, timeout=2 * _WAIT_S, preexec_fn=_limited,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return TIMEOUT
    return SURVIVED if done.returncode == 0 else KILLED


def _limited() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (int(_WAIT_S), int(_WAIT_S)))


class _Importer:
    """Gives out one module with one mistake in it."""

    def __init__(self, path: Path, node: int, variant: int) -> None:
        self._path, self._at = path, (node, variant)

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        del path, target
        if not str(self._path).endswith(
            (name.replace(".", "/") + ".py", name.replace(".", "/") + "/__init__.py")
        ):
            return None
        return importlib.util.spec_from_file_location(
            name, self._path, loader=_Loader(name, str(self._path), self._at)
        )


class _Loader(SourceFileLoader):
    def __init__(self, name: str, path: str, at: tuple[int, int]) -> None:
        super().__init__(name, path)
        self._at = at

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        source = Path(path).read_text("utf-8")
        mutant = next(each for each in mutants(source) if (each.node, each.variant) == self._at)
        return compile(mutated(source, mutant), path, "exec")


if "MUTANT" in os.environ:
    _where, _node, _variant = json.loads(os.environ["MUTANT"])
    sys.meta_path.insert(0, _Importer(Path(_where), _node, _variant))

"""Tests in a fork, with something put in before: which failed, or that they did not end.

A child has a limit of CPU, which neighbours on the machine cannot use up, a long one by the clock for what waits for
ever, and one of memory. A child that somebody else killed has said nothing.
"""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import signal
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from _pytest.main import pytest_runtestloop

KILLED, SURVIVED, TIMEOUT, UNTESTED = "killed", "survived", "timeout", "no test runs it"
MEMORY_B = 6 << 30
_NULL = os.open(os.devnull, os.O_WRONLY)


@dataclass(frozen=True, slots=True)
class Found:
    """What became of the tests; `at` is the number of the one that failed, or of the last if none did."""

    verdict: str
    at: int
    wall_s: float


def forked(
    session: pytest.Session,
    items: list[pytest.Item],
    put_in: Callable[[], None],
    *,
    cpu_s: float,
    wall_s: float,
) -> Found:
    """Play them in a child, in this order, until one fails."""
    began = time.monotonic()
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read)
        put_in()
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_B, MEMORY_B))
        signal.setitimer(signal.ITIMER_PROF, cpu_s)
        failed = run_tests(session, items)
        os.write(write, failed.encode("utf-8", "replace")[:4_096])
        os._exit(1 if failed else 0)
    os.close(write)
    status = _ended(pid, began + wall_s)
    with os.fdopen(read, encoding="utf-8", errors="replace") as pipe:
        failed = pipe.read() if status is not None else ""
    names = [item.nodeid for item in items]
    at = names.index(failed) if failed in names else len(items) - 1
    return Found(_verdict(status), at, time.monotonic() - began)


def _ended(pid: int, until: float) -> int | None:
    """Its exit status; none if it was ended by the clock."""
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return status
        if time.monotonic() > until:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            return None
        time.sleep(0.005)


def _verdict(status: int | None) -> str:
    if status is None:
        return TIMEOUT
    if os.WIFSIGNALED(status):
        by = os.WTERMSIG(status)
        crashes = {signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL}
        return TIMEOUT if by == signal.SIGPROF else KILLED if by in crashes else SURVIVED
    return SURVIVED if os.WEXITSTATUS(status) == 0 else KILLED


def run_tests(session: pytest.Session, items: list[pytest.Item]) -> str:
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

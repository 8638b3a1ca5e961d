"""Rules of the house for every test.

Rule 1: with CI=true nothing is skipped; a skip is a failure that names its reason.
Rule 2: the event loop never blocks: a blocking call of `gateway` or `drivers` in the loop fails the test.
Rule 3: hypothesis draws the same examples every time; HYPOTHESIS_PROFILE=search looks for new ones.
Rule 4: a process of tests uses one core: xdist already has one for each, and idle threads of BLAS spin.
Rule 5: a test that hangs ends the run by its name (`tests/hanging.py`).
"""

from __future__ import annotations

import gc
import inspect
import os
from collections.abc import Iterator

import pytest
from blockbuster import BlockBuster
from hypothesis import HealthCheck, settings

from tests.doctests import OnlyWhereThereAre
from tests.hanging import watched
from tests.reliability_seconds import pytest_terminal_summary  # noqa: F401 # pytest finds it by its name

settings.register_profile(
    "house",
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],  # that is of the machine, not of the code
)
settings.register_profile(
    "search", deadline=None, max_examples=2_000, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "house"))

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # read when numpy is first imported, which is later

NOTHING_SKIPPED = os.environ.get("CI") == "true"


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(OnlyWhereThereAre())


gc.disable()  # until all tests are collected: what that makes stays


def pytest_collection_finish() -> None:
    """Thousands of tests and all modules are no garbage; no collection need walk them again."""
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)  # as it is, looking for cycles takes a fourteenth of all the time
    gc.enable()


_STDERR = os.dup(2)  # as it is before pytest takes it


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item):
    with watched(item.nodeid, _STDERR):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    del item, call
    return _fail_if_skipped(report)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    report = yield
    del collector
    return _fail_if_skipped(report)


def _fail_if_skipped(report):
    """A skip becomes a failure; an expected failure, which pytest also calls skipped, stays one."""
    if NOTHING_SKIPPED and report.skipped and not hasattr(report, "wasxfail"):
        where, line, reason = report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{where}:{line}: with CI=true nothing may be skipped: {reason}"
    return report


@pytest.fixture(scope="session")
def _blockbuster() -> BlockBuster:
    buster = BlockBuster(["gateway", "drivers"])
    for function in buster.functions.values():
        function.can_block_in("gateway/clock.py", "_boot_id")  # /proc answers from memory
    return buster


@pytest.fixture
def sites_read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands of this test read configs in this process, as `tests.reading_here` says."""
    from tests.reading_here import read_here  # noqa: PLC0415 # most tests need nothing of it

    read_here(monkeypatch)


@pytest.fixture(autouse=True)
def no_blocking_in_the_loop(request: pytest.FixtureRequest) -> Iterator[None]:
    """A blocking call made by `gateway` or `drivers` in the loop raises BlockingError where it is made.

    System tests go without: what they drive runs in processes of its own.
    """
    function = getattr(request.node, "function", None)
    if request.node.get_closest_marker("system") or not inspect.iscoroutinefunction(function):
        yield
        return
    buster: BlockBuster = request.getfixturevalue("_blockbuster")
    buster.activate()
    try:
        yield
    finally:
        buster.deactivate()

"""Servers for system tests, each on a free loopback port. Every test in this folder is marked `system`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system import servers
from tests.system.pieces import WEB, pytest_xdist_make_scheduler  # noqa: F401 # pytest finds it by its name

# A test machine may have no time service, and `run` would hold its readings back.
os.environ["LOTWATCH_ACCEPT_CLOCK"] = "1"


# Files that take longest begin first, so that no process of `make test` is left alone with one of them in the end.
_LONGEST = (
    "chaos_day",
    "kills",
    "chaos_one",
    "chaos_two",
    WEB,
    "demo",
    "upgrade",
    "first_ten_minutes",
    "bundle",
    "gaps",
)
_RANK = {name: place for place, name in enumerate(_LONGEST)}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = str(Path(__file__).parent) + os.sep
    for item in items:
        if str(item.path).startswith(here):
            item.add_marker(pytest.mark.system)
    items.sort(key=_rank)


def _rank(item: pytest.Item) -> int:
    name = WEB if item.nodeid.startswith(WEB) else item.path.stem.removeprefix("test_")
    return _RANK.get(name, len(_RANK))


def _program(name: str) -> str:
    found = servers.find_program(name)
    if found is None:
        pytest.skip(f"no {name} on this machine: .ci/debian.sh brings it")
    return found


@pytest.fixture(scope="session")
def mosquitto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.Server]:
    """One broker for all tests: use topics of your own, and leave it running."""
    server = servers.mosquitto(_program("mosquitto"), tmp_path_factory.mktemp("mosquitto"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def own_mosquitto(tmp_path: Path) -> Iterator[servers.Server]:
    """A broker of the test's own, to kill and to start again."""
    folder = tmp_path / "mosquitto"
    folder.mkdir()
    server = servers.mosquitto(_program("mosquitto"), folder)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def victoria(tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.Server]:
    """One VictoriaMetrics for all tests: use measurements or sites of your own."""
    server = servers.victoria(_program("victoria-metrics"), tmp_path_factory.mktemp("victoria"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def influx1(tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.Server]:
    """One InfluxDB 1.x for all tests: make a database of your own."""
    server = servers.influx1(_program("influxd"), tmp_path_factory.mktemp("influx"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def mbpoll() -> str:
    """Path of mbpoll, which asks by libmodbus: a second opinion on our simulators."""
    return _program("mbpoll")

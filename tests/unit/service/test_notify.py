from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.service.notify import Notifier, notifier


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(str(tmp_path / "notify"))
        heard.settimeout(60)
        yield heard


def test_lines_of_sd_notify(manager: socket.socket) -> None:
    said = Notifier(manager.getsockname())
    said.say(READY="1", STATUS="two\nlines")
    assert manager.recv(4096) == b"READY=1\nSTATUS=two lines"
    said.close()


def test_an_abstract_socket() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(f"\0lotwatch-test-{os.getpid()}")
        heard.settimeout(60)
        said = Notifier(f"@lotwatch-test-{os.getpid()}")
        said.say(WATCHDOG="1")
        assert heard.recv(4096) == b"WATCHDOG=1"
        said.close()


def test_nobody_listens_and_nothing_happens(tmp_path: Path) -> None:
    said = Notifier(str(tmp_path / "nobody"))
    said.say(READY="1")
    said.close()


@pytest.mark.parametrize("address", ["", "relative", "vsock:2:1234"])
def test_no_manager(address: str) -> None:
    assert notifier({"NOTIFY_SOCKET": address}) is None
    assert notifier({}) is None


@pytest.mark.parametrize(
    ("given", "ping_s"),
    [
        ({"WATCHDOG_USEC": "60000000"}, 20),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": str(os.getpid())}, 20),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "1"}, 10),  # meant for another process
        ({"WATCHDOG_USEC": "soon"}, 10),
        ({}, 10),
    ],
)
def test_pings_thrice_in_the_time_it_has(given: dict[str, str], ping_s: int) -> None:
    said = notifier({"NOTIFY_SOCKET": "/run/nobody", **given})
    assert said is not None
    assert said.ping_ns == ping_s * 1_000_000_000
    said.close()

from __future__ import annotations

import io
import logging
import os
import socket
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.service.journald import JournaldHandler, stderr_is_the_journal


@pytest.fixture
def journald(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(str(tmp_path / "journald"))
        heard.settimeout(60)
        yield heard


def parsed(datagram: bytes) -> dict[str, str]:
    """As journald reads it, written from the page of the protocol, not from our encoder."""
    fields, at = {}, 0
    while at < len(datagram):
        end = datagram.index(b"\n", at)
        line = datagram[at:end]
        if b"=" in line:
            name, value = line.split(b"=", 1)
            at = end + 1
        else:
            name, (size,) = line, struct.unpack_from("<Q", datagram, end + 1)
            value = datagram[end + 9 : end + 9 + size]
            assert datagram[end + 9 + size : end + 10 + size] == b"\n"
            at = end + 10 + size
        fields[name.decode()] = value.decode()
    return fields


def logged(journald: socket.socket, level: int, text: str, *given: object, **more: object) -> dict[str, str]:
    handler = JournaldHandler(journald.getsockname())
    record = logging.LogRecord("gateway.app", level, "/opt/x/app.py", 42, text, given, None, "_sink")
    record.__dict__.update(more)
    handler.handle(record)
    handler.close()
    return parsed(journald.recv(1 << 20))


def test_fields_of_an_entry(journald: socket.socket) -> None:
    entry = logged(
        journald,
        logging.WARNING,
        "%s: %s",
        "press1",
        "unit_dead",
        fields={"device": "press1", "code": "unit_dead"},
    )
    assert entry == {
        "MESSAGE": "press1: unit_dead",
        "PRIORITY": "4",
        "SYSLOG_IDENTIFIER": "lotwatch",
        "CODE_FILE": "/opt/x/app.py",
        "CODE_LINE": "42",
        "CODE_FUNC": "_sink",
        "LOGGER": "gateway.app",
        "LOTWATCH_DEVICE": "press1",
        "LOTWATCH_CODE": "unit_dead",
    }


@pytest.mark.parametrize(
    ("level", "priority"),
    [
        (logging.DEBUG, "7"),
        (logging.INFO, "6"),
        (logging.WARNING, "4"),
        (logging.ERROR, "3"),
        (logging.CRITICAL, "2"),
    ],
)
def test_priorities_are_those_of_syslog(journald: socket.socket, level: int, priority: str) -> None:
    assert logged(journald, level, "x")["PRIORITY"] == priority


def test_a_message_of_several_lines_is_one_entry(journald: socket.socket) -> None:
    assert (
        logged(journald, logging.ERROR, "it broke\nPRIORITY=0\n机器")["MESSAGE"]
        == "it broke\nPRIORITY=0\n机器"
    )


def test_a_message_that_is_too_long_is_cut(journald: socket.socket) -> None:
    assert len(logged(journald, logging.ERROR, "x" * 1_000_000)["MESSAGE"]) == 32_768


def test_fields_of_others_are_not_taken(journald: socket.socket) -> None:
    assert "PATH" not in logged(journald, logging.INFO, "x", fields={"PATH": "x", "device": ""})


def test_what_the_journal_does_not_take_goes_to_stderr(tmp_path: Path) -> None:
    instead = io.StringIO()
    handler = JournaldHandler(str(tmp_path / "nobody"), instead)
    handler.handle(logging.LogRecord("gateway.app", logging.ERROR, "f", 1, "the disk is full", (), None))
    handler.close()
    assert instead.getvalue() == "ERROR gateway.app: the disk is full\n"


def test_it_asks_whether_stderr_is_the_journal(tmp_path: Path) -> None:
    with (tmp_path / "stream").open("wb") as stream:
        found = os.fstat(stream.fileno())
        right = f"{found.st_dev}:{found.st_ino}"
        assert stderr_is_the_journal({"JOURNAL_STREAM": right}, stream.fileno())
        assert not stderr_is_the_journal(
            {"JOURNAL_STREAM": f"{found.st_dev}:{found.st_ino + 1}"}, stream.fileno()
        )
        assert not stderr_is_the_journal({"JOURNAL_STREAM": "nonsense"}, stream.fileno())
        assert not stderr_is_the_journal({}, stream.fileno())
    assert not stderr_is_the_journal({"JOURNAL_STREAM": right}, 9_999)

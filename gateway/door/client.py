"""A command's side of the door. Blocks: for programs that have nothing else to do meanwhile."""

from __future__ import annotations

import contextlib
import socket
from pathlib import Path

import orjson

from gateway.door.place import reachable
from gateway.door.words import LINE_MOST, BadRequest, Given

WAIT_S = 20.0  # longer than the daemon waits for its disk
_ANSWER_MOST = 16 << 20
_REFUSALS = (1, 78)  # a config that needs a restart, or is not good


class DoorClosed(Exception):
    """No daemon listens at this folder. Whoever gets its lock may write."""


class DoorSilent(Exception):
    """Somebody is there, and gave no answer, or one that says to try again; what was asked may have been done."""


class DoorRefused(Exception):
    """The daemon says why nothing was done, and the code that a command ends with."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(words)
        self.code = code


def ask(folder: Path, line: bytes, wait_s: float = WAIT_S) -> Given:
    """Hand in a request; returns when it is committed. Raises DoorClosed, DoorSilent, BadRequest."""
    if len(line) >= LINE_MOST:
        raise BadRequest(f"a request is at most {LINE_MOST} bytes")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as end:
        end.settimeout(wait_s)
        try:
            with reachable(folder) as path:
                end.connect(path)
        except (FileNotFoundError, ConnectionRefusedError, NotADirectoryError) as error:
            raise DoorClosed(f"{folder}: no daemon listens here") from error
        except OSError as error:
            raise DoorSilent(f"{folder}: the daemon's socket cannot be used: {error.strerror}") from error
        try:
            with contextlib.suppress(BrokenPipeError):  # it may have said why before it hung up
                end.sendall(line)
            said = _line(end)
        except TimeoutError as error:
            raise DoorSilent(f"{folder}: the daemon gave no answer in {wait_s:g} s") from error
        except OSError as error:
            raise DoorSilent(f"{folder}: the daemon hung up: {error.strerror}") from error
    return _given(folder, said)


def _line(end: socket.socket) -> bytes:
    said = bytearray()
    while not said.endswith(b"\n") and len(said) < _ANSWER_MOST:
        part = end.recv(65_536)
        if not part:
            break
        said += part
    return bytes(said)


def _given(folder: Path, said: bytes) -> Given:
    try:
        answer = orjson.loads(said)
        if answer["ok"]:
            return Given(int(answer["seq"]), tuple(answer["events"]))
        code, error = int(answer["code"]), str(answer["error"])
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        raise DoorSilent(f"{folder}: the daemon ended before it answered: look whether it is done") from None
    if code == 2:
        raise BadRequest(error)
    if code in _REFUSALS:
        raise DoorRefused(code, error)
    raise DoorSilent(f"{folder}: {error}")

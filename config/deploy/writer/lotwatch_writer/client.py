"""A command's side of the writer's door. Blocks: it has nothing else to do meanwhile."""

from __future__ import annotations

import contextlib
import socket
from pathlib import Path
from typing import Any

import orjson

from lotwatch_writer.words_at_door import ANSWER_MOST, asked

WAIT_S = 600.0  # longer than settling and all timeouts of one write
DEFAULT = Path("/run/lotwatch-writer/writer.sock")


class NobodyThere(Exception):
    """No writer listens, or it may not be asked; says what to do."""


class NoAnswer(Exception):
    """Asked, and the answer did not come: what was asked for may have been done."""


class Denied(Exception):
    """The writer says why not."""


def ask(path: Path, note: str = "", wait_s: float = WAIT_S) -> dict[str, Any]:
    """What the writer says. Raises NobodyThere, NoAnswer, Denied."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as end:
        end.settimeout(wait_s)
        try:
            end.connect(str(path))
        except PermissionError as error:
            raise NobodyThere(
                f"{path}: you are not in the writer's group: adduser NAME lotwatch-writer"
            ) from error
        except OSError as error:
            raise NobodyThere(
                f"{path}: no writer listens: systemctl start lotwatch-writer ({error.strerror or error})"
            ) from error
        said = b""
        try:
            with contextlib.suppress(BrokenPipeError):  # it may have said why before it hung up
                end.sendall(asked(note))
            while not said.endswith(b"\n") and len(said) < ANSWER_MOST and (part := end.recv(65_536)):
                said += part
        except OSError as error:
            raise NoAnswer(f"{path}: no answer: {error}") from error
    try:
        answer: dict[str, Any] = orjson.loads(said)
        if answer["ok"]:
            return answer
        why = str(answer["error"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        raise NoAnswer(f"{path}: the writer ended before it answered") from None
    raise Denied(why)

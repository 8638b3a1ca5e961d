"""The helper process, `python -m gateway.journal.helper`: a request as JSON on stdin, answers as JSON lines on stdout.

{"do": "seal", "folder": "...", "before": 2979187} answers a {"chunks": [...], "gone": [...], "empty": [...]} for each
batch of merged chunks that is on the disk, then a {"chunks": [...], "packs": [...]} for each of sealed packs, then
{"done": true}; or {"error": "..."} and exit code 1. What could not be merged is told as {"damaged": "..."}. It reads
the database and appends to files; what it found is committed by the one writer, in the daemon.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from gateway.box.stepback import step_back
from gateway.journal.errors import JournalError
from gateway.journal.merging import merge
from gateway.journal.sealing import seal


def main() -> int:
    """Answer the request on stdin."""
    step_back()
    well = False
    try:
        for line in answers(sys.stdin.buffer.read()):
            well = line == _DONE
            sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()  # whoever waits reads it at once
    except BrokenPipeError:  # the daemon is gone: the next one seals again
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return 0 if well else 1


def answers(request: bytes) -> Iterator[bytes]:
    """Do what is asked for; line by line what came of it."""
    try:
        asked = orjson.loads(request)
        if asked.get("do") != "seal":
            raise JournalError(f"no such work: {asked.get('do')!r}")
        folder, before = Path(asked["folder"]), int(asked["before"])
        empty: list[str] = []
        try:
            for merged in merge(folder, before):
                empty += merged.empty
                yield _line(merged.to_plain())
        except JournalError as error:  # of some chunk: what is new is sealed all the same
            yield _line({"damaged": str(error)})
        for sealed in seal(folder, before, frozenset(empty)):
            yield _line(sealed.to_plain())
        yield _DONE
    except JournalError as error:
        yield _line({"error": str(error)})


def _line(plain: dict[str, Any]) -> bytes:
    return orjson.dumps(plain, option=orjson.OPT_APPEND_NEWLINE)


_DONE = _line({"done": True})

if __name__ == "__main__":
    sys.exit(main())

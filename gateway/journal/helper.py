"""The helper process, `python -m gateway.journal.helper`: a request as JSON on stdin, answers as JSON lines on stdout.

{"do": "seal", "folder": "...", "before": 2979187} answers a {"chunks": [...], "gone": [...], "empty": [...]} for each
batch of merged chunks that is on the disk, then a {"chunks": [...], "packs": [...]} for each of sealed packs, then
{"done": true}; or {"error": "..."} and exit code 1. What could not be merged is told as {"damaged": "..."}. It reads
the database and appends to files; what it found is committed by the one writer, in the daemon.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import Any

import orjson

from gateway.journal.errors import JournalError
from gateway.journal.merging import merge
from gateway.journal.sealing import seal

_NICE = 10  # the daemon's polls come first


def main() -> int:
    """Answer the request on stdin."""
    with contextlib.suppress(OSError):
        os.nice(_NICE)
    try:
        asked = orjson.loads(sys.stdin.buffer.read())
        if asked.get("do") != "seal":
            raise JournalError(f"no such work: {asked.get('do')!r}")
        folder, before = Path(asked["folder"]), int(asked["before"])
        empty: list[str] = []
        try:
            for merged in merge(folder, before):
                empty += merged.empty
                answer(merged.to_plain())
        except JournalError as error:  # of some chunk: what is new is sealed all the same
            answer({"damaged": str(error)})
        for sealed in seal(folder, before, frozenset(empty)):
            answer(sealed.to_plain())
        answer({"done": True})
    except JournalError as error:
        answer({"error": str(error)})
        return 1
    except BrokenPipeError:  # the daemon is gone: the next one seals again
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return 0


def answer(plain: dict[str, Any]) -> None:
    """One line; whoever waits reads it at once."""
    sys.stdout.buffer.write(orjson.dumps(plain, option=orjson.OPT_APPEND_NEWLINE))
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    sys.exit(main())

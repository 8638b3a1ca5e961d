"""The helper process, `python -m gateway.restating`: an order as JSON on stdin, the entries that answer it on stdout.

{"folder": "...", "order": {...}} answers a {"body": {...}} for each page, then {"done": true}; or {"error": "..."} and
exit code 1. It only reads: what it found is folded and committed by the daemon.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import orjson

from gateway.box.stepback import step_back
from gateway.holds import Order
from gateway.journal import JournalReader
from gateway.journal.errors import JournalError
from gateway.plain import from_plain
from gateway.restating.answers import answers


def main() -> int:
    """Answer the order on stdin."""
    step_back()
    try:
        asked = orjson.loads(sys.stdin.buffer.read())
        order: Order = from_plain(Order, asked["order"])
        with JournalReader(Path(asked["folder"])) as reader:
            site = reader.site()
            if site is None:
                raise JournalError(f"{asked['folder']}: no config is in it")
            for body in answers(reader, site, order):
                say({"body": body})
        say({"done": True})
    except JournalError as error:
        say({"error": str(error)})
        return 1
    except BrokenPipeError:  # the daemon is gone: the next one asks again
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return 0


def say(plain: dict[str, Any]) -> None:
    """One line; whoever waits reads it at once."""
    sys.stdout.buffer.write(orjson.dumps(plain, option=orjson.OPT_APPEND_NEWLINE))
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    sys.exit(main())

"""The helper process of the pages, `python -m gateway.web.pages FOLDER`: a question in, its answer out, until the end.

Frames on stdin and stdout: four bytes of length (big endian), then JSON. {"page", "given", "sites", "now_ns"} is
answered by {"data"}, or by {"error", "detail"} with error "not_found" or "journal". So the daemon's loop never waits
for Python that takes longer than its polls bear.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from gateway.clock import SystemClock
from gateway.journal.errors import JournalError
from gateway.web.pages import PAGES, NotFound
from gateway.web.pages.page import Asked
from gateway.web.shelf import Shelf

_NICE = 10  # the daemon's polls come first


def main() -> int:
    """Answer until there is nothing more to answer."""
    with contextlib.suppress(OSError):
        os.nice(_NICE)
    folder, clock = Path(sys.argv[1]), SystemClock()
    shelf: Shelf | None = None
    while (asked := read(sys.stdin.buffer)) is not None:
        try:
            shelf = shelf or Shelf(folder, clock.boottime_ns, lambda: False)
            answer = answered(shelf, asked)
        except NotFound as error:
            answer = {"error": "not_found", "detail": str(error)}
        except JournalError as error:
            answer = {"error": "journal", "detail": str(error)}
            if shelf is not None:
                shelf.close()
                shelf = None
        write(sys.stdout.buffer, answer)
    return 0


def answered(shelf: Shelf, asked: dict[str, Any]) -> dict[str, Any]:
    """What a page shows, or where a file is. Raises NotFound, JournalError."""
    wanted = Asked(shelf.readers(asked["sites"]), asked["given"], asked["now_ns"])
    if asked["page"] in PAGES:
        return {"data": PAGES[asked["page"]].data(wanted)}
    from gateway.web.pages.download import DOWNLOADS, made  # noqa: PLC0415 # few ask for a file

    return {"data": made(DOWNLOADS[asked["page"]], wanted)}


def read(stream: BinaryIO) -> dict[str, Any] | None:
    """The next frame; None at the end."""
    head = stream.read(4)
    if len(head) < 4:
        return None
    found: dict[str, Any] = orjson.loads(stream.read(int.from_bytes(head, "big")))
    return found


def write(stream: BinaryIO, body: dict[str, Any]) -> None:
    """One frame, at once."""
    said = orjson.dumps(body, option=orjson.OPT_NON_STR_KEYS)
    stream.write(len(said).to_bytes(4, "big") + said)
    stream.flush()


if __name__ == "__main__":
    sys.exit(main())

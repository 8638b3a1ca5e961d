"""The helper process of the pages, `python -m gateway.web.pages FOLDER`: a question in, its answer out, until the end.

Frames on stdin and stdout: four bytes of length (big endian), then a body. {"page", "table", "given", "sites",
"now_ns"} is answered by `+` and what goes out as it is, JSON or CSV; or by `-` and {"error", "detail"} with error
"not_found", "journal" or "disk". So the daemon's loop never waits for Python that takes longer than its polls bear.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from gateway.box.stepback import step_back
from gateway.clock import SystemClock
from gateway.journal.errors import JournalError
from gateway.web.pages import PAGES, NotFound
from gateway.web.pages.files import sweep
from gateway.web.pages.page import Asked
from gateway.web.pages.rendered import rendered
from gateway.web.shelf import Shelf


def main() -> int:
    """Answer until there is nothing more to answer."""
    step_back()
    folder, clock = Path(sys.argv[1]), SystemClock()
    sweep(clock.now().time_ns / 1e9)
    shelf: Shelf | None = None
    while (frame := read(sys.stdin.buffer)) is not None:
        try:
            shelf = shelf or Shelf(folder, clock.boottime_ns, lambda: False)
            answer = said(shelf, orjson.loads(frame))
        except JournalError as error:
            answer = _refused("journal", str(error))
            if shelf is not None:
                shelf.close()
                shelf = None
        write(sys.stdout.buffer, answer)
    return 0


def said(shelf: Shelf, asked: dict[str, Any]) -> bytes:
    """The answer to a question, whatever becomes of it. Raises JournalError."""
    try:
        return b"+" + answered(shelf, asked)
    except NotFound as error:
        return _refused("not_found", str(error))
    except OSError as error:
        return _refused("disk", f"{asked['page']}: {error.strerror or error}")


def answered(shelf: Shelf, asked: dict[str, Any]) -> bytes:
    """What a page shows, or where a file is. Raises NotFound, JournalError, OSError."""
    sites = asked["sites"]
    wanted = Asked(shelf.readers(sites), asked["given"], asked["now_ns"], restricted=bool(sites))
    if asked["page"] in PAGES:
        return rendered(PAGES[asked["page"]], wanted, asked["table"])
    from gateway.web.pages.download import DOWNLOADS, made  # noqa: PLC0415 # few ask for a file

    return orjson.dumps(made(DOWNLOADS[asked["page"]], wanted))


def read(stream: BinaryIO) -> bytes | None:
    """The next frame; None at the end."""
    head = stream.read(4)
    return stream.read(int.from_bytes(head, "big")) if len(head) == 4 else None


def write(stream: BinaryIO, body: bytes) -> None:
    """One frame, at once."""
    stream.write(len(body).to_bytes(4, "big"))
    stream.write(body)
    stream.flush()


def _refused(error: str, detail: str) -> bytes:
    return b"-" + orjson.dumps({"error": error, "detail": detail})


if __name__ == "__main__":
    sys.exit(main())

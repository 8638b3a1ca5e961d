"""Files about a lot over HTTP: a helper makes each, and it has no name any more before the first byte of it is sent."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import orjson
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from gateway.web.asker import Asker
from gateway.web.guard import Guard, parameters
from gateway.web.headers import FRESH, PAGE
from gateway.web.helper import Helper
from gateway.web.house import House
from gateway.web.pages.page import Asked
from gateway.web.shelf import Shelf

Endpoint = Callable[[Request], Awaitable[Response]]
_PIECE = 256 << 10
PATHS = ("lot/report.pdf", "lot/epcis.jsonld", "lot/recall.json")
"""Of `gateway.web.pages.download`, which takes half a second to load and is loaded by the helper alone."""


def routes(
    shelf: Asker[Shelf],
    house: House,
    now_ns: Callable[[], int],
    guard: Guard,
    wrap: Callable[[Endpoint], Endpoint],
    helper: Helper | None = None,
) -> Sequence[Route]:
    """`GET /lot/...?lot=CODE`, of a report with `kind=`, `lang=` and `upto=` too."""
    apart = helper.apart() if helper is not None else None

    def sending(path: str) -> Endpoint:
        async def sent(request: Request) -> Response:
            guest = house.guest(request)
            given, at = dict(parameters(request)), now_ns()
            if apart is not None:
                found: dict[str, Any] = orjson.loads(await apart.ask(path, given, guest.sites, at))
            else:
                found = await shelf.ask(
                    lambda opened: _made(path, Asked(opened.readers(guest.sites), given, at))
                )
            file = await asyncio.to_thread(_taken, Path(found["file"]))
            headers = {
                **PAGE, **FRESH, "Content-Disposition": f'attachment; filename="{found["name"]}"',
                "Content-Length": str(os.fstat(file.fileno()).st_size),
            }  # fmt: skip
            return StreamingResponse(_pieces(file), headers=headers, media_type=found["media"])

        return sent

    return [Route(f"/{path}", guard(wrap(sending(path))), methods=["GET"]) for path in PATHS]


def _made(path: str, asked: Asked) -> dict[str, Any]:
    from gateway.web.pages.download import DOWNLOADS, made  # noqa: PLC0415 # not in the daemon

    return made(DOWNLOADS[path], asked)


def _taken(path: Path) -> BinaryIO:
    """The file, open, and without a name any more: whoever hangs up leaves nothing behind."""
    file = path.open("rb")
    path.unlink()
    return file


async def _pieces(file: BinaryIO) -> AsyncIterator[bytes]:
    try:
        while piece := await asyncio.to_thread(file.read, _PIECE):
            yield piece
    finally:
        file.close()

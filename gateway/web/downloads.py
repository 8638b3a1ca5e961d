"""Files about a lot over HTTP: the helper makes each, and it is gone from the disk as soon as it is sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from gateway.web.asker import Asker
from gateway.web.guard import Guard, parameters
from gateway.web.headers import FRESH, PAGE
from gateway.web.helper import Helper
from gateway.web.house import House
from gateway.web.pages.page import Asked
from gateway.web.shelf import Shelf

Endpoint = Callable[[Request], Awaitable[Response]]
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
                found: dict[str, Any] = await apart.ask(path, given, guest.sites, at)
            else:
                found = await shelf.ask(
                    lambda opened: _made(path, Asked(opened.readers(guest.sites), given, at))
                )
            file = Path(found["file"])
            return FileResponse(
                file, headers={**PAGE, **FRESH}, media_type=found["media"], filename=found["name"],
                background=BackgroundTask(_gone, file),
            )  # fmt: skip

        return sent

    return [Route(f"/{path}", guard(wrap(sending(path))), methods=["GET"]) for path in PATHS]


def _made(path: str, asked: Asked) -> dict[str, Any]:
    from gateway.web.pages.download import DOWNLOADS, made  # noqa: PLC0415 # not in the daemon

    return made(DOWNLOADS[path], asked)


def _gone(file: Path) -> None:
    file.unlink(missing_ok=True)

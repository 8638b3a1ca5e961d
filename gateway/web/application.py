"""The ASGI application: EPCIS queries and a sign of life on any data folder, and the pages where somebody may look."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.model import Noted
from gateway.views.chart import Charts
from gateway.web import acts, downloads, epcis, front, signing
from gateway.web.asker import Asker
from gateway.web.guard import LOCAL, Endpoint, Guard
from gateway.web.helper import Helper
from gateway.web.house import House
from gateway.web.live import Live
from gateway.web.pages.page import Running
from gateway.web.problems import problem
from gateway.web.shelf import Shelf
from gateway.web.shelves import Shelves

log = logging.getLogger(__name__)

_PAGES_WAIT_MOST = 64


@dataclass(frozen=True)
class Pages:
    """What pages take beside the folder."""

    house: House
    boottime_ns: Callable[[], int]
    note: Callable[[Noted], None]
    hub: Live | None = None  # none: nothing is told live
    enter: acts.Enter | None = None  # none: nobody can enter anything here
    charts: Charts | None = None  # of the fold that runs here
    standing: Callable[[], dict[str, Any]] | None = None  # of the daemon that runs here
    helper: Helper | None = None  # makes heavy pages; none: they are made in the thread of the others
    more: Mapping[str, Endpoint] = field(default_factory=dict)  # what else there is, by path; raises Refused
    closing: tuple[Callable[[], None], ...] = ()  # called at the end


def build(
    folder: Path, now_ns: Callable[[], int], hosts: Sequence[str] = LOCAL, pages: Pages | None = None
) -> Starlette:
    """The application. Nothing is opened before somebody asks; `hosts`: names by which it may be asked."""
    guard = Guard(hosts)
    events = Shelves(folder)
    closing: list[Shelves | Asker[Shelf]] = [events]
    house = pages.house if pages is not None else None
    routes = [
        *epcis.routes(events, now_ns, guard, house),
        Route("/health/live", guard(_live), methods=["GET"]),
    ]
    if pages is not None:
        boottime_ns = pages.boottime_ns
        shelf = Asker(lambda stop: Shelf(folder, boottime_ns, stop), _PAGES_WAIT_MOST)
        closing.append(shelf)
        running = Running(pages.charts, pages.standing)
        routes += front.routes(shelf, pages.house, pages.hub, now_ns, guard, running, pages.helper)
        routes += downloads.routes(shelf, pages.house, now_ns, guard, front.wrapped, pages.helper)
        routes += signing.routes(pages.house, pages.note, guard, front.wrapped)
        if pages.enter is not None:
            routes += acts.routes(pages.house, pages.enter, pages.note, guard, front.wrapped)
        routes += [
            Route(path, guard(front.wrapped(each)), methods=["GET"]) for path, each in pages.more.items()
        ]

    @asynccontextmanager
    async def living(app: Starlette) -> AsyncIterator[None]:
        yield
        app.state.close()

    async def refused(request: Request, error: Exception) -> Response:
        """What starlette refuses by itself."""
        status = error.status_code if isinstance(error, HTTPException) else 500
        if status == 405:
            return problem(405, f"{request.method[:20]} is not for here: see Allow", headers=_allowed(error))
        if pages is not None and "text/html" in request.headers.get("accept", ""):
            return await front.nowhere(request)
        return problem(404, f"there are {', '.join(sorted(route.path for route in routes))}")

    app = Starlette(
        routes=routes, lifespan=living, exception_handlers={HTTPException: refused, Exception: _broken}
    )
    app.router.redirect_slashes = False

    def close() -> None:
        for asker in closing:
            asker.close()
        if pages is not None:
            for let_go in pages.closing:
                let_go()
            if pages.helper is not None:
                pages.helper.close()

    app.state.close = close
    return app


def _allowed(error: Exception) -> dict[str, str]:
    headers = getattr(error, "headers", None) or {}
    return {"Allow": headers.get("Allow", "GET, HEAD")}


async def _live(request: Request) -> Response:
    del request
    return Response(b'{"status":"live"}', media_type="application/json")


async def _broken(request: Request, error: Exception) -> Response:
    del request
    log.error("a request broke", exc_info=error)
    return problem(500, "this should not happen: see the log")

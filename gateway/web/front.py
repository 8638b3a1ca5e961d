"""The pages over HTTP: their shell, their data as JSON and CSV, the files they load, and the live stream."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gateway.web.asker import Asker
from gateway.web.browser import FOLDERS, files, sent
from gateway.web.guard import Guard, parameters
from gateway.web.headers import FRAME, FRESH, PAGE
from gateway.web.helper import Helper, HelperBroke
from gateway.web.house import Guest, House, Refused
from gateway.web.live import VIEWERS_MOST, Hub, Live, tags_of
from gateway.web.pages import PAGES, NotFound, Page
from gateway.web.pages.page import NOTHING_RUNS, Asked, Running
from gateway.web.pages.rendered import columns_of, rendered
from gateway.web.problems import problem
from gateway.web.shelf import Shelf
from gateway.web.shell import FRAME as FRAME_OF_WORKER
from gateway.web.shell import missing, shell, spoken, words_of
from gateway.web.streaming import EventStream

Endpoint = Callable[[Request], Awaitable[Response]]
_NO_VENDOR = "the files of others that pages load are not here: run `make npm`, or install the wheel"


def wrapped(endpoint: Endpoint) -> Endpoint:
    """The endpoint, with refusals as problems."""

    async def asked(request: Request) -> Response:
        try:
            return await endpoint(request)
        except Refused as error:
            return problem(error.status, error.detail, headers=FRESH)
        except NotFound as error:
            return problem(404, str(error), headers=FRESH)
        except HelperBroke as error:
            return problem(503, str(error), headers={**FRESH, "Retry-After": "1"})

    return asked


def routes(
    shelf: Asker[Shelf],
    house: House,
    hub: Live | None,
    now_ns: Callable[[], int],
    guard: Guard,
    running: Running = NOTHING_RUNS,
    helper: Helper | None = None,
) -> Sequence[Route]:
    """All there is to look at."""
    front = _Front(shelf, house, hub, now_ns, running, helper)
    found = [
        Route("/", guard(front.home), methods=["GET"]),
        Route("/live-frame", guard(front.frame), methods=["GET"]),
        Route("/live", guard(wrapped(front.live)), methods=["GET"]),
    ]
    found += [Route(f"/{folder}/{{path:path}}", guard(front.file), methods=["GET"]) for folder in FOLDERS]
    for page in PAGES.values():
        found += [
            Route(f"/{page.name}", guard(front.page(page)), methods=["GET"]),
            Route(f"/{page.name}.json", guard(wrapped(front.data(page))), methods=["GET"]),
        ]
        if page.table:
            found.append(Route(f"/{page.name}.csv", guard(wrapped(front.table(page))), methods=["GET"]))
    return found


async def nowhere(request: Request) -> Response:
    """What a person sees at an address where nothing is."""
    lang = spoken(request.query_params.get("lang"), request.headers.get("accept-language", ""))
    words = await run_in_threadpool(words_of, lang)
    body = missing(request.scope["path"], PAGES, words, lang)
    return Response(body, 404, {**PAGE, "Vary": "Accept, Accept-Language"}, "text/html; charset=utf-8")


class _Front:
    def __init__(
        self,
        shelf: Asker[Shelf],
        house: House,
        hub: Live | None,
        now_ns: Callable[[], int],
        running: Running,
        helper: Helper | None,
    ) -> None:
        self._shelf, self._house, self._hub, self._now_ns, self._running = shelf, house, hub, now_ns, running
        self._helper = helper

    async def home(self, request: Request) -> Response:
        """Where everybody begins."""
        del request
        return RedirectResponse("/now", 303, headers=PAGE)

    async def frame(self, request: Request) -> Response:
        """What holds the shared worker."""
        del request
        return Response(
            FRAME_OF_WORKER, headers={**FRAME, "Cache-Control": "no-cache"}, media_type="text/html"
        )

    async def file(self, request: Request) -> Response:
        """A file that pages load."""
        known = await run_in_threadpool(files)
        path = request.scope["path"].lstrip("/")  # request.url wants a query that is UTF-8
        found = known.get(path)
        if found is None:
            return problem(404, _NO_VENDOR if path.startswith("vendor/") else "there is no such file")
        return sent(found, request)

    def page(self, page: Page) -> Endpoint:
        """The shell of a page, the same for everybody."""

        async def shown(request: Request) -> Response:
            lang = spoken(request.query_params.get("lang"), request.headers.get("accept-language", ""))
            words = await run_in_threadpool(words_of, lang)
            headers = {**PAGE, "Cache-Control": "no-cache", "Vary": "Accept-Language"}
            body = await run_in_threadpool(shell, page.name, words, lang)
            return Response(body, headers=headers, media_type="text/html; charset=utf-8")

        return shown

    def data(self, page: Page) -> Endpoint:
        """What the page shows, as JSON."""

        async def told(request: Request) -> Response:
            body = await self._asked(page, request)
            return Response(body, headers={**PAGE, **FRESH}, media_type="application/json")

        return told

    def table(self, page: Page) -> Endpoint:
        """Its table, as CSV."""

        async def told(request: Request) -> Response:
            wanted = request.query_params.get("table", page.table)
            columns_of(page, wanted)  # raises before anybody works
            name = page.name if wanted == page.table else f"{page.name}-{wanted}"
            body = await self._asked(page, request, wanted)
            headers = {**PAGE, **FRESH, "Content-Disposition": f'attachment; filename="{name}.csv"'}
            return Response(body, headers=headers, media_type="text/csv; charset=utf-8")

        return told

    async def _asked(self, page: Page, request: Request, table: str = "") -> bytes:
        guest = self._house.guest(request)
        given, now_ns = dict(parameters(request)), self._now_ns()
        if page.is_heavy(given) and self._helper is not None:
            helper = self._helper.apart() if page.long(given) else self._helper
            return await helper.ask(page.name, given, guest.sites, now_ns, table)
        restricted = bool(guest.sites)
        return await self._shelf.ask(
            lambda shelf: rendered(
                page, Asked(shelf.readers(guest.sites), given, now_ns, self._running, restricted), table
            )
        )

    async def live(self, request: Request) -> Response:
        """What is committed, as it is."""
        guest = self._house.guest(request)
        hub = self._heard(guest)
        if hub.viewers >= VIEWERS_MOST:
            raise Refused(429, f"{VIEWERS_MOST} pages look already: close some")
        last = request.headers.get("last-event-id", "")
        seen = int(last) if last.isascii() and last.isdigit() and len(last) < 19 else None
        tags = tags_of(request.query_params.get("tags", ""))
        headers = {**PAGE, **FRESH, "X-Accel-Buffering": "no"}
        session, stands = guest.session, self._house.sessions.stands

        def may() -> bool:
            """Whoever is signed out, or may see less now, hears no more."""
            return session is None or stands(session)

        return EventStream(hub, tags, seen, may, headers)

    def _heard(self, guest: Guest) -> Hub:
        if self._hub is None:
            raise Refused(404, "nothing is told live here: pages ask again by themselves")
        return self._hub.of(guest.sites)

"""The ASGI application: EPCIS queries and a sign of life, on any data folder."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.epcis.documents import alone, answer
from gateway.epcis.query import BadQuery, parse
from gateway.journal.errors import JournalError
from gateway.repository import StillReading, Stopped
from gateway.web.asker import Asker, Overloaded
from gateway.web.negotiation import ANSWER, not_acceptable
from gateway.web.problems import problem

QUERY_LONGEST = 32 << 10  # bytes
LOCAL = ("127.0.0.1", "localhost")
_SOON = {"Retry-After": "1"}

log = logging.getLogger(__name__)
Endpoint = Callable[[Request], Awaitable[Response]]


def build(folder: Path, now_ns: Callable[[], int], hosts: Sequence[str] = LOCAL) -> Starlette:
    """The application. Nothing is opened before somebody asks; `hosts`: names by which it may be asked.

    A page of a stranger that makes a browser on this machine ask (DNS rebinding) says another name, and gets nothing.
    """
    asker = Asker(folder)
    epcis = _Epcis(asker, now_ns)

    @asynccontextmanager
    async def living(app: Starlette) -> AsyncIterator[None]:
        del app
        yield
        asker.close()

    guarded = _Guard(hosts)
    routes = [
        Route("/epcis/events", guarded(epcis.events), methods=["GET"]),
        Route("/epcis/events/{event_id:path}", guarded(epcis.event), methods=["GET"]),
        Route("/health/live", guarded(_live), methods=["GET"]),
    ]
    app = Starlette(
        routes=routes, lifespan=living, exception_handlers={HTTPException: _refused, Exception: _broken}
    )
    app.router.redirect_slashes = False
    app.state.asker = asker
    return app


class _Epcis:
    def __init__(self, asker: Asker, now_ns: Callable[[], int]) -> None:
        self._asker, self._now_ns = asker, now_ns

    async def events(self, request: Request) -> Response:
        """A page of events that answer the query, as an EPCISQueryDocument."""
        given = _parameters(request)
        query = parse(given)
        page = await self._asker.ask(lambda repository: repository.ask(query))
        headers = {}
        if page.token:
            again = [(name, value) for name, value in given if name != "nextPageToken"]
            link = urlencode([*again, ("nextPageToken", page.token)], quote_via=quote)
            headers["Link"] = f'<{request.url.path}?{link}>; rel="next"'
        return _json(answer(page.events, self._now_ns()), headers)

    async def event(self, request: Request) -> Response:
        """The event of an id; as it is now, so with its error declaration if it has one."""
        event_id = request.path_params["event_id"]
        for name, value in _parameters(request):
            if name != "ver":
                raise BadQuery(name, "an event by its id has no parameters")
            event_id += f"?ver={value}"  # a question mark that nobody wrote as %3F
        found = await self._asker.ask(lambda repository: repository.named(event_id))
        if not found:
            return problem(
                404, f"there is no event {event_id[:120]}; ids are those of /epcis/events, with %XX for / ; ?"
            )
        return _json(alone(found[-1]), {})


class _Guard:
    """What is the same for every endpoint: who may ask, what can be answered, and how it is said when it cannot."""

    def __init__(self, hosts: Sequence[str]) -> None:
        self._hosts = set(hosts)

    def __call__(self, endpoint: Endpoint) -> Endpoint:
        async def guarded(request: Request) -> Response:
            host = request.headers.get("host", "").rpartition("@")[2]
            name = host.rpartition(":")[0] if ":" in host else host
            if name.lower() not in self._hosts:
                return problem(421, f"this is not {name[:60]!r}: ask {' or '.join(sorted(self._hosts))}")
            if len(request.scope.get("query_string", b"")) > QUERY_LONGEST:
                return problem(414, f"at most {QUERY_LONGEST} bytes of parameters: ask for fewer at once")
            if why := not_acceptable(request.headers):
                return problem(406, why)
            return await _answered(endpoint, request)

        return guarded


async def _answered(endpoint: Endpoint, request: Request) -> Response:
    try:
        return await endpoint(request)
    except BadQuery as error:
        return problem(400, str(error), parameter=error.parameter)
    except StillReading:
        words = "the journal is being gone through for ids, and has not come to its end: ask again"
        return problem(503, words, headers=_SOON)
    except (Overloaded, Stopped):
        return problem(503, "too many questions at once, or the program is ending: ask again", headers=_SOON)
    except JournalError as error:
        log.warning("a query cannot be answered: %s", error)
        return problem(503, "the journal cannot be read now: see the log", headers=_SOON)


def _parameters(request: Request) -> list[tuple[str, str]]:
    text = request.scope.get("query_string", b"").decode("latin-1")
    return parse_qsl(text, keep_blank_values=True, errors="replace", max_num_fields=None)


def _json(body: Any, headers: dict[str, str]) -> Response:
    return Response(orjson.dumps(body), headers={**ANSWER, **headers}, media_type="application/json")


async def _live(request: Request) -> Response:
    del request
    return Response(b'{"status":"live"}', media_type="application/json")


async def _refused(request: Request, error: Exception) -> Response:
    """What starlette refuses by itself."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    if status == 405:
        return problem(405, f"{request.method[:20]} is not for here: GET is", headers={"Allow": "GET, HEAD"})
    return problem(404, "there are /epcis/events, /epcis/events/{eventID} and /health/live")


async def _broken(request: Request, error: Exception) -> Response:
    del request
    log.error("a request broke", exc_info=error)
    return problem(500, "this should not happen: see the log")

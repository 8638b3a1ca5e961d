"""EPCIS 2.0 queries by its REST binding: `GET /epcis/events`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from urllib.parse import quote, urlencode

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.epcis.documents import alone, answer
from gateway.epcis.query import BadQuery, parse
from gateway.repository import Repository
from gateway.web.asker import Asker
from gateway.web.guard import Guard, parameters
from gateway.web.headers import FRESH
from gateway.web.house import House, Refused
from gateway.web.negotiation import ANSWER, not_acceptable
from gateway.web.problems import problem
from gateway.web.shelves import Shelves

Endpoint = Callable[[Request], Awaitable[Response]]


def routes(
    shelves: Shelves, now_ns: Callable[[], int], guard: Guard, house: House | None = None
) -> Sequence[Route]:
    """Its two resources. `house`: who may ask, and for which sites; none: whoever is on this machine."""
    epcis = _Epcis(shelves, now_ns, house)
    return [
        Route("/epcis/events", guard(_negotiated(epcis.events)), methods=["GET"]),
        Route("/epcis/events/{event_id:path}", guard(_negotiated(epcis.event)), methods=["GET"]),
    ]


def _negotiated(endpoint: Endpoint) -> Endpoint:
    async def negotiated(request: Request) -> Response:
        if why := not_acceptable(request.headers):
            return problem(406, why)
        try:
            return await endpoint(request)
        except Refused as error:
            return problem(error.status, error.detail, headers=FRESH)

    return negotiated


class _Epcis:
    def __init__(self, shelves: Shelves, now_ns: Callable[[], int], house: House | None) -> None:
        self._shelves, self._now_ns, self._house = shelves, now_ns, house

    async def _asker(self, request: Request) -> Asker[Repository]:
        sites = self._house.program(request).sites if self._house is not None else ()
        return await self._shelves.of(sites)

    async def events(self, request: Request) -> Response:
        """A page of events that answer the query, as an EPCISQueryDocument."""
        asker = await self._asker(request)
        given = parameters(request)
        query = parse(given)
        page = await asker.ask(lambda repository: repository.ask(query))
        headers = {}
        if page.token:
            again = [(name, value) for name, value in given if name != "nextPageToken"]
            link = urlencode([*again, ("nextPageToken", page.token)], quote_via=quote)
            headers["Link"] = f'<{quote(request.scope["path"], safe="/:")}?{link}>; rel="next"'
        return _json(answer(page.events, self._now_ns()), headers)

    async def event(self, request: Request) -> Response:
        """The event of an id; as it is now, so with its error declaration if it has one."""
        asker = await self._asker(request)
        event_id = request.path_params["event_id"]
        for name, value in parameters(request):
            if name != "ver":
                raise BadQuery(name, "an event by its id has no parameters")
            event_id += f"?ver={value}"  # a question mark that nobody wrote as %3F
        found = await asker.ask(lambda repository: repository.named(event_id))
        if not found:
            return problem(
                404, f"there is no event {event_id[:120]}; ids are those of /epcis/events, with %XX for / ; ?"
            )
        return _json(alone(found[-1]), {})


def _json(body: Any, headers: dict[str, str]) -> Response:
    return Response(orjson.dumps(body), headers={**ANSWER, **headers}, media_type="application/json")

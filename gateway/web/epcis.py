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
from gateway.web.negotiation import ANSWER, not_acceptable
from gateway.web.problems import problem

Endpoint = Callable[[Request], Awaitable[Response]]


def routes(asker: Asker[Repository], now_ns: Callable[[], int], guard: Guard) -> Sequence[Route]:
    """Its two resources."""
    epcis = _Epcis(asker, now_ns)
    return [
        Route("/epcis/events", guard(_negotiated(epcis.events)), methods=["GET"]),
        Route("/epcis/events/{event_id:path}", guard(_negotiated(epcis.event)), methods=["GET"]),
    ]


def _negotiated(endpoint: Endpoint) -> Endpoint:
    async def negotiated(request: Request) -> Response:
        if why := not_acceptable(request.headers):
            return problem(406, why)
        return await endpoint(request)

    return negotiated


class _Epcis:
    def __init__(self, asker: Asker[Repository], now_ns: Callable[[], int]) -> None:
        self._asker, self._now_ns = asker, now_ns

    async def events(self, request: Request) -> Response:
        """A page of events that answer the query, as an EPCISQueryDocument."""
        given = parameters(request)
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
        for name, value in parameters(request):
            if name != "ver":
                raise BadQuery(name, "an event by its id has no parameters")
            event_id += f"?ver={value}"  # a question mark that nobody wrote as %3F
        found = await self._asker.ask(lambda repository: repository.named(event_id))
        if not found:
            return problem(
                404, f"there is no event {event_id[:120]}; ids are those of /epcis/events, with %XX for / ; ?"
            )
        return _json(alone(found[-1]), {})


def _json(body: Any, headers: dict[str, str]) -> Response:
    return Response(orjson.dumps(body), headers={**ANSWER, **headers}, media_type="application/json")

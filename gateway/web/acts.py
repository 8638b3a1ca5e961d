"""What people do on pages: each is an entry in the journal, answered after its commit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.people import may
from gateway.web.guard import Guard
from gateway.web.headers import FRESH
from gateway.web.house import House, Refused, body_of
from gateway.web.signing import ACTS

Enter = Callable[[str, str, Mapping[str, object]], Awaitable[bytes]]
"""Kind, operator and body of an entry, to the door's answer: a line of JSON."""
Endpoint = Callable[[Request], Awaitable[Response]]

_STATUS = {2: 409, 75: 503}  # exit code of a command to HTTP


def routes(house: House, enter: Enter, guard: Guard, wrap: Callable[[Endpoint], Endpoint]) -> Sequence[Route]:
    """`POST /act/<kind>`."""

    async def act(request: Request) -> Response:
        kind = request.path_params["kind"]
        session = house.actor(request)
        if kind not in ACTS:
            raise Refused(404, f"there is no act {kind[:40]!r}; there are {', '.join(ACTS)}")
        if not may(session.account.role, kind):
            raise Refused(403, f"role {session.account.role} may not {kind}: ask somebody of quality")
        answer = orjson.loads(await enter(kind, session.account.operator, await body_of(request)))
        if not answer["ok"]:
            raise Refused(_STATUS.get(answer.get("code"), 409), str(answer["error"]))
        return Response(orjson.dumps(answer), headers=FRESH, media_type="application/json")

    return [Route("/act/{kind}", guard(wrap(act)), methods=["POST"])]

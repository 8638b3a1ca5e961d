"""What people do on pages: each is an entry in a journal, here after its commit, or at a box elsewhere."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.model import Noted, Plain, Severity
from gateway.people import Session, may
from gateway.web.guard import Guard
from gateway.web.headers import FRESH
from gateway.web.house import House, Refused, address_of, body_of


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to be entered."""

    kind: str
    operator: str
    body: Mapping[str, object]
    sites: tuple[str, ...] = ()  # that this person may see; none: all
    site: str = ""  # that the page named; "": the one that knows what it is about


Enter = Callable[[Wish], Awaitable[bytes]]
"""To the door's answer, a line of JSON; one with "pending" is on its way to a box, under that id."""
Endpoint = Callable[[Request], Awaitable[Response]]
Note = Callable[[Noted], None]

_STATUS = {2: 409, 75: 503}  # exit code of a command to HTTP


def routes(
    house: House, enter: Enter, note: Note, guard: Guard, wrap: Callable[[Endpoint], Endpoint]
) -> Sequence[Route]:
    """`POST /act/<kind>`."""

    async def act(request: Request) -> Response:
        kind = request.path_params["kind"]
        session = house.actor(request)
        operator, address = session.account.operator, address_of(request)
        house.hurried(_acting(session))
        if kind not in house.acts:
            raise Refused(404, f"there is no act {kind[:40]!r}; there are {', '.join(house.acts)}")
        try:
            if not may(session.account.role, kind):
                raise Refused(403, f"role {session.account.role} may not {kind}: ask somebody of quality")
            site = request.query_params.get("site", "")[:80]
            wish = Wish(kind, operator, await body_of(request), session.account.sites, site)
            answer = orjson.loads(await enter(wish))
            if not answer["ok"]:
                raise Refused(_STATUS.get(answer.get("code"), 409), str(answer["error"]))
        except Refused as refused:
            house.waits.failed(
                _acting(session), house.now_ns()
            )  # so that nobody fills the journal with refusals
            _told(house, note, operator, {"act": kind, "refused": refused.detail[:200], "from": address})
            raise
        house.waits.fitted(_acting(session))
        where = {name: answer[name] for name in ("seq", "pending") if name in answer}
        _told(house, note, operator, {"act": kind, **where, "from": address})
        status = 202 if "pending" in answer else 200
        return Response(orjson.dumps(answer), status, headers=FRESH, media_type="application/json")

    return [Route("/act/{kind}", guard(wrap(act)), methods=["POST"])]


def _acting(session: Session) -> str:
    return f"acts of {session.account.operator}"


def _told(house: House, note: Note, operator: str, facts: Mapping[str, Plain]) -> None:
    severity = Severity.WARNING if "refused" in facts else Severity.INFO
    note(Noted(house.now_ns(), "page_act", operator, severity, facts))

"""`/metrics` and `/health/ready`: for whoever is on this machine, and for those who are signed in; docs/decisions/0108.

They are about the whole machine: an account that sees some sites only does not get them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from gateway.web.guard import Endpoint
from gateway.web.headers import FRESH
from gateway.web.house import House, Refused, on_this_machine


def metrics(page: Callable[[], bytes], content_type: str, house: House) -> Endpoint:
    """The endpoint; `page` may block. Raises Refused."""

    async def told(request: Request) -> Response:
        _looking(house, request)
        return Response(await run_in_threadpool(page), headers={**FRESH, "Content-Type": content_type})

    return told


def ready(ills: Callable[[], Sequence[str]], house: House) -> Endpoint:
    """Whether the daemon does its work: 200, or 503 with what is not well. Raises Refused."""

    async def told(request: Request) -> Response:
        _looking(house, request)
        found = list(ills())
        body = {"status": "not ready", "why": found} if found else {"status": "ready"}
        return Response(
            orjson.dumps(body), 503 if found else 200, headers=FRESH, media_type="application/json"
        )

    return told


def _looking(house: House, request: Request) -> None:
    """Raises Refused 401, 403."""
    if not on_this_machine(request) and house.guest(request).sites:
        raise Refused(403, "this is about the whole machine: ask with an account that sees all sites")

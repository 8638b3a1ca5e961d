"""`/metrics` and `/health/ready`: for whoever is on this machine, and for those who are signed in; docs/decisions/0108.

On this machine means: the connection comes from loopback, and asks by a name of loopback. What a proxy hands on from
outside asks by another.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from ipaddress import ip_address

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from gateway.hostnames import asked_of
from gateway.web.guard import LOCAL, Endpoint
from gateway.web.headers import FRESH
from gateway.web.house import House


def metrics(page: Callable[[], bytes], content_type: str, house: House) -> Endpoint:
    """The endpoint; `page` may block. Raises Refused."""

    async def told(request: Request) -> Response:
        if not on_this_machine(request):
            house.guest(request)
        return Response(await run_in_threadpool(page), headers={**FRESH, "Content-Type": content_type})

    return told


def ready(ills: Callable[[], Sequence[str]], house: House) -> Endpoint:
    """Whether the daemon does its work: 200, or 503 with what is not well. Raises Refused."""

    async def told(request: Request) -> Response:
        if not on_this_machine(request):
            house.guest(request)
        found = list(ills())
        body = {"status": "not ready", "why": found} if found else {"status": "ready"}
        return Response(
            orjson.dumps(body), 503 if found else 200, headers=FRESH, media_type="application/json"
        )

    return told


def on_this_machine(request: Request) -> bool:
    """Whether somebody here asks, by a name of here."""
    if request.client is None or asked_of(request.headers.get("host", "")) not in LOCAL:
        return False
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:
        return False

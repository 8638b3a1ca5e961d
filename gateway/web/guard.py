"""What is the same for every endpoint: who may ask at all, and how it is said when there is no answer."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from gateway.epcis.query import BadQuery
from gateway.journal.errors import JournalError
from gateway.repository import StillReading, Stopped
from gateway.trust.hostnames import asked_of
from gateway.web.asker import Overloaded
from gateway.web.problems import problem

QUERY_LONGEST = 32 << 10  # bytes
LOCAL = ("127.0.0.1", "localhost")
_SOON = {"Retry-After": "1"}

log = logging.getLogger(__name__)
Endpoint = Callable[[Request], Awaitable[Response]]


class Guard:
    """Wraps endpoints. `hosts`: names by which this server may be asked.

    A page of a stranger that makes a browser on this machine ask (DNS rebinding) says another name, and gets nothing.
    """

    def __init__(self, hosts: Sequence[str] = LOCAL) -> None:
        self._hosts = set(hosts)

    def __call__(self, endpoint: Endpoint) -> Endpoint:
        """The endpoint, for those who may ask."""

        async def guarded(request: Request) -> Response:
            name = asked_of(request.headers.get("host", ""))
            if name not in self._hosts:
                words = f"this is not {name[:60]!r}: ask {' or '.join(LOCAL)}, or a name of web.hosts in the config"
                return problem(421, words)
            if len(request.scope.get("query_string", b"")) > QUERY_LONGEST:
                return problem(414, f"at most {QUERY_LONGEST} bytes of parameters: ask for fewer at once")
            return await _answered(endpoint, request)

        return guarded


def parameters(request: Request) -> list[tuple[str, str]]:
    """Those of the query, as they were given."""
    text = request.scope.get("query_string", b"").decode("latin-1")
    return parse_qsl(text, keep_blank_values=True, errors="replace", max_num_fields=None)


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

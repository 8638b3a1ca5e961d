"""What goes wrong, as problem details (RFC 7807) with the exception types of EPCIS 2.0, chapter 12."""

from __future__ import annotations

from collections.abc import Mapping

import orjson
from starlette.responses import Response

_TYPES = {
    400: ("QueryParameterException", "Query parameter"),
    401: ("SecurityException", "Not signed in"),
    403: ("SecurityException", "Not allowed"),
    404: ("NoSuchResourceException", "Resource not found"),
    405: ("ImplementationException", "Method not allowed"),
    406: ("NotAcceptableException", "Conflicting request and response headers"),
    409: ("", "Not as things stand"),
    413: ("", "Too large"),
    414: ("URITooLongException", "URI too long"),
    415: ("", "Not JSON"),
    421: ("SecurityException", "Misdirected request"),
    429: ("", "Too many tries"),
    500: ("ImplementationException", "A server-side error occurred"),
    503: ("ImplementationException", "Try again later"),
}


def problem(status: int, detail: str, *, headers: Mapping[str, str] | None = None, **more: str) -> Response:
    """A response that says what is wrong and what to do."""
    kind, title = _TYPES[status]
    name = f"epcisException:{kind}" if kind else "about:blank"
    body = {"type": name, "title": title, "status": status, "detail": detail, **more}
    return Response(orjson.dumps(body), status, headers, media_type="application/problem+json")

"""Who is asking, and what they may do here.

Rule 1: a page of somebody else can do nothing: acts take a session's cookie (SameSite=Strict), an Origin that is ours,
and the session's seal in a header.  Rule 2: a wrong password, a wrong name and a wrong code take as long and say the
same.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson
from starlette.requests import Request

from gateway.people import Account, People, Role, Session, Sessions
from gateway.people.backoff import Backoff
from gateway.people.sessions import sealed
from gateway.web.guard import host_of

COOKIE = "lotwatch"
SEAL = "x-lotwatch-seal"
BODY_MOST = 64 << 10


class Refused(Exception):
    """An answer that is a refusal: its status, and what to do."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail


@dataclass(frozen=True, slots=True)
class Guest:
    """Who is asking: somebody signed in, or anybody where anybody may look."""

    role: Role
    sites: tuple[str, ...] = ()  # none: all
    session: Session | None = None


@dataclass
class House:
    """Accounts and sessions of one server. `open_`: who is not signed in may look at everything."""

    people: People
    now_ns: Callable[[], int]
    token: Callable[[int], bytes]
    open_: bool = False
    waits: Backoff = field(default_factory=Backoff)

    def __post_init__(self) -> None:
        """Blocks, shortly."""
        self.sessions = Sessions(self.people, self.now_ns, self.token)

    def setup_code(self) -> str | None:
        """A new code for the first account, or None where there is one. Blocks."""
        if self.people.accounts():
            return None
        letters = base64.b32encode(self.token(5)).decode()
        code = f"{letters[:4]}-{letters[4:]}"
        self.people.set_setup_code(code)
        return code

    def guest(self, request: Request) -> Guest:
        """Who may look. Raises Refused 401."""
        session = self.sessions.of(request.cookies.get(COOKIE, ""))
        if session is not None:
            return Guest(session.account.role, session.account.sites, session)
        if self.open_:
            return Guest(Role.VIEWER)
        raise Refused(401, "sign in to see this")

    def actor(self, request: Request) -> Session:
        """Who may act. Raises Refused 401, 403."""
        own(request)
        session = self.sessions.of(request.cookies.get(COOKIE, ""))
        if session is None:
            raise Refused(401, "sign in to do this")
        if not sealed(session, request.headers.get(SEAL, "")):
            raise Refused(403, "this page was made for another session: load it again")
        return session

    def hurried(self, who: str) -> None:
        """Raises Refused 429 for somebody who must wait."""
        left = self.waits.left_ns(who, self.now_ns())
        if left > 0:
            raise Refused(429, f"too many that were wrong: wait {-(-left // 1_000_000_000)} s")

    def first(self) -> bool:
        """Whether nobody has an account yet. Blocks."""
        return not self.people.accounts()

    def account(self, name: str) -> Account | None:
        """Blocks."""
        return self.people.account(name)


def own(request: Request) -> None:
    """Raises Refused 403 for a request that a page of somebody else has sent."""
    scheme, _, rest = request.headers.get("origin", "").partition("://")
    ours = request.headers.get("host", "")
    if not rest or rest.lower() != ours.lower() or scheme not in {"http", "https"} or not host_of(ours):
        raise Refused(403, "only the pages of this box may do this")


async def body_of(request: Request) -> dict[str, Any]:
    """The request's JSON object. Raises Refused 413, 415, 400."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise Refused(415, "send JSON, and say so: Content-Type: application/json")
    read = bytearray()
    async for part in request.stream():
        read += part
        if len(read) > BODY_MOST:
            raise Refused(413, f"at most {BODY_MOST} bytes")
    try:
        said = orjson.loads(bytes(read))
    except orjson.JSONDecodeError as error:
        raise Refused(400, f"not JSON: {error}") from None
    if not isinstance(said, dict):
        raise Refused(400, "not a JSON object")
    return said


def text(said: dict[str, Any], name: str, most: int = 300) -> str:
    """A text of the body. Raises Refused 400."""
    value = said.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= most:
        raise Refused(400, f"{name} is not a text of 1 to {most} characters")
    return value

"""Who is asking, and what they may do here.

Rule 1: a page of somebody else can do nothing: acts take a session's cookie (SameSite=Strict), an Origin that is ours,
and the session's seal in a header.  Rule 2: a wrong password, a wrong name and a wrong code take as long and say the
same.  Rule 3: what this machine's own users may see without signing in, nobody from another machine may.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any

import orjson
from starlette.requests import Request

from gateway.people import ACTS, Account, Diary, People, Role, Session, Sessions
from gateway.people.backoff import Backoff
from gateway.people.passwords import fits
from gateway.people.sessions import sealed
from gateway.trust.hostnames import asked_of, home_of
from gateway.web.guard import LOCAL

COOKIE, SECURE_COOKIE = "lotwatch", "__Host-lotwatch"
"""A browser takes the second one over TLS only, and from this very host (RFC 6265bis, 4.1.3.2)."""
SEAL = "x-lotwatch-seal"
BODY_MOST = 64 << 10
CHECKS_MOST = 8  # passwords that wait to be looked at; each takes a process of some 40 MB


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
    """Accounts and sessions of one server. `open_`: whoever is on this machine may look at everything.

    `strict`: programs on this machine sign in too, where else they may ask for events. `acts`: what can be done here.
    """

    people: People
    now_ns: Callable[[], int]
    token: Callable[[int], bytes]
    open_: bool = False
    strict: bool = False
    acts: tuple[str, ...] = ACTS
    waits: Backoff = field(default_factory=Backoff)

    def __post_init__(self) -> None:
        """Blocks, shortly."""
        self.sessions = Sessions(self.people, self.now_ns, self.token)
        self.diary = Diary(self.people)
        self.checking = asyncio.Semaphore(1)  # one password at a time
        self.checks = 0

    def setup_code(self) -> str | None:
        """A new code for the first account, or None where there is one. Blocks."""
        if self.people.accounts():
            return None
        letters = base64.b32encode(self.token(5)).decode()
        code = f"{letters[:4]}-{letters[4:]}"
        self.people.set_setup_code(code)
        return code

    def session(self, request: Request) -> Session | None:
        """Of the browser that asks."""
        return self.sessions.of(request.cookies.get(cookie_of(request), ""))

    def opened(self, request: Request) -> bool:
        """Whether one may look without signing in: on this machine, where the config says so."""
        return self.open_ and on_this_machine(request)

    def guest(self, request: Request) -> Guest:
        """Who may look. Raises Refused 401."""
        session = self.session(request)
        if session is not None:
            return Guest(session.account.role, session.account.sites, session)
        if self.opened(request):
            return Guest(Role.VIEWER)
        raise Refused(401, "sign in to see this")

    def program(self, request: Request) -> Guest:
        """Who may ask for events: a program on this machine, or somebody signed in. Raises Refused 401."""
        if self.strict or not on_this_machine(request):
            return self.guest(request)
        return Guest(Role.VIEWER)

    def actor(self, request: Request) -> Session:
        """Who may act. Raises Refused 401, 403."""
        own(request)
        session = self.session(request)
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

    async def fits(self, password: str, stored: str, *who: str) -> bool:
        """Whether the password is the stored one; one is looked at at a time. Raises Refused 429, 503."""
        if self.checks >= CHECKS_MOST:
            raise Refused(503, "too many sign in at once: try again in a few seconds")
        self.checks += 1
        try:
            async with self.checking:
                for each in who:  # those who came together have failed together
                    self.hurried(each)
                return await fits(password, stored)
        finally:
            self.checks -= 1

    def first(self) -> bool:
        """Whether nobody has an account yet. Blocks."""
        return not self.people.accounts()

    def account(self, name: str) -> Account | None:
        """Blocks."""
        return self.people.account(name)


def outside(request: Request) -> bool:
    """Whether it came by the door that is open to other machines, which is the one with TLS."""
    return bool(request.scope.get("scheme") == "https")


def on_this_machine(request: Request) -> bool:
    """Whether somebody here asks: from loopback, by a name of loopback, not through the door for others.

    What a proxy on this machine hands on from outside asks by another name.
    """
    if outside(request) or request.client is None or asked_of(request.headers.get("host", "")) not in LOCAL:
        return False
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def cookie_of(request: Request) -> str:
    """The name of the session's cookie on this connection."""
    return SECURE_COOKIE if outside(request) else COOKIE


def address_of(request: Request) -> str:
    """Where it came from, for the record and for who must wait."""
    return home_of(request.client.host) if request.client else ""


def own(request: Request) -> None:
    """Raises Refused 403 for a request that a page of somebody else has sent."""
    ours = request.headers.get("host", "").lower()
    if (
        not asked_of(ours)
        or request.headers.get("origin", "").lower() != f"{request.scope['scheme']}://{ours}"
    ):
        raise Refused(403, "only the pages of this box may do this")


async def body_of(request: Request) -> dict[str, Any]:
    """The request's JSON object. Raises Refused 413, 415, 400. One that trickles in is cut off by the gate."""
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

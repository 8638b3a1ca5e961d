"""Signing in and out, and the first account of a box."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.model import Noted, Severity
from gateway.people import Account, NameTaken, OperatorTaken, Role, Session, may
from gateway.people.backoff import NAME_MOST_NS
from gateway.people.passwords import BadPassword, acceptable, hashed
from gateway.web.guard import Guard
from gateway.web.headers import FRESH
from gateway.web.house import (
    House,
    Refused,
    address_of,
    body_of,
    cookie_of,
    on_this_machine,
    outside,
    own,
    text,
)

_WRONG = "no account has this name with this password"

log = logging.getLogger(__name__)
Endpoint = Callable[[Request], Awaitable[Response]]


def routes(
    house: House, note: Callable[[Noted], None], guard: Guard, wrap: Callable[[Endpoint], Endpoint]
) -> Sequence[Route]:
    """`note`: what is told of who came and who was turned away."""
    signing = _Signing(house, note)
    posts = {"/sign-in": signing.come, "/sign-out": signing.go, "/set-up": signing.begin}
    return [
        Route("/me.json", guard(wrap(signing.me)), methods=["GET"]),
        *(Route(path, guard(wrap(endpoint)), methods=["POST"]) for path, endpoint in posts.items()),
    ]


class _Signing:
    def __init__(self, house: House, note: Callable[[Noted], None]) -> None:
        self._house, self._note = house, note

    async def me(self, request: Request) -> Response:
        """Who the browser is signed in as, and what they may do."""
        session = self._house.session(request)
        if session is None:
            first = await asyncio.to_thread(self._house.first)
            return _said({"signed_in": False, "first": first, "open": self._house.opened(request), "may": []})
        return _said(self._about(session))

    async def come(self, request: Request) -> Response:
        """Sign in."""
        own(request)
        said = await body_of(request)
        name, password, address = text(said, "name", 60), text(said, "password"), address_of(request)
        waits, both = self._house.waits, (f"name {name.casefold()}", address)
        for who in both:
            self._house.hurried(who)
        account = await asyncio.to_thread(self._house.account, name)
        try:
            fits = await self._house.fits(password, account.password if account else "", *both)
        except OSError as error:
            log.warning("a password cannot be looked at: %s", error)
            raise Refused(503, "passwords cannot be looked at now: see the log, and try again") from None
        if not fits or account is None:
            waits.failed(both[0], self._house.now_ns(), NAME_MOST_NS)
            waits.failed(address, self._house.now_ns())
            self._noted("sign_in_refused", account.operator if account else "", address)
            raise Refused(403, _WRONG)
        waits.fitted(both[0])
        return self._in(account, address, request)

    async def go(self, request: Request) -> Response:
        """Sign out."""
        own(request)
        session = self._house.session(request)
        if session is not None:
            self._house.sessions.end(session)
            self._noted("signed_out", session.account.operator, address_of(request))
        answer = _said({"signed_in": False})
        secure = outside(request)
        answer.delete_cookie(cookie_of(request), path="/", httponly=True, samesite="strict", secure=secure)
        return answer

    async def begin(self, request: Request) -> Response:
        """The first account: an administrator, by the code that the console was told; on this machine only."""
        own(request)
        if not on_this_machine(request):
            raise Refused(403, "the first account is made on the machine itself: open http://127.0.0.1 there")
        said = await body_of(request)
        address = address_of(request)
        self._house.hurried(address)
        code, password = text(said, "code", 40).strip().upper(), text(said, "password")
        try:
            account = Account(text(said, "name", 60).strip(), text(said, "operator", 12), Role.ADMIN)
            acceptable(password, account.name, account.operator)
        except ValueError as error:
            raise Refused(400, str(error)) from None
        if not await asyncio.to_thread(self._house.people.is_setup_code, code):
            self._house.waits.failed(address, self._house.now_ns())
            raise Refused(
                403, "this is not the code: the newest is in the log, or on the console, of the box"
            )
        try:
            made = replace(account, password=await hashed(password), made_ns=self._house.now_ns())
            await asyncio.to_thread(self._house.people.add_first, made, code)
        except (BadPassword, NameTaken, OperatorTaken) as error:
            raise Refused(409, str(error)) from None
        self._noted("account_made", made.operator, address)
        return self._in(made, address, request)

    def _in(self, account: Account, address: str, request: Request) -> Response:
        """A new session, always: a token that was in the browser before is worth nothing any more."""
        before = self._house.session(request)
        if before is not None:
            self._house.sessions.end(before)
        token, session = self._house.sessions.begin(account)
        self._noted("signed_in", account.operator, address)
        answer = _said(self._about(session))
        secure = outside(request)
        answer.set_cookie(
            cookie_of(request), token, path="/", httponly=True, samesite="strict", secure=secure
        )
        return answer

    def _about(self, session: Session) -> dict[str, object]:
        account = session.account
        acts = [act for act in self._house.acts if may(account.role, act)]
        return {
            "signed_in": True, "name": account.name, "operator": account.operator, "role": account.role.value,
            "sites": list(account.sites), "seal": session.seal, "may": acts, "away": self._house.strict,
        }  # fmt: skip

    def _noted(self, kind: str, operator: str, address: str) -> None:
        severity = Severity.WARNING if kind == "sign_in_refused" else Severity.INFO
        self._note(Noted(self._house.now_ns(), kind, operator or "unknown", severity, {"from": address}))


def _said(body: dict[str, object]) -> Response:
    return Response(orjson.dumps(body), headers=FRESH, media_type="application/json")

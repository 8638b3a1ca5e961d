"""Signing in and out, and the first account of a box."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.model import Noted, Severity
from gateway.people import Account, NameTaken, OperatorTaken, Role, Session, may
from gateway.people.passwords import BadPassword, acceptable, fits, hashed
from gateway.web.guard import Guard
from gateway.web.headers import FRESH
from gateway.web.house import COOKIE, House, Refused, body_of, own, text

ACTS = ("acknowledge", "shelve", "unshelve", "hold", "release", "result", "correct", "label", "recount")
_WRONG = "no account has this name with this password"

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
        session = self._house.sessions.of(request.cookies.get(COOKIE, ""))
        if session is None:
            first = await asyncio.to_thread(self._house.first)
            return _said({"signed_in": False, "first": first, "open": self._house.open_, "may": []})
        return _said(_about(session))

    async def come(self, request: Request) -> Response:
        """Sign in."""
        own(request)
        said = await body_of(request)
        name, password, address = text(said, "name", 60), text(said, "password"), _address(request)
        for who in (name.casefold(), address):
            self._house.hurried(who)
        account = await asyncio.to_thread(self._house.account, name)
        if not await fits(password, account.password if account else "") or account is None:
            for who in (name.casefold(), address):
                self._house.waits.failed(who, self._house.now_ns())
            self._noted("sign_in_refused", account.operator if account else "", address)
            raise Refused(403, _WRONG)
        self._house.waits.fitted(name.casefold())
        return await self._in(account, address, request)

    async def go(self, request: Request) -> Response:
        """Sign out."""
        own(request)
        session = self._house.sessions.of(request.cookies.get(COOKIE, ""))
        if session is not None:
            self._house.sessions.end(session)
            self._noted("signed_out", session.account.operator, _address(request))
        answer = _said({"signed_in": False})
        answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
        return answer

    async def begin(self, request: Request) -> Response:
        """The first account: an administrator, by the code that the console was told."""
        own(request)
        said = await body_of(request)
        address = _address(request)
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
            made = Account(
                account.name, account.operator, Role.ADMIN, (), await hashed(password), self._house.now_ns()
            )
            await asyncio.to_thread(self._house.people.add, made)
        except (BadPassword, NameTaken, OperatorTaken) as error:
            raise Refused(409, str(error)) from None
        self._noted("account_made", made.operator, address)
        return await self._in(made, address, request)

    async def _in(self, account: Account, address: str, request: Request) -> Response:
        token, session = self._house.sessions.begin(account)
        self._noted("signed_in", account.operator, address)
        answer = _said(_about(session))
        secure = request.url.scheme == "https"
        answer.set_cookie(COOKIE, token, path="/", httponly=True, samesite="strict", secure=secure)
        return answer

    def _noted(self, kind: str, operator: str, address: str) -> None:
        severity = Severity.WARNING if kind == "sign_in_refused" else Severity.INFO
        self._note(Noted(self._house.now_ns(), kind, operator or "unknown", severity, {"from": address}))


def _about(session: Session) -> dict[str, object]:
    account = session.account
    return {
        "signed_in": True, "name": account.name, "operator": account.operator, "role": account.role.value,
        "sites": list(account.sites), "seal": session.seal, "may": [act for act in ACTS if may(account.role, act)],
    }  # fmt: skip


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _said(body: dict[str, object]) -> Response:
    return Response(orjson.dumps(body), headers=FRESH, media_type="application/json")

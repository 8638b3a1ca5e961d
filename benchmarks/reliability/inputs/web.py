"""HTTP at the ASGI seam: any path, method, parameter, header and body gets an answer, and none of them is 500.

Half of the requests come from somebody who is signed in and may do everything; pages, EPCIS queries and acts are those
of the application that the daemon serves, on the journal of a small plant.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import re
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
from starlette.routing import Route

from benchmarks.reliability.inputs.payloads import STRANGE
from benchmarks.reliability.inputs.slow import MS
from benchmarks.reliability.inputs.spoil import spoiled
from benchmarks.reliability.row import Outcome, Row, dice
from gateway.model import Noted
from gateway.people import Account, People, Role
from gateway.web.application import Pages, build
from gateway.web.house import COOKIE, SEAL, House
from tests.unit.journal.plant import T0
from tests.unit.repository.plant import BOX, RESIN, fill

HOST = "127.0.0.1:8080"
STEP_NS = 2_000_000_000  # between two requests
A_SESSION = 20  # requests, and then another
STALLED_NS = 1_000_000_000
LONGEST_S = 60.0  # by the clock, of any machine: what has no end is found, and does not hang
WORDS = (
    BOX, RESIN, "hall/line1/press1/temp", "temp", "north", "plant", "gw1", "1", "-1", "0", "9" * 30, "2026-11-22",
    "", "*", "%", "..", "2027-01-15T08:00:00Z", "2027-01-15T08:00:00.000+01:00", "true", "[]", "{}", "ObjectEvent",
    "urn:epc:id:sgtin:0614141.107346.2017", "a" * 3000, "\0", "年", "'", '"', "<script>", "\r\nX: y", "1e308", "nan",
    "--5", "-" * 9, "9" * 15, "9999-12-31", "9999-W52", "0001-01", "2026-11", "2026-W47", "٣",
)  # fmt: skip
NAMES = (
    "lot", "name", "q", "tag", "from", "to", "site", "perPage", "nextPageToken", "eventType", "GE_eventTime",
    "LT_eventTime", "MATCH_epc", "EQ_bizStep", "orderBy", "eventCountLimit", "days", "hours", "lang", "format",
    "characteristic", "after", "id", "key", "past", "lean", "table", "code", "part", "first", "min_share", "any", "all",
    "before", "day", "shift", "week", "month", "kind", "upto",
)  # fmt: skip
HEADERS = (
    b"accept", b"accept-language", b"range", b"if-none-match", b"content-length", b"gs1-epcis-version",
    b"gs1-cbv-version", b"content-type", b"cookie", b"origin", b"host", b"x-forwarded-for", b"last-event-id",
)  # fmt: skip
NO_OBJECTS = (b"[]", b"[1]", b"7", b'"text"', b"null", b"true", b"1e400", b"[" * 5000)
ACT = "/act/{kind}"  # what may change something is asked for more often
METHODS = (
    "GET",
    "GET",
    "GET",
    "HEAD",
    "POST",
    "POST",
    "PUT",
    "DELETE",
    "OPTIONS",
    "PATCH",
    "TRACE",
    "G\x00T",
    "",
)


class QuickHouse(House):
    """Looks at no password: that takes a process, and has its own tests."""

    async def fits(self, password: str, stored: str, *who: str) -> bool:
        del password, stored
        for each in who:
            self.hurried(each)
        return False


@dataclass
class Served:
    """The application, and a session in it."""

    app: Any
    paths: dict[str, list[str]]  # and their methods
    cookie: str
    seal: str
    acts: list[str]
    sign_in: Callable[[], tuple[str, str]]  # cookie and seal of another session: the last may have ended
    now_ns: list[int]  # of all; each request moves it: who was refused an act has to wait


def served(folder: Path, now_ns: int = T0) -> Served:
    """An application on the journal in a folder. Blocks."""
    drawn, now = itertools.count(1), [now_ns]
    people = People(folder / "people")
    house = QuickHouse(people, lambda: now[0], lambda size: next(drawn).to_bytes(size, "big"), open_=True)
    account = Account("Ada", "17", Role.QUALITY, (), "no hash")
    people.add(account)

    def sign_in() -> tuple[str, str]:
        token, session = house.sessions.begin(account)
        return f"{COOKIE}={token}", session.seal

    async def enter(wish: object) -> bytes:
        if len(repr(wish)) % 3 == 0:
            return orjson.dumps({"v": 1, "ok": False, "code": 2, "error": "not so"})
        return orjson.dumps({"v": 1, "ok": True, "seq": 7, "events": []})

    noted: list[Noted] = []
    pages = Pages(house, lambda: 0, noted.append, None, enter, closing=(people.close,))
    app = build(folder / "data", lambda: now[0], pages=pages)
    paths = {
        route.path: sorted(route.methods or ("GET",))
        for route in app.routes
        if isinstance(route, Route) and route.path != "/live"
    }
    return Served(app, paths, *sign_in(), sorted(house.acts), sign_in, now)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request."""

    method: str
    path: str
    query: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    body: tuple[bytes, ...]

    @property
    def scope(self) -> dict[str, Any]:
        """As a server hands it on."""
        raw = self.path.encode("utf-8", "surrogatepass")
        return {
            "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1",
            "method": self.method, "scheme": "http", "path": self.path, "raw_path": quote(raw).encode(),
            "query_string": self.query, "root_path": "", "headers": list(self.headers),
            "client": ("127.0.0.1", 4711), "server": ("127.0.0.1", 8080),
        }  # fmt: skip


def asked(chance: random.Random, at: Served) -> Asked:
    """Any request."""
    path = chance.choice((*at.paths, ACT, ACT, ACT))
    words = at.acts if "{kind}" in path and chance.random() < 0.8 else WORDS
    filled = re.sub(r"\{[^}]*\}", lambda _: chance.choice(words), path)
    if chance.random() < 0.1:
        way = chance.choice(("flipped", "spliced", "random"))
        filled = "/" + spoiled(way, filled.encode(), chance).decode("latin-1")
    pairs = [(chance.choice(NAMES), chance.choice(WORDS)) for _ in range(chance.choice((0, 0, 1, 2, 5)))]
    query = "&".join(f"{quote(name)}={quote(value)}" for name, value in pairs).encode()
    if chance.random() < 0.2:
        query = spoiled(chance.choice(("flipped", "random", "truncated")), query or b"a=b", chance)
    signed = chance.random() < 0.5
    headers = [
        (b"host", HOST.encode() if chance.random() < 0.95 else spoiled("flipped", HOST.encode(), chance))
    ]
    if signed:
        headers += [
            (b"cookie", at.cookie.encode()), (SEAL.encode(), at.seal.encode()),
            (b"origin", f"http://{HOST}".encode()), (b"content-type", b"application/json"),
        ]  # fmt: skip
    for _ in range(chance.choice((0, 0, 1, 3))):
        value = chance.choice(WORDS).encode() if chance.random() < 0.7 else chance.randbytes(9)
        headers.append((chance.choice(HEADERS), value))
    method = chance.choice(METHODS) if chance.random() < 0.3 else chance.choice(at.paths[path])
    return Asked(method, filled, query, tuple(headers), tuple(_body(chance)))


def _body(chance: random.Random) -> Iterable[bytes]:
    kind = chance.randrange(7)
    if kind < 2:
        return (b"",)
    if kind == 6:  # JSON, and no object
        return (chance.choice(NO_OBJECTS),)
    said = {
        name: chance.choice((*WORDS, *STRANGE))
        for name in chance.sample((*NAMES, "kind", "operator", "body", "password"), 4)
    }
    data = (
        orjson.dumps(said)
        if not any(isinstance(each, int) and abs(each) > 2**63 for each in said.values())
        else b"{}"
    )
    if kind == 5:
        data = spoiled(chance.choice(("flipped", "truncated", "random")), data, chance)
    if kind == 4:
        return [data[at : at + 100] for at in range(0, len(data), 100)] or [b""]
    return (data,)


async def answered(at: Served, request: Asked) -> str:
    """The status, or what is wrong with the answer."""
    parts = list(request.body)
    started: list[int] = []
    ended = asyncio.Event()

    async def receive() -> dict[str, Any]:
        if parts:
            return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}
        await ended.wait()  # who goes earlier is not owed the end of an answer
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            started.append(message["status"])
        elif message["type"] == "http.response.body" and not message.get("more_body"):
            ended.set()

    try:
        await at.app(request.scope, receive, send)
    except Exception as error:  # noqa: BLE001 # that is what is looked for
        return f"raised {error!r}"
    if len(started) != 1 or not ended.is_set():
        return f"{len(started)} answers, ended: {ended.is_set()}"
    return str(started[0]) if started[0] < 500 else f"status {started[0]}"


def run(seed: int, number: int, count: int) -> Outcome:
    """So many requests, one after another."""
    chance, outcome = dice("http", seed, number), Outcome(count)
    with tempfile.TemporaryDirectory(prefix="lotwatch-http-") as work:
        folder = Path(work)
        fill(folder / "data")
        (folder / "people").mkdir()
        asyncio.run(_ask(served(folder), chance, count, outcome))
    return outcome


async def _in_time(at: Served, request: Asked) -> str:
    """The same, or that it does not end."""
    try:
        return await asyncio.wait_for(answered(at, request), LONGEST_S)
    except TimeoutError:
        return f"no end after {LONGEST_S} s"


def too_late(told: str, took_ns: int) -> bool:
    """Whether it is the 503 of a question that took too long, on a machine that stalls; at once it has no reason."""
    return told == "status 503" and took_ns > STALLED_NS


async def _ask(at: Served, chance: random.Random, count: int, outcome: Outcome) -> None:
    for number in range(count):
        if not number % A_SESSION:
            at.cookie, at.seal = at.sign_in()
        request = asked(chance, at)
        at.now_ns[0] += STEP_NS
        began = time.perf_counter_ns()
        told = await _in_time(at, request)
        took = time.perf_counter_ns() - began
        outcome.facts["over 50 ms by the clock"] += took > 50 * MS
        outcome.facts["acts done"] += told == "200" and request.path.startswith("/act/")
        outcome.facts[f"status {told}" if told.isdigit() else "wrong"] += 1
        if not told.isdigit() and not too_late(told, took):
            outcome.find(f"{request}: {told}")
    at.app.state.close()


ROW = Row(
    "http", "HTTP requests at the ASGI seam", "an answer to each, and none is 500",
    per_run=10_000, nightly=1_000_000, budget_s=60, batch=2_500, run=run,
)  # fmt: skip

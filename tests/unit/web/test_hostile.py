"""What a stranger tries on the pages, and what they get: nothing."""

from __future__ import annotations

import asyncio

import httpx
import orjson
import pytest

from gateway.door.words import _BODIES  # what the door takes, to hold the roles against
from gateway.model import Noted
from gateway.people import ACTS, Account, Role, Told, may
from gateway.people.roles import OF_PROGRAMS
from gateway.web.house import CHECKS_MOST, SECURE_COOKIE
from gateway.web.porter import Porter
from gateway.web.tables import csv_of
from tests.unit.web.test_pages import BASE, JSON, SECRET, Box, quick_passwords, signed_in

__all__ = ["quick_passwords"]
on = asyncio.to_thread
OUTSIDE = "https://box.example:8443"


@pytest.fixture
def box(folder, tmp_path):
    made = Box(folder, tmp_path, open_=True, hosts=("127.0.0.1", "box.example"))
    yield made
    made.close()


def outside(box):
    """A browser on another machine."""
    transport = httpx.ASGITransport(box.app, raise_app_exceptions=False, client=("192.0.2.7", 5))
    return httpx.AsyncClient(transport=transport, base_url=OUTSIDE, headers={**JSON, "Origin": OUTSIDE})


def said_by(client, path, **body):
    return client.post(path, content=orjson.dumps(body))


async def come(client, name="Li Na", password=SECRET):
    return await said_by(client, "/sign-in", name=name, password=password)


def test_every_act_that_the_door_takes_belongs_to_a_role():
    assert {*ACTS, *OF_PROGRAMS} == set(_BODIES)
    assert not any(may(role, act) for role in Role for act in OF_PROGRAMS)
    assert len(ACTS) == len(set(ACTS))
    for act in ACTS:
        assert may(Role.ADMIN, act)
        assert not may(Role.VIEWER, act)
        assert not may(Role.SUPPLIER, act)
    assert not may(Role.ADMIN, "nothing")


async def test_what_is_open_here_is_shut_to_other_machines(box):
    async with outside(box) as client:
        for path in ("/now.json", "/live", "/alarms.csv", "/epcis/events", "/epcis/events/x", "/setup.json"):
            assert (await client.get(path)).status_code == 401, path
        assert (await client.get("/me.json")).json()["open"] is False
    async with box.client() as client:
        assert (await client.get("/now.json")).status_code == 200
        assert (await client.get("/epcis/events")).status_code == 200


async def test_what_a_proxy_hands_on_from_outside_is_not_from_here(box):
    transport = httpx.ASGITransport(box.app, raise_app_exceptions=False)  # from 127.0.0.1
    base = "http://box.example:8080"
    async with httpx.AsyncClient(
        transport=transport, base_url=base, headers={**JSON, "Origin": base}
    ) as client:
        for path in ("/now.json", "/live", "/epcis/events", "/setup.json"):
            assert (await client.get(path)).status_code == 401, path
        code = await on(box.house.setup_code)
        said = await said_by(client, "/set-up", name="Eve", operator="6", password=SECRET, code=code)
        assert said.status_code == 403


async def test_the_first_account_is_made_on_the_machine_itself(box):
    code = await on(box.house.setup_code)
    asked = {"name": "Eve", "operator": "6", "password": SECRET, "code": code}
    async with outside(box) as client:
        said = await said_by(client, "/set-up", **asked)
    assert (said.status_code, "on the machine itself" in said.json()["detail"]) == (403, True)
    assert await on(box.people.accounts) == []


async def test_two_who_come_with_the_code_at_once_are_one_account(box):
    code = await on(box.house.setup_code)
    async with box.client() as client:
        client.headers.update(JSON)
        both = [
            said_by(client, "/set-up", name=f"N{at}", operator=str(at), password=SECRET, code=code)
            for at in (1, 2)
        ]
        assert sorted([said.status_code for said in await asyncio.gather(*both)]) in ([200, 403], [200, 409])
    assert len(await on(box.people.accounts)) == 1


async def test_over_tls_the_cookie_is_secure_and_of_this_host_alone(box):
    async with outside(box) as client:
        await on(box.people.add, Account("Li Na", "4711", Role.QUALITY, (), f"hash of {SECRET}"))
        cookie = (await come(client)).headers["set-cookie"]
        assert cookie.startswith(f"{SECURE_COOKIE}=")
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=strict"} <= set(cookie.split("; "))
        token = client.cookies[SECURE_COOKIE]
    async with outside(box) as client:  # the name that any service of this machine can set is not listened to
        client.cookies.set("lotwatch", token)
        assert (await client.get("/now.json")).status_code == 401


async def test_a_session_that_was_there_before_is_worth_nothing_after(box):
    """Session fixation: a token that a stranger has set is not the one that signing in gives."""
    async with box.client() as client:
        client.cookies.set("lotwatch", "chosen-by-a-stranger", domain="127.0.0.1")
        await signed_in(box, client)
        tokens = {each.value for each in client.cookies.jar}
        assert len(tokens - {"chosen-by-a-stranger"}) == 1
        first = (tokens - {"chosen-by-a-stranger"}).pop()
        client.cookies.clear()
        client.cookies.set("lotwatch", first)
        client.headers.update(JSON)
        assert (await come(client)).status_code == 200
    assert box.house.sessions.of("chosen-by-a-stranger") is None
    assert box.house.sessions.of(first) is None


async def test_signing_out_ends_the_session_itself(box):
    async with box.client() as client:
        await signed_in(box, client)
        (token,) = [each.value for each in client.cookies.jar]
        await client.post("/sign-out", content=b"{}", headers=JSON)
        assert box.house.sessions.of(token) is None


@pytest.mark.parametrize("change", ["role", "sites", "password", "removed"])
async def test_another_role_or_password_ends_what_is_open(box, change):
    notes: list[Noted] = []
    porter = Porter(box.house, notes.append, box.clock)
    async with box.client() as client:
        await signed_in(box, client)
        (token,) = [each.value for each in client.cookies.jar]
        session = box.house.sessions.of(token)
        await porter.look()
        assert box.house.sessions.stands(session)
        await on(
            {
                "role": lambda: box.people.set_role("LI NA", Role.VIEWER, ()),
                "sites": lambda: box.people.set_role("Li Na", Role.QUALITY, ("plant",)),
                "password": lambda: box.people.set_password("li na", "hash of x"),
                "removed": lambda: box.people.remove("Li Na"),
            }[change]
        )
        await on(box.house.diary.write, Told(5, "account_changed", "4711", {"by": "uid 0"}), told=False)
        await porter.look()
        assert not box.house.sessions.stands(session)
        assert box.house.sessions.of(token) is None
        await porter.look()
    assert [(note.kind, note.subject, dict(note.facts)) for note in notes] == [
        ("account_changed", "4711", {"by": "uid 0"})
    ]


@pytest.mark.parametrize(
    "origin",
    [
        "http://127.0.0.1:8080.evil.example", "https://127.0.0.1:8080", "http://127.0.0.1", "http://127.0.0.1:8081",
        "http://evil@127.0.0.1:8080", "null", "", "http://127.0.0.1:8080/", "file://",
    ],
)  # fmt: skip
async def test_only_the_very_origin_may_act(box, origin):
    async with box.client() as client:
        seal = await signed_in(box, client)
        headers = {"Content-Type": "application/json", "Origin": origin, "X-Lotwatch-Seal": seal}
        for path in ("/act/acknowledge", "/sign-in", "/sign-out", "/set-up"):
            assert (await client.post(path, content=b"{}", headers=headers)).status_code == 403
    assert box.entered == []


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "evil@127.0.0.1:8080", "[::1", "", "127.0.0.1:8080, a", "0"],
)
async def test_by_another_name_nobody_gets_anything(box, host):
    async with box.client() as client:
        for path in ("/", "/now.json", "/static/app.js", "/health/live", "/epcis/events", "/me.json"):
            said = await client.get(path, headers={"Host": host})
            assert said.status_code == 421, path
            assert "box.example" not in said.text


async def test_many_who_guess_at_once_wait_in_line_and_fail_together(box, monkeypatch):
    """However many come at once, three wrong ones are looked at, and one at a time: each takes a process and 19 MiB."""
    looked, at_once, most = 0, 0, 0

    async def fits(password, stored):
        nonlocal looked, at_once, most
        looked, at_once = looked + 1, at_once + 1
        most = max(most, at_once)
        await asyncio.wait_for(
            asyncio.shield(asyncio.get_running_loop().run_in_executor(None, lambda: None)), 60
        )
        at_once -= 1
        return False

    monkeypatch.setattr("gateway.web.house.fits", fits)
    async with outside(box) as client:
        codes = [
            said.status_code for said in await asyncio.gather(*(come(client, f"n{at}") for at in range(40)))
        ]
    assert most == 1
    assert looked <= 4
    assert set(codes) <= {403, 429, 503}
    assert codes.count(503) >= 40 - CHECKS_MOST - 4


async def test_a_password_that_cannot_be_looked_at_is_no_wrong_one(box, monkeypatch):
    async def fits(password, stored):
        raise OSError("no process")

    monkeypatch.setattr("gateway.web.house.fits", fits)
    async with box.client() as client:
        client.headers.update(JSON)
        for _ in range(5):
            said = await come(client)
            assert (said.status_code, "see the log" in said.json()["detail"]) == (503, True)


async def test_a_stranger_keeps_nobody_out_for_long(box):
    await on(box.people.add, Account("Li Na", "4711", Role.QUALITY, (), f"hash of {SECRET}"))
    for at in range(30):
        box.house.waits.failed("name li na", box.now_ns + at, 60_000_000_000)
    async with outside(box) as client:
        assert (await come(client)).status_code == 429
        box.now_ns += 61_000_000_000
        assert (await come(client)).status_code == 200


async def test_every_act_is_told_with_who_and_from_where(box):
    async with outside(box) as client:
        await on(box.people.add, Account("Li Na", "4711", Role.OPERATOR, (), f"hash of {SECRET}"))
        client.headers["X-Lotwatch-Seal"] = (await come(client)).json()["seal"]
        assert (await said_by(client, "/act/acknowledge", alarm="a")).status_code == 200
        assert (await said_by(client, "/act/release", lot="a")).status_code == 403
        box.answer = {"ok": False, "code": 2, "error": "no"}
        for _ in range(3):
            assert (await said_by(client, "/act/hold", lot="a")).status_code == 409
        assert (await said_by(client, "/act/hold", lot="a")).status_code == 429
    told = [(note.kind, note.subject, dict(note.facts)) for note in box.noted]
    assert told[:3] == [
        ("signed_in", "4711", {"from": "192.0.2.7"}),
        ("page_act", "4711", {"act": "acknowledge", "seq": 7, "from": "192.0.2.7"}),
        ("page_act", "4711", {
            "act": "release", "refused": "role operator may not release: ask somebody of quality", "from": "192.0.2.7",
        }),
    ]  # fmt: skip
    assert len(told) == 6


async def test_a_head_that_would_be_two_is_one(box):
    async with box.client() as client:
        for path in (
            "/lot.json?lot=a%0d%0aSet-Cookie:x",
            "/now?lang=zh%0d%0aX-Evil:1",
            "/epcis/events?perPage=1%0d%0aX:1",
        ):
            said = await client.get(path)
            assert "x-evil" not in said.headers
            assert "set-cookie" not in said.headers


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1", "＋1", "－1", "＠A"]
)
def test_no_cell_of_a_table_is_a_formula(cell):
    """OWASP, CSV injection; full-width forms are read as their ASCII ones by some spreadsheets."""
    line = csv_of([{"a": cell}], ["a"]).decode("utf-8-sig").partition("\n")[2]
    assert line.strip('"').startswith("'")


async def test_where_it_came_from_is_a_network_for_ipv6(box):
    transport = httpx.ASGITransport(box.app, client=("2001:db8:1:2:3:4:5:6", 9))
    async with httpx.AsyncClient(transport=transport, base_url=BASE, headers=JSON) as client:
        await come(client, "nobody")
    assert box.noted[-1].facts == {"from": "2001:db8:1:2::/64"}

"""Pages over HTTP: who may see them, what they say, and what nobody else's page can do."""

from __future__ import annotations

import asyncio
import functools
import itertools
import json
import re
from importlib import resources

import httpx
import orjson
import pytest

from gateway.clock import VirtualClock
from gateway.model import Noted
from gateway.people import Account, People, Role
from gateway.people.passwords import answer as password_answer
from gateway.spc import chart_kinds
from gateway.web.application import Pages, build
from gateway.web.guard import LOCAL
from gateway.web.house import House
from gateway.web.pages import PAGES
from tests.unit.journal.plant import T0
from tests.unit.repository.plant import BOX, RESIN

BASE = "http://127.0.0.1:8080"
SECRET = "correct horse battery"
on = asyncio.to_thread
JSON = {"Content-Type": "application/json", "Origin": BASE}


STANDING = {
    "site": "plant",
    "buses": [{"bus": "secret bus"}],
    "clock": {"synchronised": True},
    "forwarding": [],
}


class Box:
    """A server of pages, and what it was told."""

    def __init__(self, folder, people_folder, *, open_=False, hosts=LOCAL, standing=None):
        self.noted: list[Noted] = []
        self.entered: list[tuple[str, str, dict[str, object]]] = []
        self.now_ns = T0
        drawn = itertools.count(1)
        self.people = People(people_folder)
        self.house = House(
            self.people, lambda: self.now_ns, lambda size: next(drawn).to_bytes(size, "big"), open_=open_
        )
        self.answer = {"v": 1, "ok": True, "seq": 7, "events": []}
        pages = Pages(self.house, lambda: 0, self.noted.append, None, self.enter, standing=standing)
        self.clock = VirtualClock()
        self.app = build(folder, lambda: self.now_ns, hosts, pages=pages)

    async def enter(self, wish):
        self.entered.append((wish.kind, wish.operator, dict(wish.body)))
        return orjson.dumps(self.answer)

    def client(self):
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url=BASE)

    def close(self):
        self.app.state.close()
        self.people.close()


@pytest.fixture(autouse=True)
def quick_passwords(monkeypatch):
    """In this process: what starts another is tested in tests/unit/people."""

    async def fits(password, stored):
        return stored == f"hash of {password}"

    async def hashed(password):
        return f"hash of {password}"

    monkeypatch.setattr("gateway.web.house.fits", fits)
    monkeypatch.setattr("gateway.web.signing.hashed", hashed)


@pytest.fixture
def box(folder, tmp_path):
    made = Box(folder, tmp_path)
    yield made
    made.close()


async def signed_in(box, client, role=Role.QUALITY):
    """The seal of a session."""
    await on(
        box.people.add,
        Account("Li Na", "4711", role, ("plant",) if role is Role.SUPPLIER else (), f"hash of {SECRET}"),
    )
    said = await client.post(
        "/sign-in", content=orjson.dumps({"name": "li na", "password": SECRET}), headers=JSON
    )
    assert said.status_code == 200, said.text
    return said.json()["seal"]


async def test_nothing_is_shown_before_somebody_signs_in(box):
    async with box.client() as client:
        for page in PAGES:
            said = await client.get(f"/{page}.json")
            assert said.status_code == 401
            assert said.json()["detail"] == "sign in to see this"
        assert (await client.get("/live")).status_code == 401


async def test_an_open_box_shows_and_takes_nothing(folder, tmp_path):
    box = await on(functools.partial(Box, folder, tmp_path, open_=True))
    async with box.client() as client:
        assert (await client.get("/now.json")).status_code == 200
        said = await client.post("/act/acknowledge", content=b"{}", headers=JSON)
        assert said.status_code == 401
    await on(box.close)
    assert box.entered == []


async def test_the_first_account_takes_the_code(box):
    code = await on(box.house.setup_code)
    asked = {"name": "Root", "operator": "1", "password": SECRET}
    async with box.client() as client:
        me = (await client.get("/me.json")).json()
        assert me == {"signed_in": False, "first": True, "open": False, "may": []}
        wrong = await client.post(
            "/set-up", content=orjson.dumps({**asked, "code": "AAAA-AAAA"}), headers=JSON
        )
        assert wrong.status_code == 403
        weak = await client.post(
            "/set-up", content=orjson.dumps({**asked, "code": code, "password": "x"}), headers=JSON
        )
        assert (weak.status_code, "12 to 256" in weak.json()["detail"]) == (400, True)
        made = await client.post(
            "/set-up", content=orjson.dumps({**asked, "code": code.lower()}), headers=JSON
        )
        assert made.status_code == 200
        assert made.json()["role"] == "admin"
        assert (await client.get("/now.json")).status_code == 200
    assert await on(box.house.setup_code) is None
    assert [note.kind for note in box.noted] == ["account_made", "signed_in"]
    assert "Root" not in str(box.noted)


async def test_signing_in_and_out(box):
    async with box.client() as client:
        await signed_in(box, client)
        cookie = client.cookies.jar
        assert [each.name for each in cookie] == ["lotwatch"]
        assert (await client.get("/me.json")).json()["name"] == "Li Na"
        assert (await client.post("/sign-out", content=b"{}", headers=JSON)).status_code == 200
        assert (await client.get("/now.json")).status_code == 401
    assert [(note.kind, note.subject) for note in box.noted] == [
        ("signed_in", "4711"),
        ("signed_out", "4711"),
    ]


async def test_the_cookie_is_for_this_box_and_its_own_pages_only(box):
    async with box.client() as client:
        await on(box.people.add, Account("a", "1", Role.VIEWER, (), f"hash of {SECRET}"))
        said = await client.post(
            "/sign-in", content=orjson.dumps({"name": "a", "password": SECRET}), headers=JSON
        )
    words = {part.strip().lower().partition("=")[0] for part in said.headers["set-cookie"].split(";")}
    assert {"httponly", "samesite", "path"} <= words
    assert "samesite=strict" in said.headers["set-cookie"].lower()


async def test_who_tries_passwords_waits_longer_and_longer(box):
    await on(box.people.add, Account("Li Na", "4711", Role.QUALITY, (), f"hash of {SECRET}"))
    async with box.client() as client:
        tries = []
        for _ in range(6):
            said = await client.post(
                "/sign-in", content=orjson.dumps({"name": "Li Na", "password": "no"}), headers=JSON
            )
            tries.append(said.status_code)
        assert tries == [403, 403, 403, 403, 429, 429]
        box.now_ns += 2_000_000_000
        good = await client.post(
            "/sign-in", content=orjson.dumps({"name": "Li Na", "password": SECRET}), headers=JSON
        )
        assert good.status_code == 200
    assert {note.kind for note in box.noted} == {"sign_in_refused", "signed_in"}


async def test_a_name_that_nobody_has_is_refused_in_the_same_words(box):
    await on(box.people.add, Account("Li Na", "4711", Role.QUALITY, (), f"hash of {SECRET}"))
    async with box.client() as client:
        said = [
            (
                await client.post(
                    "/sign-in", content=orjson.dumps({"name": name, "password": "no"}), headers=JSON
                )
            ).json()
            for name in ("Li Na", "Nobody")
        ]
    assert said[0] == said[1]


async def test_an_act_is_an_entry_of_the_operator(box):
    async with box.client() as client:
        seal = await signed_in(box, client, Role.OPERATOR)
        body = {"alarm": "a-1", "cause": "worn", "cause_class": "assignable", "action": "changed"}
        said = await client.post(
            "/act/acknowledge", content=orjson.dumps(body), headers={**JSON, "X-Lotwatch-Seal": seal}
        )
        assert said.json()["seq"] == 7
        assert box.entered == [("acknowledge", "4711", body)]
        refused = await client.post("/act/release", content=b"{}", headers={**JSON, "X-Lotwatch-Seal": seal})
        assert refused.status_code == 403
        assert "role operator may not release" in refused.json()["detail"]
        box.answer = {"v": 1, "ok": False, "code": 2, "error": "acknowledge needs cause"}
        bad = await client.post("/act/acknowledge", content=b"{}", headers={**JSON, "X-Lotwatch-Seal": seal})
        assert (bad.status_code, bad.json()["detail"]) == (409, "acknowledge needs cause")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),  # no origin
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": BASE}, 403),  # ours, without the seal
        ({"Origin": BASE, "X-Lotwatch-Seal": "guessed"}, 403),
    ],
)
async def test_a_page_of_somebody_else_can_do_nothing(box, headers, status):
    async with box.client() as client:
        await signed_in(box, client)
        said = await client.post(
            "/act/acknowledge", content=b"{}", headers={"Content-Type": "application/json", **headers}
        )
    assert said.status_code == status
    assert box.entered == []


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"\xff", "application/json", 400),
        (b"{}", "text/plain", 415),
        (b"name=a", "application/x-www-form-urlencoded", 415),
        (b" " * 70_000, "application/json", 413),
        (b'{"name": 5, "password": "x"}', "application/json", 400),
    ],
)
async def test_what_is_no_request_is_told_so(box, content, kind, status):
    async with box.client() as client:
        said = await client.post("/sign-in", content=content, headers={**JSON, "Content-Type": kind})
    assert said.status_code == status
    assert said.json()["detail"]


async def test_a_session_that_has_ended_is_told_so(box):
    async with box.client() as client:
        await signed_in(box, client)
        box.now_ns += 13 * 3_600_000_000_000
        assert (await client.get("/alarms.json")).status_code == 401


async def test_every_page_is_a_shell_with_the_strictest_policy(box):
    async with box.client() as client:
        for page in PAGES:
            said = await client.get(f"/{page}", headers={"Accept-Language": "zh-CN"})
            assert said.status_code == 200
            policy = said.headers["content-security-policy"]
            assert policy.startswith("default-src 'none'; script-src 'self';")
            assert policy.endswith("trusted-types 'none'")
            assert "unsafe" not in policy
            assert 'lang="zh-CN"' in said.text
            assert "<script>" not in said.text
            assert "style=" not in said.text
        home = await client.get("/")
        assert (home.status_code, home.headers["location"]) == (303, "/now")


async def test_files_are_sent_once(box):
    async with box.client() as client:
        first = await client.get("/static/app.js", headers={"Accept-Encoding": "gzip"})
        assert first.headers["content-encoding"] == "gzip"
        again = await client.get("/static/app.js", headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        for path in (
            "/static/../application.py",
            "/static/none.js",
            "/vendor/none.js",
            "/static/%2e%2e/house.py",
        ):
            assert (await client.get(path)).status_code == 404


async def test_a_lot_by_name_by_code_and_not_at_all(box):
    async with box.client() as client:
        await signed_in(box, client)
        found = (await client.get("/lot.json", params={"lot": BOX})).json()
        assert found["lot"] == BOX
        assert found["trace"]["basis"] == "mass"
        assert RESIN in [row["lot"] for row in found["trace"]["backward"]["sources"]]
        none = await client.get("/lot.json", params={"code": "<b>nobody</b>"})
        assert (none.status_code, none.json()["detail"].startswith("no lot <b>nobody</b> here")) == (
            404,
            True,
        )
        bad = await client.get("/lot.json", params={"lot": BOX, "min_share": "many"})
        assert "write a share" in bad.json()["detail"]
        assert (await client.get("/lot.json")).json()["lot"] is None


async def test_a_supplier_sees_its_own_site(folder, tmp_path):
    box = await on(Box, folder, tmp_path)
    async with box.client() as client:
        await signed_in(box, client, Role.SUPPLIER)
        assert [row["site"] for row in (await client.get("/now.json")).json()["sites"]] == ["plant"]
    await on(box.close)
    await on((tmp_path / "other").mkdir)
    box = await on(Box, folder, tmp_path / "other", standing=lambda: STANDING)
    await on(box.people.add, Account("Other", "2", Role.SUPPLIER, ("elsewhere",), f"hash of {SECRET}"))
    async with box.client() as client:
        await client.post(
            "/sign-in", content=orjson.dumps({"name": "Other", "password": SECRET}), headers=JSON
        )
        assert (await client.get("/now.json")).json()["sites"] == []
        assert (await client.get("/lot.json", params={"lot": BOX})).status_code == 404
        shown = (await client.get("/box.json")).json()
        assert (shown["box"], shown["buses"], shown["journals"], shown["certificates"]) == (
            None,
            [],
            [],
            None,
        )
        assert "secret bus" not in (await client.get("/setup.json")).text
    await on(box.close)


async def test_tables_are_csv_too(box):
    async with box.client() as client:
        await signed_in(box, client)
        said = await client.get("/alarms.csv")
        assert said.headers["content-type"].startswith("text/csv")
        assert said.content.startswith(b"\xef\xbb\xbfsite,gateway,time,alarm,")
        assert ",opening,received," in (await client.get("/balance.csv")).text
        ranking = await client.get("/score.csv", params={"table": "ranking"})
        assert ranking.text.startswith("\ufeffplace,who,")


def test_both_languages_have_all_words_and_no_other():
    room = resources.files("gateway.web")
    english, chinese = (
        json.loads((room / "words" / f"{lang}.json").read_text("utf-8")) for lang in ("en", "zh")
    )
    assert set(english) == set(chinese)
    assert all(english.values())
    assert all(chinese.values())
    assert {f"method.{kind}" for kind in chart_kinds()} == {
        key for key in english if key.startswith("method.")
    }
    holes = {key for key in english if set(_holes(english[key])) != set(_holes(chinese[key]))}
    assert holes <= {"alarms.cut"}
    source = "".join(
        file.read_text("utf-8")
        for folder in (room / "static", room / "static" / "views")
        for file in folder.iterdir()
        if file.name.endswith(".js")
    ) + (room / "shell.py").read_text("utf-8")
    prefixes = tuple(re.findall(r"`([a-z0-9.]+\.)\$\{", source))  # of keys that are put together
    unused = {key for key in english if f'"{key}"' not in source and not key.startswith(prefixes)}
    assert unused == set()


def _holes(text):
    return [part.partition("}")[0] for part in text.split("{")[1:]]


def test_the_stored_password_is_no_password():
    assert SECRET not in str(password_answer({"password": SECRET, "hash": ""}))


async def test_every_act_of_a_person_is_on_the_audit_page(box):
    async with box.client() as client:
        await signed_in(box, client)
        found = (await client.get("/audit.json")).json()
        numbers = [row["seq"] for row in found["acts"]]
        assert numbers == sorted(numbers, reverse=True)
        assert numbers
        older = (await client.get("/audit.json", params={"before": str(numbers[0])})).json()
        assert [row["seq"] for row in older["acts"]] == numbers[1:]
        assert found["older"] == str(numbers[-1])
        checked = (await client.get("/audit.json", params={"check": "1"})).json()
        assert {row["proof"] for row in checked["acts"]} == {"waiting"}  # nobody has signed a head
        two = await client.get("/audit.json", params={"before": "5-6"})
        assert "there are 1 journals here now" in two.json()["detail"]
        bad = await client.get("/audit.json", params={"before": "yesterday"})
        assert "write the number of an entry" in bad.json()["detail"]
        assert (await client.get("/audit.csv")).text.startswith("\ufeffsite,gateway,seq,time,operator,act")


async def test_a_replica_tells_what_it_has_and_no_box_stands_behind_it(box):
    async with box.client() as client:
        await signed_in(box, client)
        found = (await client.get("/box.json")).json()
        assert found["box"] is None
        (journal,) = found["journals"]
        assert (journal["site"], journal["values"] > 0, journal["disk"]["bytes"] > 0) == ("plant", True, True)


async def test_an_address_where_nothing_is_says_which_pages_there_are(box):
    async with box.client() as client:
        said = await client.get("/nosuch%3Cb%3E", headers={"Accept": "text/html", "Accept-Language": "zh-CN"})
        assert (said.status_code, said.headers["content-type"]) == (404, "text/html; charset=utf-8")
        assert "/nosuch&lt;b&gt; 没有内容" in said.text
        assert '<a href="/now">' in said.text
        assert "default-src 'none'" in said.headers["content-security-policy"]
        assert (await client.get("/nosuch")).json()["status"] == 404  # to a program

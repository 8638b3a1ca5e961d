"""A supplier's user sees their own site, byte for byte as though there were no other one: decision 0096."""

from __future__ import annotations

import asyncio
import re

import pytest

from gateway.web.pages import PAGES
from tests.unit.serving.conftest import Server
from tests.unit.serving.sites import SHARED, WORDS

on = asyncio.to_thread
LOTS = (SHARED, "BOX-ZINNOBER", "BOX-INDIGO", "RESIN-ZINNOBER", "code BOX-ZINNOBER", "NOBODYS")
PATHS = [
    *(f"/{name}.json" for name in PAGES),
    *(f"/{name}.csv" for name, page in PAGES.items() if page.table),
    *(f"/{name}.csv?table={table}" for name, page in PAGES.items() for table in page.tables),
    *(f"/lot.json?lot={lot}&any=1" for lot in LOTS),
    *(f"/lot/{file}?lot={lot}" for file in ("epcis.jsonld", "recall.json", "report.pdf") for lot in LOTS[1:3]),
    "/chart.json?id=temp", "/chart.csv?id=temp", "/alarms.json?all=1", "/alarms.json?site=acme", "/now.json?site=acme",
    "/audit.json?before=9", "/score.json?month=2027-01&all=1", "/balance.json?week=2027-W02",
    "/epcis/events", "/epcis/events?perPage=2", "/epcis/events?MATCH_anyEPC=https://lots.example/a/BOX-ZINNOBER",
    "/epcis/events?MATCH_epc=nonsense", "/epcis/events/ni:%2F%2F%2Fsha-256%3B" + "0" * 64 + "%3Fver=CBV2.0",
    "/search.json?code=ZINNOBER", "/nothing", "/me.json",
]  # fmt: skip
CHANGES = re.compile(rb'"(seal|made|creationDate|instanceIdentifier)":("[^"]*"|[0-9.]+)')
"""What differs from one answer to the next by itself."""


OF_A_FILE = {"etag", "last-modified"}  # that was made for this answer


async def answers(folder, people, site):
    server = await on(Server, folder, people)
    await on(server.account, "Supplier", "9", "supplier", site)
    found = {}
    async with server.browser("Supplier") as browser:
        for path in PATHS:
            said = await browser.get(path)
            headers = {name: said.headers[name] for name in said.headers if name not in OF_A_FILE}
            found[path] = (said.status_code, headers, CHANGES.sub(b"", said.content))
    await on(server.close)
    return found


@pytest.mark.long
@pytest.mark.parametrize("name", ["acme", "beta"])
async def test_it_is_as_though_there_were_no_other_site(folders, tmp_path, name):
    together = await answers(folders / "both", tmp_path / "together", name)
    alone = await answers(folders / name, tmp_path / "alone", name)
    other = WORDS["beta" if name == "acme" else "acme"].encode()
    for path in PATHS:
        status, _, body = together[path]
        assert together[path][0] == alone[path][0], path
        if not path.startswith("/lot/recall"):  # dated each time
            assert together[path] == alone[path], path
        assert status in {200, 404} or (status, path) == (400, "/epcis/events?MATCH_epc=nonsense"), path
        named = other in path.encode()  # what was asked for may be repeated
        assert named or other not in body, path


async def test_who_sees_all_sees_both(folders, tmp_path):
    server = await on(Server, folders / "both", tmp_path / "people")
    await on(server.account, "Customer", "1", "viewer")
    async with server.browser("Customer") as browser:
        sites = {row["site"] for row in (await browser.get("/now.json")).json()["sites"]}
        lot = (await browser.get("/lot.json?lot=BOX-INDIGO")).json()
        events = (await browser.get("/epcis/events")).text
    await on(server.close)
    assert sites == {"acme", "beta"}
    assert "RESIN-ZINNOBER" in str(lot["trace"])  # through what acme delivered
    assert all(word in events for word in WORDS.values())


async def test_nobody_else_sees_anything(folders, tmp_path):
    server = await on(Server, folders / "both", tmp_path / "people")
    async with server.browser() as browser:
        for path in PATHS:
            said = await browser.get(path)
            assert said.status_code in {401, 404} or path == "/me.json", path
            assert not any(word.encode() in said.content for word in WORDS.values()), path
    await on(server.close)

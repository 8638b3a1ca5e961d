"""Files about a lot, what is due, the sheet of a shift, and how far others are behind: over HTTP, and in the helper."""

from __future__ import annotations

import functools
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from gateway.clock import SystemClock
from gateway.journal import open_readers
from gateway.site import Beyond, Broker, Sparkplug
from gateway.web.downloads import PATHS
from gateway.web.helper import Helper
from gateway.web.pages import NotFound
from gateway.web.pages.box import files_of
from gateway.web.pages.download import DOWNLOADS
from gateway.web.pages.kept import kept
from gateway.web.pages.page import Asked
from tests.unit.journal.plant import T0, make_site
from tests.unit.repository.plant import BOX, RESIN
from tests.unit.web.test_pages import Box, on


@pytest.fixture
async def client(folder, tmp_path):
    box = await on(functools.partial(Box, folder, tmp_path, open_=True))
    async with box.client() as made:
        yield made
    await on(box.close)


@pytest.fixture(autouse=True)
def own_place(tmp_path, monkeypatch):
    """For files that are made; the system's has those of whoever else runs."""
    (tmp_path / "made").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "made"))


def left():
    return set(Path(tempfile.gettempdir()).glob("lotwatch-file-*"))


@pytest.mark.long
async def test_papers_are_had_in_both_languages_and_nothing_is_left_behind(client):
    before = left()
    made = {}
    for kind in ("record", "certificate"):
        for lang in ("en", "zh"):
            said = await client.get("/lot/report.pdf", params={"lot": BOX, "kind": kind, "lang": lang})
            assert (said.status_code, said.headers["content-type"]) == (200, "application/pdf")
            assert f'filename="{BOX}-{kind}-{lang}.pdf"' in said.headers["content-disposition"]
            assert said.headers["cache-control"] == "no-store"
            made[kind, lang] = said.content
    assert len(set(made.values())) == 4
    again = await client.get("/lot/report.pdf", params={"lot": BOX, "kind": "record", "lang": "en"})
    assert again.content == made["record", "en"]
    assert left() == before


async def test_the_epcis_document_has_the_events_of_the_lot(client):
    said = await client.get("/lot/epcis.jsonld", params={"lot": BOX})
    document = said.json()
    assert (said.headers["content-type"], document["type"]) == ("application/ld+json", "EPCISDocument")
    assert document["epcisBody"]["eventList"]
    assert all(
        orjson.dumps(event).count(b"LW-NORTH-000042-C") for event in document["epcisBody"]["eventList"]
    )


async def test_what_cannot_be_made_is_told(client):
    for path, given, why in (
        ("/lot/report.pdf", {"lot": "NONE"}, "no lot NONE here"),
        ("/lot/report.pdf", {}, "no lot"),
        ("/lot/report.pdf", {"lot": BOX, "kind": "poem"}, "kind is 'poem': write record or certificate"),
        ("/lot/report.pdf", {"lot": BOX, "lang": "fr"}, "lang is 'fr': write en or zh"),
        ("/lot/report.pdf", {"lot": BOX, "upto": "-1"}, "write the number of an event"),
        ("/lot/report.pdf", {"lot": BOX, "upto": "1"}, "up to event 1"),
        ("/lot/recall.json", {"lot": RESIN}, "no signed head is here"),
        ("/lot.json", {"lot": BOX, "part": "half"}, "write trace or made or went or both or rest"),
        (
            "/lot.json",
            {"lot": RESIN, "part": "went", "first": "0"},
            "first is '0': write a number from 1 to 10000",
        ),
        ("/lot.json", {"lot": RESIN, "part": "went", "first": "\u0661"}, "write a number from 1"),
        ("/shift.json", {"shift": "noon"}, "is no shift of"),
        ("/shift.json", {"day": "yesterday"}, "write day="),
    ):
        said = await client.get(path, params=given)
        assert (said.status_code, why in said.json()["detail"]) == (404, True), said.text


async def test_nobody_has_a_file_of_what_they_may_not_see(folder, tmp_path):
    box = await on(Box, folder, tmp_path)
    async with box.client() as client:
        for path in PATHS:
            assert (await client.get(f"/{path}", params={"lot": BOX})).status_code == 401
    await on(box.close)


def test_every_file_has_its_way():
    assert tuple(DOWNLOADS) == PATHS


@pytest.mark.long
async def test_the_helper_makes_files_in_a_process_beside_that_of_the_pages(folder):
    helper = Helper(folder, SystemClock())
    apart = helper.apart()
    made = orjson.loads(await apart.ask("lot/report.pdf", {"lot": BOX}, (), T0))
    file = Path(made["file"])
    assert (await on(file.read_bytes)).startswith(b"%PDF")
    await on(file.unlink)
    with pytest.raises(NotFound, match="no lot X here"):
        await apart.ask("lot/report.pdf", {"lot": "X"}, (), T0)
    process = apart._process  # noqa: SLF001
    assert process is not None
    assert helper._process is None  # noqa: SLF001
    await helper.end()
    assert process.returncode is not None


async def test_a_lot_in_two_parts_is_the_whole(client):
    whole, trace, rest = [
        (await client.get("/lot.json", params={"lot": BOX, "part": part})).json()
        for part in ("", "trace", "rest")
    ]
    assert whole["trace"] == trace["trace"]
    assert whole["at"] == rest["at"]
    assert "trace" not in rest
    (at,) = trace["at"]
    assert at["mass"]["composition"] == {
        k: v for k, v in whole["at"][0]["mass"]["composition"].items() if k != "sources"
    }
    (window,) = rest["at"][0]["windows"]
    assert window["charts"] == [{"id": "temp", "tag": "hall/line1/press1/temp"}]
    rows = (await client.get("/lot.csv", params={"lot": BOX})).text.splitlines()
    assert rows[1].startswith(f"made of,{RESIN},material,")


async def test_where_a_lot_went_is_told_of_the_first_ones_at_once(client):
    async def went(**more: str) -> Any:
        given = {"lot": RESIN, "part": "went", **more}
        return (await client.get("/lot.json", params=given)).json()["trace"]["forward"]

    every, first, all_ = await went(), await went(first="1"), await went(first="100")
    assert len(every["holders"]) > 1
    assert (first["holders"], first["whole"]) == (every["holders"][:1], False)
    assert all_ == {**every, "whole": True}
    assert "totals" not in first
    assert "links" not in every  # as scanned: asked for where no masses are known


async def test_what_a_page_paints_first_comes_in_one_answer(client):
    async def part(name: str, **more: str) -> Any:
        return (await client.get("/lot.json", params={"lot": BOX, "part": name, **more})).json()

    both, made, went = await part("both", first="1"), await part("made"), await part("went", first="1")
    assert both["trace"] == {**made["trace"], **went["trace"]}
    assert (both["at"], both["lots"]) == (made["at"], made["lots"] + went["lots"])


async def test_what_is_due_and_the_sheet_are_tables_too(client):
    due = (await client.get("/due.json")).json()
    assert due == {"due": [], "machines": [], "stops": []}
    for path in ("/due.csv", "/due.csv?table=machines", "/due.csv?table=stops", "/shift.csv", "/box.csv"):
        said = await client.get(path)
        assert (said.status_code, said.headers["content-type"][:8]) == (200, "text/csv")
    assert (await client.get("/tv.json")).json() == {"charts": ["temp"], "live": False}


async def test_the_box_says_how_far_others_are_behind_and_how_worn_its_disk_is(client, folder):
    (journal,) = (await client.get("/box.json")).json()["journals"]
    assert journal["lags"] == []
    assert set(journal["disk"]) >= {"free", "written", "used_pct", "reserve"}
    (reader,) = await on(open_readers, folder)
    assert await on(reader.cursors) == {}
    await on(reader.close)


def test_the_box_names_every_certificate_that_it_goes_by_once():
    broker = Broker("broker", tls=True, ca_file="/ca.pem", certificate_file="/box.pem")
    beyond = Beyond("0.0.0.0", 8443, "/pages.pem", "file:/key.pem", ("box",))
    site = replace(
        make_site(), broker=broker, web_beyond=beyond, sparkplug=Sparkplug("g", "n", brokers=(broker,))
    )
    assert files_of(site) == [("pages", "/pages.pem"), ("broker", "/box.pem"), ("ca", "/ca.pem")]
    assert files_of(make_site()) == files_of(None) == []


def test_what_is_kept_is_made_anew_after_a_while_and_for_whom_else(folder):
    made = []

    def data(asked):
        made.append(dict(asked.given))
        return {"n": len(made)}

    page = kept(data, 100)
    (reader,) = open_readers(folder)
    with reader:
        told = [
            page(Asked(readers, given, now_ns))["n"]
            for readers, given, now_ns in (
                ([reader], {}, 0), ([reader], {}, 99), ([reader], {}, 100), ([reader], {"month": "x"}, 100),
                ([], {}, 100),
                ([reader], {}, 50),  # a clock that was set back
            )
        ]  # fmt: skip
    assert told == [1, 1, 2, 3, 4, 5]

"""The helper process of the pages: it answers as the page would, says what is not there, and is replaced."""

from __future__ import annotations

import asyncio
import io
import os
import tempfile
from pathlib import Path

import orjson
import pytest

from gateway.clock import SystemClock, VirtualClock
from gateway.journal.database import NAME
from gateway.web.helper import IDLE_NS, Helper, HelperBroke
from gateway.web.pages import PAGES, NotFound
from gateway.web.pages.__main__ import answered, read, said, write
from gateway.web.pages.files import handed, sweep
from gateway.web.shelf import Shelf
from tests.unit.journal.plant import T0
from tests.unit.repository.plant import BOX


def test_frames_come_back_as_they_went():
    stream = io.BytesIO()
    write(stream, "é".encode())
    write(stream, b"")
    stream.seek(0)
    assert [read(stream), read(stream), read(stream)] == ["é".encode(), b"", None]


def test_it_answers_as_the_page_does(folder):
    shelf = Shelf(folder, lambda: 0, lambda: False)
    asked = {"page": "lot", "table": "", "given": {"lot": BOX}, "sites": [], "now_ns": T0}
    assert orjson.loads(answered(shelf, asked))["lot"] == BOX
    assert answered(shelf, {**asked, "table": "lots"}).startswith(b"\xef\xbb\xbfway,lot,")
    with pytest.raises(NotFound, match="no lot X here"):
        answered(shelf, {**asked, "given": {"lot": "X"}})
    with pytest.raises(NotFound, match="no lot"):  # as though there were none
        answered(shelf, {**asked, "sites": ["elsewhere"]})
    shelf.close()


@pytest.mark.long
async def test_a_process_answers_and_another_takes_its_place(folder):
    helper = Helper(folder, SystemClock())
    found = await helper.ask("lot", {"lot": BOX}, (), T0)
    assert orjson.loads(found)["lot"] == BOX
    with pytest.raises(NotFound, match="no lot X here"):
        await helper.ask("lot", {"lot": "X"}, (), T0)
    process = helper._process  # noqa: SLF001
    assert process is not None
    process.kill()
    await process.wait()
    assert orjson.loads(await helper.ask("board", {}, (), T0))["boards"]
    await helper.end()


@pytest.mark.long
async def test_it_stays_while_somebody_looks_and_ends_when_nobody_does(folder):
    clock, looked = VirtualClock(), [True]
    helper = Helper(folder, clock, lambda: looked[0])
    await helper.ask("lot", {"lot": BOX, "part": "both", "first": "1"}, (), T0)
    process = helper._process  # noqa: SLF001
    assert process is not None
    await clock.advance(3 * IDLE_NS / 1e9)
    assert process.returncode is None
    looked.clear()
    looked.append(False)
    await clock.advance(2 * IDLE_NS / 1e9)
    assert await process.wait() != 0
    assert helper._process is None  # noqa: SLF001


async def test_what_takes_long_is_asked_beside(folder):
    """What counts all holders, and a month's numbers, come from the process that makes files: no scan waits."""
    page = PAGES["lot"]
    first = {"lot": BOX, "part": "both", "first": "100"}
    assert not any(page.long(given) for given in ({}, first, {"lot": BOX, "part": "rest"}))
    assert all(page.long({"code": BOX, **more}) for more in ({}, {"part": "went"}, {"part": "both"}))
    assert {name for name, each in PAGES.items() if each.long({})} == {"balance", "score"}
    helper = Helper(folder, SystemClock())
    assert helper.apart() is helper.apart() is not helper


@pytest.mark.long
async def test_a_folder_whose_journal_is_none_is_told(tmp_path):
    await asyncio.to_thread((tmp_path / NAME).write_bytes, b"no database" * 100)
    helper = Helper(tmp_path, SystemClock())
    with pytest.raises(HelperBroke, match="journal") as told:
        await helper.ask("lot", {}, (), T0)
    assert str(tmp_path) not in str(told.value)  # whose page it is need not know where we keep it
    await helper.end()


def test_a_disk_that_takes_no_file_is_told(folder, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", "/proc")  # where nobody makes a file
    shelf = Shelf(folder, lambda: 0, lambda: False)
    asked = {"page": "lot/epcis.jsonld", "table": "", "given": {"lot": BOX}, "sites": [], "now_ns": T0}
    answer = said(shelf, asked)
    assert answer[:1] == b"-"
    assert orjson.loads(answer[1:]) == {
        "error": "disk",
        "detail": "lot/epcis.jsonld: No such file or directory",
    }
    shelf.close()


def test_what_nobody_took_goes_when_a_helper_begins(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    old, new = Path(handed([b"a", b"b"])), Path(handed([b"c"]))
    assert old.read_bytes() == b"ab"
    os.utime(old, (1_000, 1_000))
    sweep(new.stat().st_mtime + 1)
    assert (old.exists(), new.exists()) == (False, True)


def test_half_a_file_is_none(tmp_path, monkeypatch):
    def broken():
        yield b"a"
        raise NotFound("gone")

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(NotFound):
        handed(broken())
    assert list(tmp_path.iterdir()) == []

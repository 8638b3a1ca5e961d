"""The helper process of the pages: it answers as the page would, says what is not there, and is replaced."""

from __future__ import annotations

import asyncio
import io

import pytest

from gateway.clock import SystemClock
from gateway.journal.database import NAME
from gateway.web.helper import Helper, HelperBroke
from gateway.web.pages import NotFound
from gateway.web.pages.__main__ import answered, read, write
from gateway.web.shelf import Shelf
from tests.unit.journal.plant import T0
from tests.unit.repository.plant import BOX


def test_frames_come_back_as_they_went():
    stream = io.BytesIO()
    write(stream, {"page": "lot", "given": {"lot": "é"}})
    write(stream, {"page": "now"})
    stream.seek(0)
    assert [read(stream), read(stream), read(stream)] == [
        {"page": "lot", "given": {"lot": "é"}},
        {"page": "now"},
        None,
    ]


def test_it_answers_as_the_page_does(folder):
    shelf = Shelf(folder, lambda: 0, lambda: False)
    found = answered(shelf, {"page": "lot", "given": {"lot": BOX}, "sites": [], "now_ns": T0})
    assert found["data"]["lot"] == BOX
    with pytest.raises(NotFound, match="no lot X here"):
        answered(shelf, {"page": "lot", "given": {"lot": "X"}, "sites": [], "now_ns": T0})
    shelf.close()


async def test_a_process_answers_and_another_takes_its_place(folder):
    helper = Helper(folder, SystemClock())
    found = await helper.ask("lot", {"lot": BOX}, (), T0)
    assert found["lot"] == BOX
    with pytest.raises(NotFound, match="no lot X here"):
        await helper.ask("lot", {"lot": "X"}, (), T0)
    process = helper._process  # noqa: SLF001
    assert process is not None
    process.kill()
    await process.wait()
    assert (await helper.ask("board", {}, (), T0))["boards"]
    await helper.end()


async def test_a_folder_whose_journal_is_none_is_told(tmp_path):
    await asyncio.to_thread((tmp_path / NAME).write_bytes, b"no database" * 100)
    helper = Helper(tmp_path, SystemClock())
    with pytest.raises(HelperBroke, match="journal"):
        await helper.ask("lot", {}, (), T0)
    await helper.end()

"""A cursor that is on the disk when it returns: a bdSeq must never be used twice, power cut or not."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

from gateway.clock import VirtualClock
from gateway.journal import Journal
from gateway.ports import Watermark
from tests.unit.publish.test_sparkplug import Dice


def opened(folder: Path) -> Journal:
    return Journal.open(folder, site="north", gateway="gw1", clock=VirtualClock(), entropy=Dice())


def test_a_copy_of_the_files_has_it_without_a_commit(tmp_path: Path) -> None:
    async def keep(journal: Journal) -> None:
        await journal.keep_cursor("sparkplug-bdseq", Watermark(7))

    async def kept(journal: Journal) -> Watermark:
        return await journal.cursor("sparkplug-bdseq")

    with opened(tmp_path / "data") as journal:
        asyncio.run(keep(journal))
        shutil.copytree(tmp_path / "data", tmp_path / "copy")
    with opened(tmp_path / "copy") as again:
        assert asyncio.run(kept(again)) == Watermark(7)

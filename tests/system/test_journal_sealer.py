"""The sealer with its real helper process, and folders on which nothing can be written."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

from gateway.clock import VirtualClock
from gateway.journal import JournalError, JournalReader
from gateway.journal.errors import JournalReadOnly
from gateway.journal.seal import Sealer
from gateway.model import NumberedInput
from tests.unit.journal.plant import T0, Plant, commit, config, make_site, open_journal, same

pytestmark = pytest.mark.system
MIN = 60_000_000_000
FAILS = (sys.executable, "-c", "import sys; sys.exit(3)")
SAYS_NO = (sys.executable, "-c", 'print(\'{"error": "no room"}\')')


async def filled(folder: Path):
    journal = open_journal(folder)
    inputs = [NumberedInput(1, config(make_site(), "h1")), *Plant().readings(2, 1_500)]
    for start in range(0, len(inputs), 100):
        await commit(journal, inputs[start : start + 100])
    return journal, inputs


async def test_the_helper_seals_what_is_closed(tmp_path) -> None:
    journal, inputs = await filled(tmp_path)
    sealer = Sealer(journal, VirtualClock(T0))
    assert await sealer.seal(T0 + 21 * MIN) == 2
    assert await sealer.seal(T0 + 21 * MIN) == 0
    assert same(await journal.inputs(1, 9_999), inputs)
    journal.close()
    with JournalReader(tmp_path) as reader:
        assert same(list(reader.inputs(1, 9_999)), inputs)


@pytest.mark.parametrize(("helper", "said"), [(FAILS, "ended with code 3"), (SAYS_NO, "no room")])
async def test_a_helper_that_fails_costs_nothing(tmp_path, helper, said) -> None:
    journal, inputs = await filled(tmp_path)
    with pytest.raises(JournalError, match=said):
        await Sealer(journal, VirtualClock(T0), helper=helper).seal(T0 + 21 * MIN)
    assert same(await journal.inputs(1, 9_999), inputs)
    assert await Sealer(journal, VirtualClock(T0)).seal(T0 + 21 * MIN) == 2
    journal.close()


async def test_a_chunk_that_is_damaged_keeps_nothing_from_being_sealed(tmp_path) -> None:
    journal, inputs = await filled(tmp_path)
    sealer = Sealer(journal, VirtualClock(T0))
    assert await sealer.seal(T0 + 31 * MIN) == 3
    [day] = await asyncio.to_thread(lambda: list(tmp_path.glob("*.chunks")))
    data = bytearray(await asyncio.to_thread(day.read_bytes))
    data[len(data) // 2] ^= 0x10
    await asyncio.to_thread(day.write_bytes, data)
    await commit(journal, Plant(3).readings(len(inputs) + 1, 20, T0 + 1_440 * MIN))
    assert await sealer.seal(T0 + 1_500 * MIN) == 1
    assert "damaged" in sealer.damaged
    assert sealer.merged == 0
    journal.close()


async def test_run_tells_its_trouble_and_tries_again(tmp_path) -> None:
    journal, _ = await filled(tmp_path)
    clock = VirtualClock(T0 + 40 * MIN)
    mark = tmp_path / "failed-once"
    script = f"import pathlib, runpy; mark = pathlib.Path({str(mark)!r})\n"
    script += "if mark.exists(): runpy.run_module('gateway.journal.helper', run_name='__main__')\n"
    script += "mark.touch()"
    sealer = Sealer(journal, clock, helper=(sys.executable, "-c", script))
    running = asyncio.create_task(sealer.run())
    async with asyncio.timeout(180):
        while not sealer.trouble:
            await asyncio.sleep(0.01)
        await clock.advance(60)  # once: more would let the helper's own time run out while it starts
        while sealer.trouble or sealer.sealed < 3:
            await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    journal.close()


async def test_a_helper_that_hangs_is_stopped_and_told(tmp_path) -> None:
    journal, _ = await filled(tmp_path)
    clock = VirtualClock(T0)
    sealer = Sealer(journal, clock, helper=(sys.executable, "-c", "import time; time.sleep(600)"))
    sealing = asyncio.create_task(sealer.seal(T0 + 21 * MIN))
    while not sealing.done():
        await clock.advance(600)
        await asyncio.sleep(0.01)
    with pytest.raises(JournalError, match="did not end within 30 minutes and was stopped"):
        await sealing
    journal.close()


@pytest.fixture
def shut():
    """A folder in which this user, even if root, cannot write: for its time root becomes nobody."""
    folder = Path(tempfile.mkdtemp(prefix="lotwatch-shut-"))
    folder.chmod(0o755)
    yield folder
    if os.getuid() == 0:
        os.seteuid(0)
    folder.chmod(0o755)
    shutil.rmtree(folder)


def close_up(folder: Path) -> None:
    folder.chmod(0o555)
    if os.getuid() == 0:
        os.seteuid(65534)


def test_a_folder_that_cannot_be_written(shut) -> None:
    open_journal(shut / "old").close()
    (shut / "old").chmod(0o555)
    close_up(shut)
    for folder in (shut / "old", shut / "new"):
        with pytest.raises(JournalReadOnly, match="mend the permissions"):
            open_journal(folder)


def test_an_archived_journal_can_be_read(shut) -> None:
    """On a file system that cannot be written SQLite could make no lock files."""
    journal = open_journal(shut)
    inputs = [NumberedInput(1, config(make_site(), "h1")), *Plant().readings(2, 20)]
    asyncio.run(commit(journal, inputs))
    journal.close()
    close_up(shut)
    with JournalReader(shut) as reader:
        assert same(list(reader.inputs(1, 99)), inputs)

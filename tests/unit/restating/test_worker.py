"""The daemon's side: the helper process answers orders, page by page; what goes wrong with it is told."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.clock import VirtualClock
from gateway.holds import Held, Holds, Order, Why
from gateway.journal.errors import JournalError
from gateway.model import Block, Entry, Instant, NumberedInput
from gateway.plain import to_plain
from gateway.restating.worker import Restater

from .plant import Works

ORDER = Order("abc", "exposure", 7, "17", {"lot": "PP-1"})
PAGES = (
    '{"body": {"order": "abc", "done": false}}\n{"body": {"order": "abc", "done": true}}\n{"done": true}\n'
)


class Side:
    """A fold that has one order, and a store that commits what it is given at once."""

    def __init__(self, folder: Path, said: str) -> None:
        self.clock = VirtualClock()
        self.holds = Holds({"PP-1": Held("PP-1", 7, (Why("person", "", "x"),))}, orders=(ORDER,))
        self.taken: list[Entry] = []
        self.over = asyncio.Event()
        script = f"import sys; sys.stdin.read(); sys.stdout.write({said!r})"
        self.restater = Restater(
            folder, self.clock, lambda: self.holds, self._take, (sys.executable, "-c", script)
        )

    def _take(self, entry: Entry) -> None:
        self.taken.append(entry)
        if entry.body.get("done"):
            self.holds = Holds()
            self.over.set()
        block = Block((NumberedInput(len(self.taken), entry),), ())
        asyncio.get_running_loop().call_soon(self.restater.committed, block)


async def test_every_page_is_an_entry_of_whoever_caused_the_order(tmp_path: Path):
    side = Side(tmp_path, PAGES)
    await side.restater.answer(ORDER)
    assert [(each.kind, each.operator) for each in side.taken] == [("exposed", "17")] * 2
    assert [each.body["done"] for each in side.taken] == [False, True]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ('{"error": "no disk"}\n', "no disk"),
        ("Traceback\n", "what no helper says"),
        ("[1]\n", "no object"),
        ("", "ended with code 0"),
    ],
)
async def test_a_helper_that_fails_is_told(tmp_path: Path, said: str, words: str):
    side = Side(tmp_path, said)
    with pytest.raises(JournalError, match=words):
        await side.restater.answer(ORDER)
    assert side.taken == []


async def test_what_a_run_before_left_is_done_first(tmp_path: Path):
    side = Side(tmp_path, PAGES)
    task = asyncio.create_task(side.restater.run())
    await side.over.wait()
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert len(side.taken) == 2


async def test_an_order_waits_for_its_commit(tmp_path: Path):
    side = Side(tmp_path, PAGES)
    orders, side.holds = side.holds, Holds()
    side.restater = Restater(tmp_path, side.clock, lambda: side.holds, side.taken.append)
    side.holds = orders
    other = Entry("hold", Instant(6, 6, 1), "17", {})
    side.restater.committed(Block((NumberedInput(1, other),), ()))
    assert not side.restater._changed.is_set()  # noqa: SLF001 # what nobody outside can see
    cause = Entry("hold", Instant(7, 7, 1), "17", {})
    side.restater.committed(Block((NumberedInput(2, cause),), ()))
    assert side.restater._changed.is_set()  # noqa: SLF001


@pytest.mark.long
def test_the_helper_process_answers_on_a_journal_that_is_being_written(tmp_path: Path):
    with Works(tmp_path / "j") as works:
        works.scan("bags", "PP-1")
        works.box("B1", 3)
        works.box("B2", 0)
        works.says("hold", lot="PP-1", reason="melt flow")
        [order] = works.start.fold.state.holds.orders
        asked = json.dumps({"folder": str(works.folder), "order": to_plain(order)})
        helper = [sys.executable, "-m", "gateway.restating"]
        done = subprocess.run(helper, input=asked, capture_output=True, text=True, check=True)
    page, last = [json.loads(line) for line in done.stdout.splitlines()]
    assert last == {"done": True}
    assert {row["lot"] for row in page["body"]["lots"]} >= {"B1"}

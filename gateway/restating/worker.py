"""The daemon's side: has orders answered by the helper process, one after another, and takes the answers as entries.

An order is looked for after each commit and at the start of a run, so one that a crash left is done by the next run.
What the helper reads was committed after the order was, so no lot falls between the two.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import orjson

from gateway.holds import Holds, Order
from gateway.journal.errors import JournalError
from gateway.model import Block, Entry, Scan
from gateway.plain import to_plain
from gateway.ports import Clock
from gateway.restating.answers import ANSWER

HELPER_NS = 600_000_000_000  # a helper that takes longer hangs
AGAIN_NS = 30_000_000_000  # after one that failed
_LINE_BYTES = 64 << 20
_HELPER = (sys.executable, "-m", "gateway.restating")

log = logging.getLogger(__name__)


class Restater:
    """One for the daemon. `take` folds an entry; `committed` is to be called with every block."""

    def __init__(
        self,
        folder: Path,
        clock: Clock,
        holds: Callable[[], Holds],
        take: Callable[[Entry], None],
        helper: Sequence[str] = _HELPER,
    ) -> None:
        """`holds`: what the fold has now."""
        self._folder, self._clock, self._holds, self._take = folder, clock, holds, take
        self._helper = helper
        self._changed = asyncio.Event()
        self._ready = {order.id: order for order in holds().orders}  # committed: those of the runs before are
        self._waiting: dict[int, asyncio.Event] = {}  # by identity of the entry
        self.trouble = ""  # why the last order failed; "" when it did not

    def committed(self, block: Block) -> None:
        """A block is on the disk: orders that its inputs gave may be answered."""
        came = set()
        for _, given in block.inputs:
            if isinstance(given, Entry | Scan):
                came.add(given.at.time_ns)
            done = self._waiting.pop(id(given), None) if isinstance(given, Entry) else None
            if done is not None:
                done.set()
        found = {order.id: order for order in self._holds().orders if came and order.time_ns in came}
        if found:
            self._ready |= found
            self._changed.set()

    async def run(self) -> None:
        """Until cancelled."""
        self._changed.set()
        while True:
            await self._changed.wait()
            self._changed.clear()
            for order in list(self._ready.values()):
                if self._holds().order(order.id) is None:
                    self._ready.pop(order.id, None)  # released meanwhile
                    continue
                try:
                    await self.answer(order)
                    self._ready.pop(order.id, None)
                    self.trouble = ""
                except (JournalError, OSError) as error:
                    if str(error) != self.trouble:
                        log.warning("what follows of a hold or correction is not known yet: %s", error)
                    self.trouble = str(error)
                    await self._clock.sleep_until(self._clock.boottime_ns() + AGAIN_NS)
                    self._changed.set()

    async def answer(self, order: Order) -> None:
        """Take what the helper finds as entries, page by page, each committed before the next. Raises JournalError."""
        request = {"folder": str(self._folder), "order": to_plain(order)}
        process = await asyncio.create_subprocess_exec(
            *self._helper,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=_LINE_BYTES,
            start_new_session=True,  # a Ctrl-C is for the daemon, which ends the helper itself
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        )
        try:
            limit_ns = self._clock.boottime_ns() + HELPER_NS
            await self._clock.within(self._pages(process, orjson.dumps(request), order), limit_ns)
        except TimeoutError as error:
            raise JournalError("the helper process did not end within ten minutes and was stopped") from error
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()

    async def _pages(self, process: asyncio.subprocess.Process, request: bytes, order: Order) -> None:
        if process.stdin is None or process.stdout is None:
            raise JournalError("the helper process has no pipes")
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            process.stdin.write(request)
            await process.stdin.drain()
        process.stdin.close()
        async for line in process.stdout:
            said = _plain(line)
            if "error" in said:
                raise JournalError(f"the helper process says: {said['error']}")
            if "done" in said:
                await process.wait()
                return
            await self._commit(answering(order, said["body"], self._clock))
        raise JournalError(f"the helper process ended with code {await process.wait()}")

    async def _commit(self, entry: Entry) -> None:
        done = asyncio.Event()
        self._waiting[id(entry)] = done
        self._take(entry)
        await done.wait()


def answering(order: Order, body: dict[str, Any], clock: Clock) -> Entry:
    """A page as an entry, by whoever caused the order."""
    return Entry(ANSWER[order.kind], clock.now(), order.operator, body)


def _plain(line: bytes) -> dict[str, Any]:
    try:
        said = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise JournalError(f"the helper process says what no helper says: {line[:80]!r}") from error
    return said if isinstance(said, dict) else {"error": f"no object: {line[:80]!r}"}

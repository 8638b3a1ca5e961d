"""Asks the helper process of the pages: it starts with the first question and ends when nobody asks or looks any more.

While somebody has a page open it stays: whoever scans a lot after a quiet hour would wait for a process to start.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import orjson

from gateway.ports import Clock
from gateway.web.asker import Overloaded
from gateway.web.pages.page import NotFound

ANSWER_NS = 60_000_000_000
IDLE_NS = 120_000_000_000
WAITING_MOST = 16
_WORDS = {
    "journal": "the journal cannot be read now: see the log",
    "disk": "the disk does not take it, or does not give it: see the log",
}

log = logging.getLogger(__name__)


class HelperBroke(Exception):
    """It gave no answer: it took too long, ended, or cannot read the journal. Ask again."""


class Helper:
    """One question at a time. For one loop."""

    def __init__(self, folder: Path, clock: Clock, looked: Callable[[], bool] = lambda: False) -> None:
        """`looked`: whether somebody has a page open."""
        self._folder, self._clock, self._looked = folder, clock, looked
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._process: asyncio.subprocess.Process | None = None
        self._idle: asyncio.Task[None] | None = None
        self._others: list[Helper] = []

    def apart(self) -> Helper:
        """The process beside this one, for what takes long: a page does not wait for it. It ends when this does."""
        if not self._others:
            self._others.append(Helper(self._folder, self._clock))
        return self._others[0]

    async def ask(
        self, page: str, given: Mapping[str, str], sites: tuple[str, ...], now_ns: int, table: str = ""
    ) -> bytes:
        """The page as it goes out: `gateway.web.pages.rendered`. Raises NotFound, Overloaded, HelperBroke."""
        if self._waiting >= WAITING_MOST:
            raise Overloaded
        self._waiting += 1
        try:
            async with self._turn:
                asked = {
                    "page": page,
                    "table": table,
                    "given": dict(given),
                    "sites": list(sites),
                    "now_ns": now_ns,
                }
                answer = await self._asked(orjson.dumps(asked))
        finally:
            self._waiting -= 1
        if answer[:1] == b"+":
            return answer[1:]
        refusal = orjson.loads(answer[1:])
        if refusal["error"] == "not_found":
            raise NotFound(refusal["detail"])
        log.warning("a page cannot be made: %s", refusal["detail"])
        raise HelperBroke(_WORDS[refusal["error"]])

    async def _asked(self, said: bytes) -> bytes:
        process = await self._running()
        try:
            return await self._clock.within(_talk(process, said), self._clock.boottime_ns() + ANSWER_NS)
        except (TimeoutError, OSError, asyncio.IncompleteReadError) as error:
            self._drop()
            raise HelperBroke("the helper process gave no answer: ask again") from error
        except asyncio.CancelledError:  # half an answer is on its way: the next question must not get it
            self._drop()
            raise
        finally:
            self._rest()

    async def _running(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "gateway.web.pages", str(self._folder),
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, start_new_session=True,
            )  # fmt: skip
        return self._process

    def _rest(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
        self._idle = asyncio.get_running_loop().create_task(self._end_later())

    async def _end_later(self) -> None:
        await self._clock.sleep_until(self._clock.boottime_ns() + IDLE_NS)
        while self._looked():
            await self._clock.sleep_until(self._clock.boottime_ns() + IDLE_NS)
        if not self._turn.locked():
            self._end()

    def _end(self) -> None:
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()  # it only reads
        self._process = None

    async def end(self) -> None:
        """End it now, and return when it is gone."""
        running = [each._process for each in (self, *self._others)]  # noqa: SLF001
        self.close()
        for process in running:
            if process is not None:
                await process.wait()

    def close(self) -> None:
        """End it now."""
        for each in (self, *self._others):
            each._drop()  # noqa: SLF001

    def _drop(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None
        self._end()


async def _talk(process: asyncio.subprocess.Process, said: bytes) -> bytes:
    if process.stdin is None or process.stdout is None:
        raise OSError("no pipes")
    process.stdin.write(len(said).to_bytes(4, "big") + said)
    await process.stdin.drain()
    length = int.from_bytes(await process.stdout.readexactly(4), "big")
    return await process.stdout.readexactly(length)

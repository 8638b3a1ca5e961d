"""The daemon's side of the door: takes entries, waits for their commit, answers."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import NamedTuple

from gateway.door.guests import Guests
from gateway.door.place import NoPlace, clear, listening
from gateway.door.words import (
    LINE_MOST,
    TRY_LATER,
    USAGE,
    BadRequest,
    Reload,
    answer,
    entry_of,
    refusal,
    reload_of,
)
from gateway.model import Block, Entry
from gateway.ports import Clock

COMMIT_NS = 10_000_000_000  # for its commit; a disk that is full may take longer

log = logging.getLogger(__name__)

_LATE = "it is taken, but the disk has not kept it yet: look again whether it is there before you repeat it"
_FULL = "too many commands at once"


class _Waiting(NamedTuple):
    entry: Entry
    answered: asyncio.Future[bytes]


class Door:
    """One for the daemon. `take` folds an entry; `committed` is to be called with every block."""

    def __init__(
        self,
        folder: Path,
        clock: Clock,
        take: Callable[[Entry], None],
        reload: Callable[[Reload], Awaitable[bytes]] | None = None,
    ) -> None:
        """`reload`: puts another config in force and says what became of it, as a line."""
        self._reload = reload
        self._folder, self._clock, self._take = folder, clock, take
        self._waiting: dict[int, _Waiting] = {}  # by identity of the entry
        self._guests = Guests(
            clock, self._said, full=refusal(TRY_LATER, _FULL),
            long=refusal(USAGE, f"a request is at most {LINE_MOST} bytes"),
        )  # fmt: skip
        self._made: socket.socket | None = None

    def committed(self, block: Block) -> None:
        """Answer for the entries of a block that is on the disk."""
        if not self._waiting:
            return
        for seq, given in block.inputs:
            waiting = self._waiting.pop(id(given), None) if isinstance(given, Entry) else None
            if waiting is not None and not waiting.answered.done():
                events = [event for _, cause, event in block.events if cause == seq]
                waiting.answered.set_result(answer(seq, events))

    def open(self) -> None:
        """Listen from now on. A folder that can have no socket is told, and the daemon runs on without. Blocks."""
        try:
            self._made = listening(self._folder)
        except NoPlace as error:
            log.warning("commands cannot reach this daemon, stop it to enter something: %s", error)

    async def run(self) -> None:
        """Let people in until cancelled; who waits for a commit then still gets an answer."""
        if self._made is None:
            return
        made, self._made = self._made, None
        server = await asyncio.start_unix_server(self._guests.come, sock=made, limit=LINE_MOST)
        try:
            await asyncio.get_running_loop().create_future()  # until cancelled
        finally:
            server.close()

    def close(self) -> None:
        """Take the socket away; before the folder's lock is let go of. Blocks."""
        if self._made is not None:
            self._made.close()
        with contextlib.suppress(OSError):
            clear(self._folder)

    async def _said(self, line: bytes) -> bytes:
        return await self._reloaded(line) or await self.answer(line)

    async def _reloaded(self, line: bytes) -> bytes:
        """What is said to a wish for another config; nothing where the line is none. Pages cannot have one."""
        try:
            wish = reload_of(line)
        except BadRequest as error:
            return refusal(USAGE, str(error))
        if wish is None or self._reload is None:
            return b""
        return await self._reload(wish)

    async def answer(self, line: bytes) -> bytes:
        """What is said to a request, whoever brought it: after the commit of what it enters, or why it is refused."""
        try:
            entry = entry_of(line, self._clock.now())
        except BadRequest as error:
            return refusal(USAGE, str(error))
        return await self._enter(entry)

    async def _enter(self, entry: Entry) -> bytes:
        answered: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._waiting[id(entry)] = _Waiting(entry, answered)
        try:
            self._take(entry)
            return await self._clock.within(answered, self._clock.boottime_ns() + COMMIT_NS)
        except TimeoutError:
            return refusal(TRY_LATER, _LATE)
        finally:
            self._waiting.pop(id(entry), None)

"""The writer's door: a local socket for its group, and nothing else that listens.

Rule 1: who can open it can ask; who wants something written has to sign.  Rule 2: an audit that takes no row ends the
writer, whatever it was doing: what is not written down is not done.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import stat
from pathlib import Path

from gateway.door.guests import GUESTS_MOST, Guests
from gateway.ports import Clock
from lotwatch_writer.desk import Desk, Refused
from lotwatch_writer.words_at_door import LINE_MOST, BadLine, answer, note_in, refusal

TIDY_NS = 15_000_000_000

log = logging.getLogger(__name__)


class NoPlace(OSError):
    """No socket can be made here; says why."""


def listening(path: Path) -> socket.socket:
    """A socket at a path, for owner and group. Raises NoPlace. A stale one is taken away: the audit's lock is ours."""
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        if path.exists():
            if not stat.S_ISSOCK(path.lstat().st_mode):
                raise NoPlace(f"{path}: something else is here: take it away")
            path.unlink()
        os.fchmod(made.fileno(), 0o660)
        made.bind(str(path))
        path.chmod(0o660)
        made.listen(GUESTS_MOST)
        made.setblocking(False)
    except OSError as error:
        made.close()
        raise NoPlace(f"{path}: {error.strerror or error}") from error
    return made


class Server:
    """Guests of one desk."""

    def __init__(self, desk: Desk, clock: Clock) -> None:
        self._desk, self._clock = desk, clock
        self._guests = Guests(
            clock, self._said, full=refusal("too many ask at once: try again"),
            long=refusal(f"a line is at most {LINE_MOST} bytes"),
        )  # fmt: skip
        self._under_way: set[asyncio.Task[bytes]] = set()
        self._broken: asyncio.Future[None]

    async def run(self, made: socket.socket) -> None:
        """Until cancelled, or until the audit takes no row: raises that OSError."""
        self._broken = asyncio.get_running_loop().create_future()
        server = await asyncio.start_unix_server(self._guests.come, sock=made, limit=LINE_MOST)
        tidying = asyncio.create_task(self._tidy())
        try:
            await self._broken
        finally:
            server.close()
            tidying.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await tidying

    async def rest(self) -> None:
        """Until what is under way has come to its end."""
        if self._under_way:
            await asyncio.wait(self._under_way)

    async def _tidy(self) -> None:
        while True:
            try:
                await self._desk.tidy()
            except Refused as refused:
                log.warning("%s", refused)
            except OSError as error:
                self._end(error)
            await self._clock.sleep_until(self._clock.boottime_ns() + TIDY_NS)

    async def _said(self, line: bytes) -> bytes:
        """Shielded: who hangs up while a device is written does not keep it from being read back."""
        task = asyncio.create_task(self.answered(line))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return await asyncio.shield(task)

    async def answered(self, line: bytes) -> bytes:
        """What is said to a line."""
        try:
            note = note_in(line)
            return answer(await self._desk.take(note) if note else await self._desk.hello())
        except (BadLine, Refused) as error:
            return refusal(str(error))
        except OSError as error:
            self._end(error)
            return refusal(
                f"the audit takes no row, so the writer ends: {error}; look at the device yourself"
            )

    def _end(self, error: OSError) -> None:
        if not self._broken.done():
            self._broken.set_exception(error)

"""The sealer: now and then it has the helper process seal the windows that are closed and merge chunks that are older,
and commits what that found.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
from collections.abc import Callable, Iterable, Sequence

import orjson

from gateway.journal.errors import JournalError
from gateway.journal.journal import Journal
from gateway.journal.merging import Merged
from gateway.journal.pack import WINDOW_NS
from gateway.journal.quota import Quota
from gateway.journal.retention import DAY_NS, STORED
from gateway.journal.sealing import Sealed
from gateway.journal.thinning import QUOTA, Thinned
from gateway.model import Noted, Plain, Severity
from gateway.ports import Clock

log = logging.getLogger(__name__)

GRACE_NS = 60_000_000_000  # after its end a window may still get what the last commit brings
EVERY_NS = 60_000_000_000
CLOCK_STOOD_NS = 3_600_000_000_000  # nothing goes by a clock row younger than that
HELPER_NS = 1_800_000_000_000  # a helper that takes longer hangs
STUCK_TOLD_NS = DAY_NS  # that the quota is reached and nothing may go
STEPS_MOST = 200  # of thinning in one round: 100,000 chunks
_LINE_BYTES = 16 << 20  # an answer names every pack of a batch
_HELPER = (sys.executable, "-m", "gateway.journal.helper")


class Sealer:
    """Seals and applies retention while `run` runs. What goes wrong is told once, in the log and in `trouble`."""

    def __init__(
        self,
        journal: Journal,
        clock: Clock,
        *,
        retention_days: int = 400,
        forwarded: bool = False,
        helper: Sequence[str] = _HELPER,
        work: Callable[[bytes], Iterable[bytes]] | None = None,
        quota: Quota | None = None,
    ) -> None:
        """`forwarded`: readings are kept until somebody else says to hold them, however old they are.

        `quota`: what the folder may take; None: all there is.

        `work` does the helper's work here, in its place: see `gateway.journal.helper.answers`.
        """
        self._journal, self._clock, self._helper, self._work = journal, clock, helper, work
        self._retention_ns, self._forwarded = retention_days * DAY_NS, forwarded
        self._quota = quota
        self._stuck_ns: int | None = None  # boottime of when that was told last
        self.trouble = ""  # why the last round failed; "" when it did not
        self.damaged = ""  # what of the older chunks cannot be merged, as last told
        self.sealed = 0  # chunks so far
        self.merged = 0  # of them and of older ones

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                now_ns = self._clock.now().time_ns
                await self.thin()  # first: sealing needs room, and a full disk has none
                if not self._journal.short:
                    await self.seal(now_ns - GRACE_NS)
                await self.expire()
                self.trouble = ""
            except (JournalError, OSError) as error:  # OSError: no helper process could be started
                if str(error) != self.trouble:
                    log.warning("sealing failed, it will be tried again: %s", error)
                self.trouble = str(error)
            await self._clock.sleep_until(self._clock.boottime_ns() + EVERY_NS)

    async def thin(self) -> Thinned | None:
        """Thin the oldest readings until the folder is within its quota; what went. Raises JournalError, OSError."""
        if self._quota is None:
            return None
        wanted = over = await asyncio.to_thread(self._quota.beyond)
        if not over:
            return None
        held = None
        if self._forwarded and not self._quota.room.thin_unstored:
            held = (await self._journal.cursor(STORED)).input
        whole: Thinned | None = None
        for _ in range(STEPS_MOST):
            step = await self._journal.thin(wanted, self._clock.now().time_ns, held=held)
            if step is None:
                break
            whole = step if whole is None else whole.and_(step)
            wanted -= step.bytes
            if wanted <= 0:
                break
        self._say(self._quota, whole, over)
        return whole

    def _say(self, quota: Quota, went: Thinned | None, over: int) -> None:
        now = self._clock.now()
        if went is not None:
            facts: dict[str, Plain] = {
                "reason": QUOTA, "from_ns": went.from_ns, "to_ns": went.to_ns, "first": went.first,
                "last": went.last, "readings": went.readings, "bytes": went.bytes,
            }  # fmt: skip
            log.info("the folder was beyond its quota: %d readings were thinned to overviews", went.readings)
            quota.told(Noted(now.time_ns, "thinned", "journal", Severity.WARNING, facts))
        elif self._stuck_ns is None or now.boottime_ns - self._stuck_ns >= STUCK_TOLD_NS:
            self._stuck_ns = now.boottime_ns
            log.warning("the folder is %d bytes beyond its quota, and nothing in it may be thinned", over)
            quota.told(Noted(now.time_ns, "quota_stuck", "journal", Severity.WARNING, {"over": over}))

    async def expire(self) -> str | None:
        """Remove the oldest month that is older than the site keeps; which one. By a confirmed clock only."""
        now = self._clock.now()
        row = await self._journal.clock_row(now.clock_id)
        if row is None or not row.synchronised or now.boottime_ns - row.boottime_ns < CLOCK_STOOD_NS:
            return None
        held = (await self._journal.cursor(STORED)).input if self._forwarded else None
        before_ns = now.time_ns - self._retention_ns
        month = await self._journal.expire(before_ns, now.time_ns, "retention", held=held)
        if month is not None:
            log.info("readings of %s are older than the site keeps: removed", month)
        return month

    async def seal(self, before_ns: int) -> int:
        """Seal the windows that ended before a time, and merge; how many chunks were sealed. Raises JournalError."""
        before = before_ns // WINDOW_NS
        if not await self._journal.has_hot(before):
            return 0
        request = {"do": "seal", "folder": str(self._journal.folder.resolve()), "before": before}
        if self._work is not None:
            return sum([await self._heard(line) or 0 for line in self._work(orjson.dumps(request))])
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
            return await self._clock.within(self._take(process, orjson.dumps(request)), limit_ns)
        except TimeoutError as error:
            hung = (
                f"the helper process did not end within {HELPER_NS // 60_000_000_000} minutes and was stopped"
            )
            raise JournalError(f"{hung}; the next round tries again") from error
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()

    async def _take(self, process: asyncio.subprocess.Process, request: bytes) -> int:
        if process.stdin is None or process.stdout is None:
            raise JournalError("the helper process has no pipes")
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            process.stdin.write(request)
            await process.stdin.drain()
        process.stdin.close()
        made = 0
        async for line in process.stdout:
            more = await self._heard(line)
            if more is None:
                await process.wait()
                return made
            made += more
        raise JournalError(
            f"the helper process ended with code {await process.wait()}; the next round tries again"
        )

    async def _heard(self, line: bytes) -> int | None:
        """Commit what the helper says that it made; how many sealed chunks, None: that was all. Raises JournalError."""
        try:
            plain = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise JournalError(f"the helper process says what no helper says: {line[:80]!r}") from error
        if "error" in plain:
            raise JournalError(f"the helper process says: {plain['error']}")
        if "done" in plain:
            return None
        if "damaged" in plain:
            if plain["damaged"] != self.damaged:
                log.warning("chunks are not merged, it will be tried again: %s", plain["damaged"])
            self.damaged = plain["damaged"]
        elif "gone" in plain:
            merged = Merged.of_plain(plain)
            if await self._journal.put_merged(merged):
                self.merged += len(merged.chunks)
        else:
            sealed = Sealed.of_plain(plain)
            if await self._journal.put_sealed(sealed):
                self.sealed += len(sealed.chunks)
                return len(sealed.chunks)
        return 0

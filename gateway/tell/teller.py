"""The room's loop: orders out of committed blocks, each tried until it is done, answered by somebody, or given up.

A cursor in the journal says up to which event everything is over; a run begins there, so that a step whose telling a
crash cut short is told by the next run.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from gateway.model import Block, Noted, NumberedEvent, Plain, Severity
from gateway.ports import Clock, History, Watermark
from gateway.site import Site
from gateway.tell.errands import Errand, Key, answered, ended, errands
from gateway.tell.sending import Never, NotNow, send

CURSOR = "tell"
RAN = 1  # in the cursor, where other publishers have inputs: it has run before
PAGE = 2_000  # events read at once
AT_ONCE = 8  # errands under way
WAITING_MOST = 1_000
TRIES = 8
FIRST_NS, MOST_NS = 5_000_000_000, 300_000_000_000  # pause after a failure, doubled
OLD_NS = 86_400_000_000_000
"""An order that is older when a run begins is of no use to anybody."""

log = logging.getLogger(__name__)

Send = Callable[[Errand], None]


@dataclass(slots=True)
class _Under:
    """An errand that is not over."""

    errand: Errand
    task: asyncio.Task[None] | None = None
    sending: bool = False  # a thread is at it: what it does is recorded
    answered: bool = False  # nobody needs to be told any more


class Teller:
    """One for the daemon; `offer` with every committed block, `run` as a task of its own."""

    def __init__(
        self,
        history: History,
        site: Site,
        clock: Clock,
        note: Callable[[Noted], None],
        do: Send | None = None,
    ) -> None:
        """`do`: blocks, raises `NotNow` or `Never`; e-mail and webhooks if not given."""
        self._history, self._clock, self._note = history, clock, note
        self._people = {person.name: person for person in site.alerts.people}
        self._do = do or (lambda errand: send(errand, site.alerts.mail, site.site, site.gateway))
        self._open: dict[Key, _Under] = {}  # not told, or told and not yet committed
        self._new: list[Errand] = []
        self._came = asyncio.Event()
        self._room = asyncio.Semaphore(AT_ONCE)
        self._seen = 0  # newest event heard of
        self._kept = 0
        self._begun = False

    def offer(self, block: Block) -> None:
        """A block was committed."""
        if self._begun and block.events:
            self._take(block.events)

    async def run(self) -> None:
        """Until cancelled."""
        try:
            await self._begin()
            while True:
                await self._came.wait()
                self._came.clear()
                new, self._new = self._new, []
                for errand in new:
                    self._start(errand)
                await self._move()
        finally:
            self._begun, self._new = False, []
            tasks = [under.task for under in self._open.values() if under.task is not None]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._open.clear()

    async def drained(self) -> None:
        """At once: who is to be told is told by the next run, if not by this one."""

    async def _begin(self) -> None:
        """Read on from the cursor: orders of runs before that nothing ended."""
        cursor = await self._history.cursor(CURSOR)
        self._kept = self._seen = cursor.event
        while (last := self._history.last().event) > self._seen:
            end = min(self._seen + PAGE, last)
            self._take(await self._history.events(self._seen + 1, end))
            self._seen = end
        self._begun = True
        limit_ns = self._clock.now().time_ns - OLD_NS
        for errand in [under.errand for under in self._open.values() if under.errand.time_ns < limit_ns]:
            if cursor.input:
                self._failed(errand, "it was a day old when the gateway ran again", 0)
            else:  # nobody could be told in those days: the config named no address
                del self._open[errand.key]
        self._new = [errand for errand in self._new if errand.time_ns >= limit_ns]
        self._came.set()

    def _take(self, events: Iterable[NumberedEvent]) -> None:
        events = tuple(each for each in events if each.seq > self._seen)
        for each in events:
            self._seen = max(self._seen, each.seq)
            if (key := ended(each)) is not None:
                self._open.pop(key, None)
            for errand in errands(each, self._people):
                if errand.key not in self._open:
                    self._open[errand.key] = _Under(errand)
                    self._new.append(errand)
        done = answered(events)
        for key in [key for key in self._open if key[0] in done]:
            under = self._open[key]
            under.answered = True
            if not under.sending:
                del self._open[key]
                if under.task is not None:
                    under.task.cancel()
        self._came.set()

    def _start(self, errand: Errand) -> None:
        under = self._open.get(errand.key)
        if under is None or under.errand is not errand or under.task is not None:
            return
        if len(self._open) > WAITING_MOST:
            self._failed(errand, "too much waits to be told", 0)
            return
        under.task = asyncio.get_running_loop().create_task(self._tell(under))

    async def _tell(self, under: _Under) -> None:
        errand, pause_ns, why = under.errand, FIRST_NS, ""
        for tries in range(1, TRIES + 1):
            try:
                async with self._room:
                    under.sending = True
                    await _in_thread(self._do, errand)
            except NotNow as error:
                why = str(error)
            except Exception as error:  # noqa: BLE001 # as a supervisor: whatever it is, trying again will not help
                self._failed(errand, str(error) if isinstance(error, Never) else type(error).__name__, tries)
                return
            else:
                note = _noted(self._clock.now().time_ns, "told", errand, Severity.INFO, {"tries": tries})
                self._note(note)
                return
            finally:
                under.sending = False
            if under.answered:
                self._open.pop(errand.key, None)
                self._came.set()
                return
            if tries < TRIES:
                await self._clock.sleep_until(self._clock.boottime_ns() + pause_ns)
                pause_ns = min(2 * pause_ns, MOST_NS)
        self._failed(errand, why, TRIES)

    def _failed(self, errand: Errand, reason: str, tries: int) -> None:
        log.warning("%s cannot be told of %s by %s: %s", errand.person.name, errand.alarm, errand.by, reason)
        facts: dict[str, Plain] = {"tries": tries, "reason": reason}
        self._note(_noted(self._clock.now().time_ns, "tell_failed", errand, Severity.WARNING, facts))

    async def _move(self) -> None:
        """Everything before the oldest open errand is over."""
        oldest = min((under.errand.seq for under in self._open.values()), default=self._seen + 1)
        if oldest - 1 > self._kept:
            self._kept = oldest - 1
            await self._history.set_cursor(CURSOR, Watermark(RAN, self._kept))


def _noted(time_ns: int, kind: str, errand: Errand, severity: Severity, more: dict[str, Plain]) -> Noted:
    facts: dict[str, Plain] = {
        "who": errand.person.name, "by": errand.by, "step": errand.step, "ordered": errand.seq, **more,
    }  # fmt: skip
    return Noted(time_ns, kind, errand.alarm, severity, facts)


async def _in_thread(do: Send, errand: Errand) -> None:
    """A thread of its own that ends with the process: a receiver that hangs never keeps the daemon from stopping."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()

    def settle(error: BaseException | None) -> None:
        if not done.done():
            if error is None:
                done.set_result(None)
            else:
                done.set_exception(error)

    def work() -> None:
        error: BaseException | None = None
        try:
            do(errand)
        except Exception as raised:  # noqa: BLE001 # handed to whoever waits
            error = raised
        with contextlib.suppress(RuntimeError):  # the loop has closed: the daemon has ended
            loop.call_soon_threadsafe(settle, error)

    threading.Thread(target=work, name="tell", daemon=True).start()
    await done

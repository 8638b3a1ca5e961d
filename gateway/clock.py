"""Time: the only file that asks the machine for it, and the virtual clock that tests move.

Boottime (CLOCK_BOOTTIME) counts for gaps, rates and timers; wall time is boottime plus the offset of a clock row. When
the two drift apart by more than `STEP_NS` (NTP came late, somebody set the clock) a new row begins.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import os
import re
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol, TypeVar

from gateway.box.timesync import kernel_synchronised
from gateway.model import ClockRow, Instant

T = TypeVar("T")

STEP_NS = 50_000_000
_YEAR_2020_NS = 1_577_836_800_000_000_000
_SETTLE_ROUNDS = (
    12  # loop turns in which woken tasks come to rest, on a loop that does not show what is ready
)
_RESTLESS_ROUNDS = 10_000  # tasks that never come to rest: a loop without a wait in it


class Machine(Protocol):
    """What a computer says of its own time."""

    def boot_id(self) -> str:
        """Another one after every boot."""

    def boottime_ns(self) -> int:
        """Since boot, sleep included."""

    def wall_ns(self) -> int:
        """Since 1970, as whoever set it last had it."""


class Kernel:
    """This computer."""

    def boot_id(self) -> str:
        return _boot_id()

    def boottime_ns(self) -> int:
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME)

    def wall_ns(self) -> int:
        return time.time_ns()


class SystemClock:
    """The machine's clock. `last` is the newest clock row of the journal: it goes on in the same boot where it holds.

    A row is synchronised when the kernel says that somebody keeps the clock right, or where it may not be asked; never
    before 2020. It stays so until wall time is stepped: with the network gone the offset is still the one that was
    confirmed. `accepted`: a person vouches for this clock.
    """

    def __init__(
        self,
        last: ClockRow | None = None,
        *,
        accepted: bool = False,
        synchronised: Callable[[], bool | None] = kernel_synchronised,
        machine: Machine | None = None,
    ) -> None:
        machine = machine or Kernel()
        self._boottime_ns, self._wall_ns = machine.boottime_ns, machine.wall_ns
        self._boot_id = machine.boot_id()
        self._accepted, self._synchronised = accepted, synchronised
        if last is None or last.boot_id != self._boot_id:
            self._row = self._measure(last.clock_id + 1 if last else 1)
        else:
            self._row = last
            self.row()

    def boottime_ns(self) -> int:
        return self._boottime_ns()

    def now(self) -> Instant:
        boottime = self._boottime_ns()
        row = self._row
        return Instant(boottime + row.offset_ns, boottime, row.clock_id)

    def row(self) -> ClockRow:
        row = self._row
        boottime, offset = self._offset()
        stepped = abs(offset - row.offset_ns) > STEP_NS
        if stepped or not row.synchronised:
            measured = ClockRow(
                row.clock_id + 1, self._boot_id, boottime, offset, self._confirmed(boottime + offset)
            )
            if stepped or measured.synchronised:
                self._row = measured
        return self._row

    async def sleep_until(self, boottime_ns: int) -> None:
        delay = boottime_ns - self.boottime_ns()
        await asyncio.sleep(delay / 1e9 if delay > 0 else 0)

    async def within(self, awaitable: Awaitable[T], deadline_ns: int) -> T:
        async with asyncio.timeout(max(deadline_ns - self.boottime_ns(), 0) / 1e9):
            return await awaitable

    def _measure(self, clock_id: int) -> ClockRow:
        boottime, offset = self._offset()
        return ClockRow(clock_id, self._boot_id, boottime, offset, self._confirmed(boottime + offset))

    def _offset(self) -> tuple[int, int]:
        """Boottime, and wall time less it. A stall between the two would look as if wall time stepped: once more."""
        boottime, wall = self._boottime_ns(), self._wall_ns()
        if self._boottime_ns() - boottime > STEP_NS // 10:
            boottime, wall = self._boottime_ns(), self._wall_ns()
        return boottime, wall - boottime

    def _confirmed(self, wall_ns: int) -> bool:
        return wall_ns > _YEAR_2020_NS and (self._accepted or self._synchronised() is not False)


def _boot_id() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        # A sandbox hides it; systemd names it then, without its dashes.
        told = os.environ.get("LOTWATCH_BOOT_ID", "")
        if re.fullmatch("[0-9a-f]{32}", told):
            return "-".join((told[:8], told[8:12], told[12:16], told[16:20], told[20:]))
        return f"pid-{os.getpid()}-{time.time_ns()}"


class VirtualClock:
    """A clock that stands still until a test moves it; sleeping costs nothing.

    `await clock.advance(8 * 3600)` wakes every sleeper in order, each at its own instant.
    """

    def __init__(self, wall_ns: int = 1_800_000_000_000_000_000, boottime_ns: int = 1_000_000_000) -> None:
        self._boottime = boottime_ns
        self._row = ClockRow(1, "virtual", boottime_ns, wall_ns - boottime_ns, synchronised=True)
        self._sleepers: list[tuple[int, int, asyncio.Future[None]]] = []
        self._order = itertools.count()

    def boottime_ns(self) -> int:
        return self._boottime

    def now(self) -> Instant:
        return Instant(self._boottime + self._row.offset_ns, self._boottime, self._row.clock_id)

    def row(self) -> ClockRow:
        return self._row

    def step_wall(self, seconds: float) -> None:
        """Wall time jumps; boottime does not."""
        row = self._row
        offset = row.offset_ns + round(seconds * 1e9)
        self._row = ClockRow(row.clock_id + 1, row.boot_id, self._boottime, offset, row.synchronised)

    async def sleep_until(self, boottime_ns: int) -> None:
        if boottime_ns <= self._boottime:
            await asyncio.sleep(0)
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (boottime_ns, next(self._order), future))
        await future

    async def within(self, awaitable: Awaitable[T], deadline_ns: int) -> T:
        loop = asyncio.get_running_loop()
        alarm: asyncio.Future[None] = loop.create_future()
        waiting = True
        async with asyncio.timeout(None) as limit:

            def ring(_: asyncio.Future[None]) -> None:
                if waiting:
                    limit.reschedule(loop.time())

            alarm.add_done_callback(ring)
            if deadline_ns <= self._boottime:
                alarm.set_result(None)
            else:
                heapq.heappush(self._sleepers, (deadline_ns, next(self._order), alarm))
            try:
                return await awaitable
            finally:
                waiting = False
                alarm.cancel()

    async def advance(self, seconds: float) -> None:
        """Move time forward, waking who sleeps on the way."""
        end = self._boottime + round(seconds * 1e9)
        await self._settle()
        while self._sleepers and self._sleepers[0][0] <= end:
            due, _, future = heapq.heappop(self._sleepers)
            if future.done():
                continue
            self._boottime = max(due, self._boottime)
            future.set_result(None)
            await self._settle()
        self._boottime = end
        await self._settle()

    async def _settle(self) -> None:
        """Let woken tasks run until none is left that could run without time moving on."""
        ready = getattr(asyncio.get_running_loop(), "_ready", None)
        for _ in range(_SETTLE_ROUNDS if ready is None else _RESTLESS_ROUNDS):
            await asyncio.sleep(0)
            if ready is not None and not ready:
                return
        if ready is not None:
            raise RuntimeError("tasks run without ever waiting for time: virtual time cannot move on")

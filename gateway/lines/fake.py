r"""A line that follows a script: what a device says is a list, so that a test reads like a transcript of the
wire.

>>> import asyncio
>>> async def talk() -> bytes:
...     line = FakeLine([b"S S   12.50 kg\r\n", TIMEOUT, b"S S   12."])
...     await line.send(b"S\r\n")
...     return await line.receive(0)
>>> asyncio.run(talk())
b'S S   12.50 kg\r\n'

Items are taken one after another by `receive`. Once the script is over the line is silent, unless `respond`
answers what is sent or `feed` adds to it. With a clock, waiting takes (virtual) time; without one, silence is
told at once.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum

from gateway.ports import Clock, LineDown, LineSilent


class Cue(Enum):
    """What can happen on a line besides bytes."""

    TIMEOUT = "nothing comes until the deadline of one receive"
    DOWN = "the line breaks: the next send or receive, whichever is first, raises LineDown"


TIMEOUT, DOWN = Cue.TIMEOUT, Cue.DOWN


@dataclass(frozen=True, slots=True)
class Delay:
    """The next item comes that much later than it was waited for."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Stray:
    """Bytes that are there before anybody asked: `discard` throws them away, `receive` takes them for an
    answer.
    """

    data: bytes


Item = bytes | Cue | Delay | Stray
Respond = Callable[[bytes], Iterable[Item] | bytes | None]


class FakeLine:
    """A `gateway.ports.Line` on a script. `sent` is what was sent, one element a send of any bytes."""

    def __init__(
        self, script: Iterable[Item] = (), clock: Clock | None = None, *, respond: Respond | None = None
    ) -> None:
        self.sent: list[bytes] = []
        self.discarded = 0
        self.closed = 0
        self._items = deque(script)
        self._clock = clock
        self._respond = respond
        self._came = asyncio.Event()
        self._cut = False

    @property
    def left(self) -> int:
        """Items of the script not taken yet."""
        return len(self._items)

    def feed(self, *items: Item) -> None:
        """The device goes on to say this; wakes who is waiting."""
        self._items.extend(items)
        self._came.set()

    def cut(self) -> None:
        """Everything raises LineDown from now on, also a receive that waits."""
        self._cut = True
        self._came.set()

    def mend(self) -> None:
        """The line works again; what was under way is lost."""
        self._cut = False
        self._items.clear()

    async def send(self, data: bytes) -> None:
        if self._cut:
            raise LineDown("cut")
        if self._items and self._items[0] is DOWN:
            self._items.popleft()
            raise LineDown("scripted")
        if not data:  # only to open the line
            return
        self.sent.append(bytes(data))
        answer = self._respond(bytes(data)) if self._respond else None
        if answer is not None:
            self.feed(*([answer] if isinstance(answer, bytes) else answer))

    async def receive(self, deadline_ns: int) -> bytes:
        while True:
            if not self._items and not self._cut:
                await self._wait_for_items(deadline_ns)
            if self._cut:
                raise LineDown("cut")
            item = self._items.popleft()
            if isinstance(item, bytes):
                return item
            if isinstance(item, Stray):
                return item.data
            if isinstance(item, Delay):
                await self._delay(item, deadline_ns)
            elif item is DOWN:
                raise LineDown("scripted")
            else:
                if self._clock is not None:
                    await self._clock.sleep_until(deadline_ns)
                raise LineSilent("scripted")

    async def _wait_for_items(self, deadline_ns: int) -> None:
        self._came.clear()
        if self._clock is None:
            await _let_others_run()
        else:
            with contextlib.suppress(TimeoutError):
                await self._clock.within(self._came.wait(), deadline_ns)
        if not self._items and not self._cut:
            raise LineSilent("the script is over")

    async def _delay(self, delay: Delay, deadline_ns: int) -> None:
        if self._clock is None:
            return
        until = self._clock.boottime_ns() + round(delay.seconds * 1e9)
        if until <= deadline_ns:
            await self._clock.sleep_until(until)
            return
        try:
            await self._clock.sleep_until(deadline_ns)
        finally:  # what is left of the delay is for the next receive, also when this one was cancelled
            self._items.appendleft(Delay((until - self._clock.boottime_ns()) / 1e9))
        raise LineSilent("scripted")

    def discard(self) -> int:
        thrown = 0
        while self._items and isinstance(stray := self._items[0], Stray):
            self._items.popleft()
            thrown += len(stray.data)
        self.discarded += thrown
        return thrown

    async def close(self) -> None:
        self.closed += 1


async def _let_others_run() -> None:
    """One turn of the loop, so that a driver that retries at once cannot starve a test."""
    turn = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(turn.set_result, None)
    await turn

"""An asyncio loop whose time is a number: when nobody can run, it jumps to the next timer.

Rule 1: nothing from outside comes in; there is no file or socket that it waits for.  Rule 2: what asyncio would hand to
a thread runs at once, in this one.  Rule 3: where everybody waits for what never comes, it says so.
"""

from __future__ import annotations

import asyncio
import heapq
import math
import selectors
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from contextvars import Context
from itertools import count
from typing import Any, TypeVar, cast

T = TypeVar("T")
_RESOLUTION_S = 1e-9  # a float of seconds cannot tell two nanoseconds apart for ever
Connect = Callable[[asyncio.BaseProtocol, str, int], Awaitable[asyncio.Transport]]


class Stuck(RuntimeError):
    """Everybody waits, and no timer runs: virtual time cannot move on."""


class _Nowhere(selectors.BaseSelector):
    """Selects nothing: a loop wants one, and ours never asks it."""

    def __init__(self) -> None:
        self._keys: dict[Any, selectors.SelectorKey] = {}

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        key = fileobj if isinstance(fileobj, int) else fileobj.fileno()
        self._keys[key] = selectors.SelectorKey(fileobj, key, events, data)
        return self._keys[key]

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._keys.pop(fileobj if isinstance(fileobj, int) else fileobj.fileno())

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        del timeout
        return []

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._keys


class VirtualLoop(asyncio.SelectorEventLoop):
    """Time begins at `now_ns`. `connect` makes the far ends of `create_connection`."""

    _ready: deque[asyncio.Handle]  # asyncio's own: what is to run in this turn

    def __init__(self, now_ns: int = 0) -> None:
        self.now_ns = now_ns
        self.connect: Connect | None = None
        self._timers: list[tuple[float, int, asyncio.TimerHandle]] = []
        self._nth = count()
        super().__init__(_Nowhere())
        self.get_debug = bool  # type: ignore[method-assign] # asked with each handle: never, without a frame of Python

    def time(self) -> float:
        return self.now_ns / 1e9

    def call_at(  # type: ignore[override]
        self, when: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Of those of one instant the one that was asked for first is first."""
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        heapq.heappush(self._timers, (when, next(self._nth), handle))
        return handle

    def call_soon(  # type: ignore[override]
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        """As asyncio's own, without its questions: nobody debugs, and the loop is open."""
        handle = asyncio.Handle(callback, args, self, context)
        self._ready.append(handle)
        return handle

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """It is thrown away when its time has come."""

    def _run_once(self) -> None:
        """A turn as asyncio has it, without what a loop of real time has to ask of a kernel: half its cost."""
        timers, ready = self._timers, self._ready
        while timers and timers[0][2].cancelled():
            heapq.heappop(timers)
        if not ready:
            if not timers:
                raise Stuck("everybody waits for what never comes")
            self.now_ns = max(self.now_ns, math.ceil(timers[0][0] * 1e9))
        now = self.now_ns / 1e9 + _RESOLUTION_S
        if not ready:
            now = max(now, timers[0][0])  # whatever a float makes of it, the first one's time has come
        while timers and timers[0][0] <= now:
            ready.append(heapq.heappop(timers)[2])
        for _ in range(len(ready)):
            handle = ready.popleft()
            if not handle.cancelled():
                handle._run()  # noqa: SLF001 # as asyncio's own turn does

    def look(self, cost_ns: int) -> int:
        """The time, for somebody whose looking at it takes some: what runs long is late in virtual time too."""
        self.now_ns += cost_ns
        return self.now_ns

    def _write_to_self(self) -> None:
        """Nobody waits in a selector who would have to be woken."""

    def run_in_executor(  # type: ignore[override]
        self, executor: object, func: Callable[..., T], *args: Any
    ) -> asyncio.Future[T]:
        del executor
        future: asyncio.Future[T] = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 # handed on to whoever awaits it
            future.set_exception(error)
        return future

    async def create_connection(  # type: ignore[override]
        self, protocol_factory: Callable[[], asyncio.BaseProtocol], host: str, port: int, **_: Any
    ) -> tuple[asyncio.Transport, asyncio.BaseProtocol]:
        """A connection to something simulated."""
        if self.connect is None:
            raise ConnectionRefusedError(f"nothing listens at {host}:{port}")
        protocol = protocol_factory()
        return await self.connect(protocol, host, port), protocol


async def pause(seconds: float) -> None:
    """Wait, in a loop whose time is a number."""
    await asyncio.sleep(max(seconds, 0.0))  # noqa: TID251 # nobody moves that clock but the loop itself


def run(loop: VirtualLoop, main: Awaitable[T]) -> T:
    """Run it to its end and close the loop."""
    try:
        asyncio.set_event_loop(loop)
        return loop.run_until_complete(cast("asyncio.Future[T]", main))
    finally:
        asyncio.set_event_loop(None)
        loop.close()

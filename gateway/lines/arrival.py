"""A wait that ends at once: what asyncio calls future-like, without the detour over the loop's ready queue.

When bytes come, the waiting task runs on right inside the callback that brought them; an asyncio.Future would let it
run in the loop's next turn, which costs another system call. For one waiter at a time, again and again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from contextvars import Context
from typing import Any

Woken = Callable[["Arrival"], object]


class Arrival:
    """`reset`, then await it; `deliver` or `fail` ends the wait."""

    __slots__ = ("_asyncio_future_blocking", "_context", "_data", "_error", "_loop", "_woken", "waiting")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._asyncio_future_blocking = False  # the mark by which a Task knows what it may wait for
        self._loop = loop
        self._woken: Woken | None = None
        self._context: Context | None = None
        self._data = b""
        self._error: BaseException | None = None
        self.waiting = False

    def __await__(self) -> Generator[Any, None, bytes]:
        self.waiting = True
        self._error = None
        self._asyncio_future_blocking = True
        try:
            yield self
        finally:
            self.waiting = False
        return self._data

    def deliver(self, data: bytes) -> None:
        """Bytes came."""
        self._data = data
        self._end()

    def fail(self, error: BaseException) -> None:
        """They will not."""
        self._error = error
        self._end()

    def _end(self) -> None:
        self.waiting = False
        woken, self._woken = self._woken, None
        if woken is None:
            return
        if asyncio.current_task(self._loop) is None:
            (self._context.run(woken, self) if self._context else woken(self))
        else:  # one task cannot run inside another
            self._loop.call_soon(woken, self, context=self._context)

    # --- what a Task asks of a future -----------------------------------------------------------------------------

    def get_loop(self) -> asyncio.AbstractEventLoop:
        return self._loop

    def add_done_callback(self, woken: Woken, *, context: Context | None = None) -> None:
        self._woken, self._context = woken, context

    def remove_done_callback(self, woken: Woken) -> int:
        del woken
        self._woken = None
        return 1

    def cancel(self, msg: Any = None) -> bool:
        """The waiting task is cancelled; it learns so in the loop's next turn."""
        if self._woken is None:
            return False
        self._error = asyncio.CancelledError() if msg is None else asyncio.CancelledError(msg)
        woken, self._woken = self._woken, None
        self.waiting = False
        self._loop.call_soon(woken, self, context=self._context)
        return True

    def result(self) -> bytes:
        if self._error is not None:
            raise self._error
        return self._data

"""A wait that ends at once: what asyncio calls future-like, without the detour over the loop's ready queue.

When bytes come, the waiting task runs on right inside the callback that brought them; an asyncio.Future would let it
run in the loop's next turn, which costs another system call. For one waiter at a time, again and again.
"""

from __future__ import annotations

import asyncio
from asyncio import current_task
from collections.abc import Callable, Generator
from contextvars import Context
from typing import Any

Woken = Callable[["Arrival"], object]


class Arrival:
    """Await it for bytes; `deliver` or `fail` ends the wait, if somebody `waits`."""

    __slots__ = ("_asyncio_future_blocking", "_context", "_data", "_error", "_loop", "_woken")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._asyncio_future_blocking = False  # the mark by which a Task knows what it may wait for
        self._loop = loop
        self._woken: Woken | None = None
        self._context: Context | None = None
        self._data = b""
        self._error: BaseException | None = None

    @property
    def waits(self) -> bool:
        """Whether a task waits."""
        return self._woken is not None

    def __await__(self) -> Generator[Any, None, bytes]:
        self._asyncio_future_blocking = True
        yield self  # the task asks for `result` when it is woken, and throws here what that raises
        return self._data

    def deliver(self, data: bytes) -> bool:
        """Bytes came; False if nobody waits for them."""
        woken = self._woken
        if woken is None:
            return False
        self._woken = None
        self._data = data
        if current_task(self._loop) is None and self._context is not None:
            self._context.run(woken, self)
        else:  # one task cannot run inside another
            self._loop.call_soon(woken, self, context=self._context)
        return True

    def fail(self, error: BaseException) -> None:
        """They will not come; the waiting task learns it in the loop's next turn."""
        woken, self._woken = self._woken, None
        if woken is not None:
            self._error = error
            self._loop.call_soon(woken, self, context=self._context)

    # --- what a Task asks of a future -----------------------------------------------------------------------------

    def get_loop(self) -> asyncio.AbstractEventLoop:
        return self._loop

    def add_done_callback(self, woken: Woken, *, context: Context | None = None) -> None:
        self._woken, self._context = woken, context

    def cancel(self, msg: Any = None) -> bool:
        if self._woken is None:
            return False
        self.fail(asyncio.CancelledError() if msg is None else asyncio.CancelledError(msg))
        return True

    def result(self) -> None:
        """Raises what the wait failed with, once."""
        if self._error is not None:
            error, self._error = self._error, None
            raise error

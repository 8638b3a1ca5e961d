"""Threads that are none: jobs run one after another in the loop, each when its time has come.

A job takes as long as its disk does, so that others go on meanwhile and a death may come between.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
Job = Callable[[], None]


class Hand(Executor):
    """One after another. `takes` says for how many seconds the next job is at the disk."""

    def __init__(self, loop: asyncio.AbstractEventLoop, takes: Callable[[], float]) -> None:
        self._loop, self._takes = loop, takes
        self._jobs: deque[Job] = deque()
        self._free = 0.0
        self._dead = False

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future: Future[T] = Future()

        def work() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(fn(*args, **kwargs))
            except BaseException as error:  # noqa: BLE001 # as a thread pool does
                future.set_exception(error)

        if not self._dead:
            self._jobs.append(work)
            self._free = max(self._free, self._loop.time()) + self._takes()
            self._loop.call_at(self._free, self._next)
        return future

    def _next(self) -> None:
        if self._jobs:
            self._jobs.popleft()()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 # theirs
        """What was handed in is done now."""
        del wait, cancel_futures
        while self._jobs:
            self._next()

    def die(self) -> None:
        """What was handed in is never done."""
        self._dead = True
        self._jobs.clear()


class Hands:
    """Those of one process, by name."""

    def __init__(self, loop: asyncio.AbstractEventLoop, takes: Callable[[], float]) -> None:
        self._loop, self._takes = loop, takes
        self._made: list[Hand] = []

    def __call__(self, name: str) -> Executor:
        hand = Hand(self._loop, self._takes if "writer" in name else _at_once)
        self._made.append(hand)
        return hand

    def die(self) -> None:
        """The process is gone."""
        for hand in self._made:
            hand.die()


def _at_once() -> float:
    return 0.0

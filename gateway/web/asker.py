"""Questions to a data folder, from the loop to a thread and back."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, Protocol, TypeVar

from gateway.journal.errors import JournalError

WAITING_MOST = 8


class Overloaded(Exception):
    """Too many questions at once. Ask again in a second."""


class Opened(Protocol):
    """What is asked, once it is open."""

    def close(self) -> None:
        """Let go of the files."""


S = TypeVar("S", bound=Opened)
T = TypeVar("T")


class Asker(Generic[S]):
    """Opens the folder when the first question comes, and again after it could not be read. For one loop.

    `opening` is given what says whether to stop, for questions that take long.
    """

    def __init__(self, opening: Callable[[Callable[[], bool]], S], waiting_most: int = WAITING_MOST) -> None:
        self._opening, self._most = opening, waiting_most
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="web")  # a connection belongs to one thread
        self._stop = threading.Event()
        self._waiting = 0
        self._opened: S | None = None

    async def ask(self, question: Callable[[S], T]) -> T:
        """What the question gives. Raises what it raises, JournalError, Overloaded."""
        if self._waiting >= self._most or self._stop.is_set():
            raise Overloaded
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._run, question)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """End what runs, at its next step; waits for nothing."""
        if self._stop.is_set():
            return
        self._stop.set()
        self._threads.submit(self._let_go)
        self._threads.shutdown(wait=False)

    def _run(self, question: Callable[[S], T]) -> T:
        try:
            if self._opened is None:
                self._opened = self._opening(self._stop.is_set)
            return question(self._opened)
        except JournalError:
            self._let_go()
            raise

    def _let_go(self) -> None:
        if self._opened is not None:
            self._opened.close()
            self._opened = None

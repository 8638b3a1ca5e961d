"""How long one case took. A case that seems slow is done again: what counts is the processor's time, at its best."""

from __future__ import annotations

import time
from collections.abc import Callable

from benchmarks.reliability.row import Outcome
from benchmarks.reliability.running import pace

MS = 1_000_000
_TRIES = 5


class Watch:
    """Of one batch. `limit_ns` is of the machine of the budgets; within it there is nothing to look at."""

    def __init__(self, outcome: Outcome, limit_ns: int) -> None:
        self._outcome, self.limit_ns = outcome, limit_ns
        self._pace = 0.0

    def look(self, took_ns: int, what: str, again: Callable[[], object]) -> None:
        """A case took so long, by the clock or of the processor; `again` does it once more."""
        best, tries = took_ns, 0
        while best > self.limit_ns:
            if tries == _TRIES:
                break
            best, tries = min(best, self._timed(again)), tries + 1
        else:
            return
        self._pace = self._pace or pace()
        if best > self.limit_ns * self._pace:
            self._outcome.find(f"{best / MS:.2f} ms of CPU at best: {what}")

    def _timed(self, again: Callable[[], object]) -> int:
        began = time.thread_time_ns()
        again()
        return time.thread_time_ns() - began

"""How late the daemon's loop turns: the worst of the last minute."""

from __future__ import annotations

from collections import deque

from gateway.ports import Clock

EVERY_NS = 250_000_000
KEPT = 240  # a minute


class LoopLag:
    """`run` is a task of the daemon."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._late: deque[int] = deque(maxlen=KEPT)

    @property
    def worst_ns(self) -> int:
        """Of the last minute."""
        return max(self._late, default=0)

    async def run(self) -> None:
        """Until cancelled."""
        clock = self._clock
        while True:
            due = clock.boottime_ns() + EVERY_NS
            await clock.sleep_until(due)
            self._late.append(max(clock.boottime_ns() - due, 0))

"""Plant time out of the injected clock: the plant is brought up to now whenever somebody looks."""

from __future__ import annotations

import asyncio

from gateway.ports import Clock
from simulators.plant.line import Plant


class Pace:
    """`speed` plant seconds pass in a real one: from the start on, or from `begin` on if it `waits`."""

    def __init__(self, plant: Plant, clock: Clock, speed: float = 1.0, *, waits: bool = False) -> None:
        self._plant, self._clock, self.speed = plant, clock, speed
        self._start_ns, self._begun = clock.boottime_ns(), asyncio.Event()
        if not waits:
            self._begun.set()

    def begin(self) -> None:
        """Plant time begins to pass, if it does not yet."""
        if not self._begun.is_set():
            self._start_ns = self._clock.boottime_ns()
            self._begun.set()

    def __call__(self) -> int:
        """Plant time now, in nanoseconds; the plant has acted up to it."""
        if self._begun.is_set():
            passed = round((self._clock.boottime_ns() - self._start_ns) * self.speed)
            self._plant.advance_to(passed)
        return self._plant.time_ns

    def boottime_of(self, plant_ns: int) -> int:
        """When that plant time is on the clock."""
        return self._start_ns + round(plant_ns / self.speed)

    async def until(self, plant_ns: int) -> None:
        """Wait for that plant time."""
        await self._begun.wait()
        await self._clock.sleep_until(self.boottime_of(plant_ns))
        self()

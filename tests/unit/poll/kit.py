"""A bus of scripted units on the virtual clock."""

from __future__ import annotations

import asyncio

import numpy as np

from gateway.clock import VirtualClock
from gateway.layout import Field
from gateway.model import Noted, Quality, Reading
from gateway.poll import BusPoller
from gateway.site import Bus, Device, Group, Point

MS = 1_000_000


def device(name: str, *periods_ms: int, timeout_ms: int = 1000, bus: str = "line1") -> Device:
    """A unit with one group per period."""
    groups = tuple(
        Group(
            f"{name}/{period}",
            name,
            period * MS,
            (Point(f"p{period}", f"a/b/{name}/p{period}", Field("uint16")),),
            5_000 * MS,
        )
        for period in periods_ms
    )
    return Device(name, bus, "test", 1, "a/b/c", groups, timeout_ns=timeout_ms * MS)


class Wire:
    """A PollingDriver whose units answer, are silent, or say what `says` tells, on the clock of the test."""

    def __init__(self, clock: VirtualClock, took_ms: float = 5) -> None:
        self.clock = clock
        self.took_ns = round(took_ms * MS)
        self.dead: set[str] = set()
        self.down = False
        self.says: dict[str, tuple[Quality, float]] = {}  # quality and milliseconds, instead of an answer
        self.polls: list[tuple[str, int]] = []  # group, boottime
        self.probes: list[tuple[str, int, int]] = []  # device, boottime, timeout
        self.in_flight = 0
        self.most_in_flight = 0

    async def _take(self, took_ns: float) -> None:
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await self.clock.sleep_until(self.clock.boottime_ns() + round(took_ns))
        finally:
            self.in_flight -= 1

    trouble = "unplugged"

    async def poll(self, device: Device, group: Group) -> Reading:
        self.polls.append((group.id, self.clock.boottime_ns()))
        quality = Quality.GOOD
        if self.down:
            quality = Quality.LINE_DOWN
        elif device.name in self.says:
            quality, ms = self.says[device.name]
            await self._take(ms * MS)
        elif device.name in self.dead:
            await self._take(device.timeout_ns)
            quality = Quality.NO_ANSWER
        else:
            await self._take(self.took_ns)
        good = quality is Quality.GOOD
        return Reading(
            group.id,
            self.clock.now(),
            0,
            np.array([1.0 if good else np.nan]),
            np.array([quality], np.uint8),
            np.array([1 if good else 0], np.uint16),
        )

    async def probe(self, device: Device) -> bool:
        self.probes.append((device.name, self.clock.boottime_ns(), device.timeout_ns))
        there = device.name not in self.dead and not self.down
        await self._take(self.took_ns if there else device.timeout_ns)
        return there

    def cost_ns(self, device: Device, group: Group) -> int:  # noqa: ARG002
        return self.took_ns

    async def close(self) -> None: ...


class Rig:
    """A poller running on a Wire, and what it handed on."""

    def __init__(self, *devices: Device, took_ms: float = 5) -> None:
        self.clock = VirtualClock()
        self.wire = Wire(self.clock, took_ms)
        self.told: list[Reading | Noted] = []
        self.poller = BusPoller(
            Bus("line1", "modbus.rtu", "/dev/null"), devices, self.wire, self.clock, self.told.append
        )
        self.task: asyncio.Task[None] | None = None

    async def run(self, seconds: float) -> None:
        if self.task is None:
            self.task = asyncio.ensure_future(self.poller.run())
        await self.clock.advance(seconds)
        if self.task.done():
            self.task.result()

    def notes(self, kind: str) -> list[Noted]:
        return [each for each in self.told if isinstance(each, Noted) and each.kind == kind]

    def readings(self, group: str = "", quality: Quality | None = None) -> list[Reading]:
        return [
            each
            for each in self.told
            if isinstance(each, Reading)
            and each.group.startswith(group)
            and (quality is None or each.quality[0] == quality)
        ]

    def times_ms(self, group: str) -> list[float]:
        """When the group was polled, in milliseconds since the clock began, to the microsecond."""
        return [round((at - 1_000_000_000) / MS, 3) for name, at in self.wire.polls if name == group]

    def off_grid(self, group: str, last: int) -> list[float]:
        """How far the last polls of a group with a period of 100 ms were from its first one's grid."""
        times = self.times_ms(group)
        return [round((at - times[0] + 50) % 100 - 50, 3) for at in times[-last:]]

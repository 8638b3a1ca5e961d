"""A serial driver on a scripted line and the virtual clock."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from drivers import load_driver
from gateway.clock import VirtualClock
from gateway.layout import Field
from gateway.lines import FakeLine
from gateway.lines.fake import Item
from gateway.model import Noted, Plain, Reading, Scan
from gateway.site import Bus, Device, Group, Point, ScanPoint

MS = 1_000_000
S = 1_000 * MS


def mass(uom: str = "kg", *more: Point) -> tuple[Point, ...]:
    return (Point("mass", "a/b/c/mass", Field("float64"), uom=uom), *more)


class Desk:
    """One driver, its line and its clock."""

    def __init__(
        self,
        kind: str,
        *,
        options: dict[str, Plain] | None = None,
        points: tuple[Point, ...] = (),
        period_ns: int = 0,
        script: Iterable[Item] = (),
        respond: Callable[[bytes], Any] | None = None,
        scan_points: tuple[ScanPoint, ...] = (ScanPoint("gate", "a/b/c", "open", device="unit"),),
    ) -> None:
        self.clock = VirtualClock()
        self.line = FakeLine(script, self.clock, respond=respond)
        groups = (Group("unit/normal", "unit", period_ns, points, 5 * S),) if points else ()
        self.device = Device("unit", "bus", "test", 0, "a/b/c", groups, timeout_ns=300 * MS)
        self.bus = Bus("bus", kind, "/dev/ttyS9", options=options or {})
        self.driver: Any = load_driver(kind).build(
            bus=self.bus, devices=[self.device], line=self.line, clock=self.clock, scan_points=scan_points
        )
        self.heard: list[Any] = []
        self.task: asyncio.Task[None] | None = None

    async def run(self, awaitable: Awaitable[Any], seconds: float = 2) -> Any:
        task = asyncio.ensure_future(awaitable)
        for _ in range(round(seconds * 100)):
            if task.done():
                break
            await self.clock.advance(0.01)
        return await asyncio.wait_for(task, 0)

    async def poll(self) -> Reading:
        reading: Reading = await self.run(self.driver.poll(self.device, self.device.groups[0]))
        return reading

    async def listen(self, seconds: float = 0.1, *said: Item) -> list[Any]:
        """Let the device say this, and hear for so long what the driver makes of it."""
        before = len(self.heard)
        if self.task is None:
            self.task = asyncio.ensure_future(self._listen())
            await self.clock.advance(0)
        self.line.feed(*said)
        await self.clock.advance(seconds)
        if self.task.done():
            self.task.result()
        return self.heard[before:]

    async def _listen(self) -> None:
        async for told in self.driver.listen():
            self.heard.append(told)

    async def stop(self) -> None:
        if self.task is not None:
            self.task.cancel()
            await asyncio.wait({self.task})


def codes(heard: list[Any]) -> list[str]:
    return [told.code for told in heard if isinstance(told, Scan)]


def notes(heard: list[Any], kind: str = "") -> list[Noted]:
    return [told for told in heard if isinstance(told, Noted) and kind in ("", told.kind)]


def readings(heard: list[Any]) -> list[Reading]:
    return [told for told in heard if isinstance(told, Reading)]

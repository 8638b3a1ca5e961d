"""The bench on which any driver is held to its contract: a device, a scripted line, a virtual clock.

What a good exchange looks like comes from the driver's own docstring, lines of text with Python's escapes::

    point uom=kg                 what the example's one point is: type=, table=, address=, uom=
    -> SI\\r\\n                    what the driver sends
    <- S S     12.50 kg\\r\\n      what the device answers; of a device that talks by itself there is no ->
    == 12.5                      the value, or the code

or, for binary protocols whose questions differ from time to time, from `RESPONDERS`.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import Any

from drivers import driver_kinds, load_driver
from gateway.clock import VirtualClock
from gateway.layout import Field
from gateway.lines import FakeLine
from gateway.lines.fake import Item
from gateway.ports import PollingDriver, TalkingDriver
from gateway.site import Bus, Device, Group, Point, ScanPoint
from tests.contracts.modbus_unit import rtu_unit, tcp_unit

MS = 1_000_000
TIMEOUT_MS = 300


@dataclass(frozen=True)
class Example:
    """A good exchange."""

    point: Point
    answers: dict[bytes, bytes] = field(default_factory=dict)
    said: bytes = b""  # by a device that talks by itself
    result: str = ""
    respond: Callable[[bytes], list[Item] | bytes | None] | None = None


REGISTER = Point("level", "a/b/c/level", Field("uint16"), table="holding", address=3)

CYCLES = Point("cycles", "a/b/c/cycles", Field("uint16"), table="holding", address=16 * 256 + 3)
TOTALS = dict.fromkeys(range(4096, 4119), 0) | {
    4096: 2,
    4097: 4,
    4099: 4711,
}  # tenths of grams, four components

RESPONDERS: dict[str, Example] = {
    "modbus.tcp": Example(REGISTER, respond=tcp_unit({3: 4711}), result="4711"),
    "modbus.maguire_tcp": Example(
        CYCLES, respond=tcp_unit({**TOTALS, 49 * 256: 2, 49 * 256 + 1: 4}), result="4711"
    ),
    "modbus.rtu": Example(REGISTER, respond=rtu_unit({3: 4711}), result="4711"),
    "modbus.rtu_over_tcp": Example(REGISTER, respond=rtu_unit({3: 4711}), result="4711"),
}


def kinds(kind: str) -> list[str]:
    """Drivers of a kind, by name."""
    return [name for name, its in driver_kinds().items() if its == kind]


def example(name: str) -> Example:
    """A driver's good exchange. Fails with what to write where there is none."""
    if name in RESPONDERS:
        return RESPONDERS[name]
    doc = load_driver(name).__doc__ or ""
    lines = [line.strip() for line in doc.splitlines()]
    sends = [_bytes(line[3:]) for line in lines if line.startswith("-> ")]
    heard = [_bytes(line[3:]) for line in lines if line.startswith("<- ")]
    result = next((line[3:].strip() for line in lines if line.startswith("== ")), "")
    options = next((line[6:] for line in lines if line.startswith("point ")), "")
    assert heard, f"{name}: its docstring shows no example of what the device says: lines that begin with <-"
    assert result, f"{name}: its docstring does not say what the example means: a line that begins with =="
    if driver_kinds()[name] == "polling":
        assert len(sends) == len(heard), f"{name}: each -> of the docstring's example needs its <-"
        return Example(_point(options), answers=dict(zip(sends, heard, strict=True)), result=result)
    return Example(_point(options), said=b"".join(heard), result=result)


def _bytes(text: str) -> bytes:
    return text.encode("latin-1").decode("unicode_escape").encode("latin-1")


def _point(options: str) -> Point:
    given = dict(word.split("=", 1) for word in options.split())
    point = Point("level", "a/b/c/level", Field(given.get("type", "float64")))
    return replace(
        point, uom=given.get("uom", ""), table=given.get("table", ""), address=int(given.get("address", "0"))
    )


class Stand:
    """One driver on its line."""

    def __init__(self, name: str, *, good: bool = True) -> None:
        self.name = name
        self.module: ModuleType = load_driver(name)
        self.example = example(name)
        self.clock = VirtualClock()
        self.good = good  # whether the device answers as in the example
        self.garbage: Callable[[bytes], bytes] | None = None
        self.line = FakeLine(clock=self.clock, respond=self._respond)
        talks = self.module.KIND == "talking"
        reader = talks and not self.reads_values
        points = () if reader else (self.example.point,)
        groups = (
            (Group("unit/normal", "unit", 0 if talks else 100 * MS, points, 5_000 * MS),) if points else ()
        )
        self.device = Device("unit", "bus", "test", 1, "a/b/c", groups, timeout_ns=TIMEOUT_MS * MS)
        self.bus = Bus("bus", name, "/dev/ttyS9", baud=9600)
        self.scan_points = (ScanPoint("gate", "a/b/c", "open", device="unit"),) if reader else ()
        more: dict[str, Any] = {"scan_points": self.scan_points} if talks else {}
        self.driver: Any = self.module.build(
            bus=self.bus, devices=[self.device], line=self.line, clock=self.clock, **more
        )

    @property
    def reads_values(self) -> bool:
        """Whether the example means a number, not a code."""
        return re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", self.example.result) is not None

    @property
    def polling(self) -> PollingDriver:
        driver: PollingDriver = self.driver
        return driver

    @property
    def talking(self) -> TalkingDriver:
        driver: TalkingDriver = self.driver
        return driver

    @property
    def group(self) -> Group:
        return self.device.groups[0]

    def _respond(self, sent: bytes) -> list[Item] | bytes | None:
        if self.garbage is not None:
            return self.garbage(sent)
        if not self.good:
            return None
        if self.example.respond is not None:
            return self.example.respond(sent)
        return self.example.answers.get(sent)

    async def run(self, awaitable: Awaitable[Any], seconds: float = 5.0) -> Any:
        """What it gives, with time moving as far as it needs."""
        task = asyncio.ensure_future(awaitable)
        waited = 0.0
        while not task.done() and waited < seconds:
            await self.clock.advance(0.01)
            waited += 0.01
        assert task.done(), f"{self.name}: still waiting after {seconds} s"
        return task.result()

    async def poll(self, seconds: float = 5.0) -> Any:
        return await self.run(self.polling.poll(self.device, self.group), seconds)

    async def poll_until_good(self, polls: int = 40) -> Any:
        """Poll every 250 ms until a value is good: after a fault a driver may wait for late answers first."""
        for _ in range(polls):
            reading = await self.poll()
            if reading.quality[0] < 0x80:
                return reading
            await self.clock.advance(0.25)
        raise AssertionError(f"{self.name}: no good reading in {polls} polls")


class Listener:
    """Listens to a talking driver in the background and keeps what it says."""

    def __init__(self, stand: Stand) -> None:
        self.stand = stand
        self.heard: list[Any] = []
        self.task = asyncio.ensure_future(self._listen())

    async def _listen(self) -> None:
        async for told in self.stand.talking.listen():
            self.heard.append(told)

    async def advance(self, seconds: float) -> list[Any]:
        """What was said meanwhile."""
        before = len(self.heard)
        await self.stand.clock.advance(seconds)
        if self.task.done():
            self.task.result()
            raise AssertionError("listen() ended")
        return self.heard[before:]

    async def stop(self) -> None:
        self.task.cancel()
        await asyncio.wait({self.task})

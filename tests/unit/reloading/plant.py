"""Three buses of units that answer, on the virtual clock, with the fold, the pollers and the reloader of a daemon."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import numpy as np

from gateway.app_buses import Buses
from gateway.clock import VirtualClock
from gateway.fold import Fold
from gateway.layout import Field
from gateway.model import Block, Event, Input, Noted, NumberedEvent, NumberedInput, Quality, Reading
from gateway.pipeline import Pipeline
from gateway.ports import PollingDriver
from gateway.reloading import Reloader, Source
from gateway.site import AlarmLimit, Bus, Device, Group, Point, Site

MS = 1_000_000


def device(name: str, bus: str, *points: str, unit: int = 1, period_ms: int = 100) -> Device:
    rows = tuple(
        Point(point, f"a/l/{name}/{point}", Field("uint16"), "holding", at) for at, point in enumerate(points)
    )
    group = Group(f"{name}/fast", name, period_ms * MS, rows, 5_000 * MS)
    return Device(name, bus, "test", unit, f"a/l/{name}", (group,))


def bus(name: str, port: int) -> Bus:
    return Bus(name, "fake.tcp", f"127.0.0.1:{port}")


SITE = Site(
    "plant",
    "gw1",
    (bus("b1", 1), bus("b2", 2), bus("b3", 3)),
    (
        device("d1", "b1", "p", "q"),
        device("d2", "b2", "p", period_ms=50),
        device("d2b", "b2", "p", unit=2, period_ms=70),
        device("d3", "b3", "p"),
    ),
    alarm_limits=(AlarmLimit("a/l/d1/p", "H", 5.0, 0.5, "stop"),),
)


class Unbuildable(ValueError):
    """What a driver says of rows that it cannot take."""


class Driver:
    """Answers 7 to everything, after 2 ms."""

    trouble = ""

    def __init__(self, plant: Plant, bus: Bus) -> None:
        self._plant, self.bus, self.cut = plant, bus, False

    async def poll(self, device: Device, group: Group) -> Reading:  # noqa: ARG002 # the port
        clock = self._plant.clock
        self._plant.polls.append((self.bus.name, group.id, clock.boottime_ns()))
        self.cut = True  # until it is over
        await clock.sleep_until(clock.boottime_ns() + 2 * MS)
        self.cut = False
        many = len(group.points)
        quality = np.full(many, np.uint8(Quality.GOOD))
        return Reading(group.id, clock.now(), 0, np.full(many, 7.0), quality, np.full(many, 7, np.uint16))

    async def probe(self, device: Device) -> bool:  # noqa: ARG002
        return True

    def cost_ns(self, device: Device, group: Group) -> int:  # noqa: ARG002
        return 2 * MS

    async def close(self) -> None:
        assert not self.cut, f"{self.bus.name}: a poll was cut short"
        self._plant.closed.append(self.bus.name)


@dataclass
class Plant:
    """All of it; `files` are what the config process would read."""

    clock: VirtualClock = field(default_factory=VirtualClock)
    polls: list[tuple[str, str, int]] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    built: list[str] = field(default_factory=list)
    inputs: list[Input] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    used: list[Site] = field(default_factory=list)
    site: Site = SITE

    def __post_init__(self) -> None:
        self.fold = Fold(Pipeline(self.site))
        self.pollers: dict[str, Any] = {}
        outside = SimpleNamespace(line=lambda *_: None)
        self.buses = Buses(self.site, self.clock, self, None, outside, self.pollers, {})  # type: ignore[arg-type]
        use: Callable[[Site, str], None] = lambda site, _: self.used.append(site)  # noqa: E731
        self.reloader = Reloader(self.site, self.fold, self, self.clock, self.buses, None, [use])
        self.task = asyncio.ensure_future(self.buses.run())

    def module(self) -> SimpleNamespace:
        """In place of `drivers.load_driver`."""

        def build(*, bus: Bus, devices: list[Device], **_: object) -> PollingDriver:
            if any(device.unit > 247 for device in devices):
                raise Unbuildable("unit 300 is no unit")
            self.built.append(bus.name)
            return Driver(self, bus)

        return SimpleNamespace(KIND="polling", build=build)

    def take(self, given: Input) -> None:
        """As the recorder, with a disk that is done at once."""
        step = self.fold.take(given)
        if step.record is None:
            return
        self.inputs.append(step.record)
        self.events += step.events
        seq = len(self.inputs)
        told = tuple(NumberedEvent(at, seq, event) for at, event in enumerate(step.events))
        block = Block((NumberedInput(seq, step.record),), told)
        asyncio.get_running_loop().call_soon(self.reloader.committed, block)

    def note(self, event: Noted) -> None:
        self.events.append(event)

    async def run(self, seconds: float) -> None:
        await self.clock.advance(seconds)

    async def apply(self, site: Site) -> Any:
        """Put it in force; time goes on meanwhile, for a poll that is under way ends in time."""
        asked = asyncio.ensure_future(self.reloader.apply(site, "17"))
        while not asked.done():
            await asyncio.to_thread(lambda: None)
            await self.clock.advance(0.001)
        return asked.result()

    def kinds(self) -> list[str]:
        return [event.kind for event in self.events if isinstance(event, Noted)]

    def of(self, name: str) -> list[int]:
        """Instants of the polls of a group."""
        return [at for _, group, at in self.polls if group == name]


def with_device(site: Site, changed: Device) -> Site:
    return replace(
        site, devices=tuple(changed if each.name == changed.name else each for each in site.devices)
    )


__all__ = ["MS", "SITE", "Plant", "Source", "bus", "device", "with_device"]

"""The poller with the real drivers on a scripted line: what they say of silence and broken lines is understood."""

from __future__ import annotations

import asyncio

import pytest

from drivers import load_driver
from gateway.clock import VirtualClock
from gateway.layout import Field
from gateway.lines import Delay, FakeLine
from gateway.model import Noted, Quality, Reading
from gateway.poll import BusPoller
from gateway.site import Bus, Device, Group, Point
from tests.contracts.modbus_unit import rtu_unit, tcp_unit

MS = 1_000_000
UNIT_AT = {"modbus.rtu": 0, "modbus.rtu_over_tcp": 0, "modbus.tcp": 6}


class Line:
    """Two Modbus units on one bus, polled."""

    def __init__(self, kind: str) -> None:
        self.clock = VirtualClock()
        self.dead: set[int] = set()
        answer = (tcp_unit if kind == "modbus.tcp" else rtu_unit)({0: 7, 1: 8, 50: 9})

        def respond(sent: bytes):
            return None if sent[UNIT_AT[kind]] in self.dead else [Delay(0.015), answer(sent)]

        self.line = FakeLine(clock=self.clock, respond=respond)
        bus = Bus("line1", kind, "/dev/ttyS9", baud=19_200)
        self.devices = [self._device(unit) for unit in (1, 2)]
        self.told: list[Reading | Noted] = []
        driver = load_driver(kind).build(bus=bus, devices=self.devices, line=self.line, clock=self.clock)
        self.poller = BusPoller(bus, self.devices, driver, self.clock, self.told.append)
        self.task = asyncio.ensure_future(self.poller.run())

    @staticmethod
    def _device(unit: int) -> Device:
        name = f"unit{unit}"
        fast = tuple(Point(f"p{at}", f"a/b/{name}/p{at}", Field("uint16"), "holding", at) for at in (0, 1))
        slow = (Point("p50", f"a/b/{name}/p50", Field("uint16"), "holding", 50),)
        groups = (
            Group(f"{name}/fast", name, 100 * MS, fast, 5000 * MS),
            Group(f"{name}/slow", name, 1000 * MS, slow, 5000 * MS),
        )
        return Device(name, "line1", "test", unit, "a/b/c", groups, timeout_ns=400 * MS)

    async def run(self, seconds: float) -> list[Reading | Noted]:
        before = len(self.told)
        await self.clock.advance(seconds)
        if self.task.done():
            self.task.result()
        return self.told[before:]


def kinds(told: list[Reading | Noted]) -> list[str]:
    return [
        f"{each.kind} {each.subject}"
        for each in told
        if isinstance(each, Noted) and each.kind != "poll_overrun"
    ]


def good(told: list[Reading | Noted], group: str) -> int:
    return sum(isinstance(each, Reading) and each.group == group and not each.quality.any() for each in told)


@pytest.fixture(params=sorted(UNIT_AT))
async def bus(request):
    made = Line(request.param)
    yield made
    made.task.cancel()
    await asyncio.wait({made.task})


async def test_both_units_at_their_rates(bus):
    told = await bus.run(10)
    assert [good(told, f"unit{unit}/fast") for unit in (1, 2)] == [pytest.approx(100, abs=1)] * 2
    assert [good(told, f"unit{unit}/slow") for unit in (1, 2)] == [pytest.approx(10, abs=1)] * 2
    assert kinds(told) == []


async def test_a_unit_dies_and_comes_back(bus):
    await bus.run(5)
    bus.dead.add(2)
    told = await bus.run(30)
    assert kinds(told) == ["unit_dead unit2"]
    assert good(told, "unit1/fast") >= 0.95 * 300
    assert {int(quality) for each in told if isinstance(each, Reading) for quality in each.quality} == {
        Quality.GOOD,
        Quality.NO_ANSWER,
    }
    bus.dead.clear()
    told = await bus.run(10)
    assert kinds(told) == ["unit_alive unit2"]
    assert good(told, "unit2/fast") >= 50


async def test_a_line_breaks_and_comes_back(bus):
    await bus.run(5)
    bus.line.cut()
    told = await bus.run(10)
    assert kinds(told) == ["bus_down line1"]
    assert {
        each.group for each in told if isinstance(each, Reading) and each.quality[0] == Quality.LINE_DOWN
    } == {group.id for device in bus.devices for group in device.groups}
    bus.line.mend()
    told = await bus.run(5)
    assert kinds(told) == ["bus_up line1"]
    assert good(told, "unit1/fast") >= 35


async def test_all_units_silent_is_not_a_broken_line(bus):
    await bus.run(2)
    bus.dead |= {1, 2}
    told = await bus.run(20)
    assert sorted(kinds(told)) == ["unit_dead unit1", "unit_dead unit2"]
    bus.dead.clear()
    assert sorted(kinds(await bus.run(6))) == ["unit_alive unit1", "unit_alive unit2"]


async def test_after_a_power_dip_all_units_are_back_soon(bus):
    await bus.run(5)
    bus.dead |= {1, 2}
    await bus.run(3)
    bus.dead.clear()
    await bus.run(6)
    told = await bus.run(5)
    assert [good(told, f"unit{unit}/fast") for unit in (1, 2)] == [pytest.approx(50, abs=1)] * 2

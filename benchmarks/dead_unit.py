"""An RTU line with dead units: what it costs the living.

``python -m benchmarks.dead_unit``. The poller and the RTU driver are the real ones; the line is simulated at 19200 baud
on the virtual clock (wire time of question and answer, 5 ms of turnaround), so that the figures do not depend on this
machine. One unit is polled every 100 ms, the others as often and with timeouts of one second. The peer is the same
driver asked in turn without a budget.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from benchmarks._table import Row, machine, print_table
from drivers import load_driver
from gateway.clock import VirtualClock
from gateway.layout import Field
from gateway.lines import Delay, FakeLine
from gateway.lines.fake import Item
from gateway.model import Noted, Reading
from gateway.poll import BusPoller
from gateway.site import Bus, Device, Group, Point

BAUD = 19_200
CHAR_S = 11 / BAUD  # Modbus over Serial Line V1.02, 2.5.1: eleven bits a character
TURNAROUND_S = 0.005
PERIOD_NS = 100_000_000
WORDS = 10
SECONDS = 300


def crc16(data: bytes) -> bytes:
    """Modbus over Serial Line V1.02, 6.2.2."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ 0xA001 if crc & 1 else crc >> 1
    return struct.pack("<H", crc)


@dataclass
class Rig:
    """A line with unit 1 alive, the others as `dead` says, and what was read of unit 1."""

    units: int
    dead: set[int]
    clock: VirtualClock = field(default_factory=VirtualClock)
    good_ns: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.bus = Bus("line", "modbus.rtu", "/dev/ttyS9", baud=BAUD, parity="E")
        self.line = FakeLine(clock=self.clock, respond=self._respond)
        self.devices = [self._device(unit) for unit in range(1, self.units + 1)]
        driver = load_driver("modbus.rtu")
        self.driver = driver.build(bus=self.bus, devices=self.devices, line=self.line, clock=self.clock)

    @staticmethod
    def _device(unit: int) -> Device:
        points = tuple(
            Point(f"p{address}", f"a/l/c/u{unit}p{address}", Field("uint16"), "holding", address)
            for address in range(WORDS)
        )
        name = f"unit{unit}"
        group = Group(f"{name}/fast", name, PERIOD_NS, points, 10 * PERIOD_NS)
        return Device(name, "line", "test", unit, "a/l/c", (group,), timeout_ns=1_000_000_000)

    def _respond(self, frame: bytes) -> list[Item] | None:
        unit, function, _, count = struct.unpack(">BBHH", frame[:6])
        if unit in self.dead:
            return None
        body = bytes([unit, function, 2 * count]) + bytes(2 * count)
        answer = body + crc16(body)
        return [Delay((len(frame) + len(answer)) * CHAR_S + TURNAROUND_S), answer]

    def take(self, told: Reading | Noted) -> None:
        """Keep when unit 1 gave values."""
        if isinstance(told, Reading) and told.group == "unit1/fast" and told.quality[0] < 0x80:
            self.good_ns.append(told.at.boottime_ns)

    async def polled(self, seconds: float) -> None:
        """With the poller."""
        poller = BusPoller(self.bus, self.devices, self.driver, self.clock, self.take)
        await self._run(poller.run, seconds)

    async def in_turn(self, seconds: float) -> None:
        """One unit after another, each when it is due, as a plain loop does it."""

        async def loop() -> None:
            due_ns = self.clock.boottime_ns()
            while True:
                for device in self.devices:
                    self.take(await self.driver.poll(device, device.groups[0]))
                due_ns = max(due_ns + PERIOD_NS, self.clock.boottime_ns())
                await self.clock.sleep_until(due_ns)

        await self._run(loop, seconds)

    async def _run(self, what: Callable[[], Coroutine[Any, Any, None]], seconds: float) -> None:
        task = asyncio.ensure_future(what())
        await self.clock.advance(seconds)
        task.cancel()
        await asyncio.wait({task})

    def period(self, after_s: float = 0) -> float:
        """Mean period of unit 1 as a multiple of the nominal one."""
        begin_ns = 1_000_000_000 + round(after_s * 1e9)
        times = [at for at in self.good_ns if at >= begin_ns]
        return (times[-1] - times[0]) / (len(times) - 1) / PERIOD_NS

    def worst_s(self) -> float:
        """Longest time without a value of unit 1."""
        return max(b - a for a, b in pairwise(self.good_ns)) / 1e9


async def main() -> None:
    """Print the rows."""
    rows = []
    for units, dead in ((2, {2}), (5, {2, 3, 4, 5})):
        naive, ours = Rig(units, dead), Rig(units, dead)
        await naive.in_turn(60)
        await ours.polled(SECONDS)
        rows.append(
            Row(
                f"RTU line, {len(dead)} of {units} units dead from the start: live unit's period",
                f"asked in turn: x {naive.period():.1f}; ThingsBoard Gateway x 4",
                "<= x 1.05",
                f"x {ours.period():.3f}",
                reached=ours.period() <= 1.05,
            )
        )
    dies = Rig(2, set())
    task = asyncio.ensure_future(dies.polled(SECONDS))
    for step in range(3):  # `polled` moves the clock; the unit dies and comes back on it
        await dies.clock.sleep_until(1_000_000_000 + step * 60_000_000_000 + 60_000_000_000)
        dies.dead ^= {2}
    await task
    rows.append(
        Row(
            "the same, a unit dies twice and comes back once",
            "",
            "<= x 1.05",
            f"x {dies.period():.3f}, longest gap {dies.worst_s():.2f} s",
            reached=dies.period() <= 1.05,
        )
    )
    print_table(rows)
    print(machine())


if __name__ == "__main__":
    asyncio.run(main())

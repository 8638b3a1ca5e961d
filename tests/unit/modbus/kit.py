"""Devices of a few points, and a unit that answers by hand-made bytes."""

from __future__ import annotations

import asyncio
import struct

from drivers.modbus import rtu, tcp
from drivers.modbus.crc import crc16
from gateway.layout import Field
from gateway.lines.fake import FakeLine
from gateway.site import Bus, Device, Group, Point

SECOND = 1_000_000_000


def point(address, kind="uint16", table="holding", name="", **more):
    """A point; keywords of Field and of Point."""
    of_field = {key: more.pop(key) for key in ("scale", "bias", "mask", "order", "words") if key in more}
    name = name or f"{table}{address}"
    return Point(name, f"a/b/c/{name}", Field(kind, **of_field), table, address, **more)


def device(*points, unit=1, groups=None, **more):
    """A device with one group "fast", or with some."""
    groups = groups or {"fast": points}
    made = tuple(
        Group(f"d{unit}/{name}", f"d{unit}", SECOND // 10, tuple(members), SECOND)
        for name, members in groups.items()
    )
    return Device(f"d{unit}", "bus", "any", unit, "a/b/c", made, timeout_ns=SECOND, **more)


class Unit:
    """Answers reads out of `tables[function][address]`; what is missing is exception 2. Keeps what it was asked."""

    def __init__(self, tables, *, rtu_frames=False, unit=1):
        self.tables, self.rtu, self.unit = tables, rtu_frames, unit
        self.asked = []
        self.instead = {}  # number of the question: what to do instead

    def __call__(self, data):
        body = data[:-2] if self.rtu else data[6:]
        unit, function, address, count = struct.unpack(">BBHH", body)
        number = len(self.asked)
        self.asked.append((function, address, count))
        if number in self.instead:
            return self.instead[number]
        if unit != self.unit:
            return None
        return self.wrap(data, self.pdu(function, address, count))

    def pdu(self, function, address, count):
        table = self.tables.get(function, {})
        places = range(address, address + count)
        if any(place not in table for place in places):
            return bytes((function | 0x80, 2))
        words = [table[place] for place in places]
        if function <= 2:
            packed = sum(bool(word) << place for place, word in enumerate(words))
            return bytes((function, (count + 7) // 8)) + packed.to_bytes((count + 7) // 8, "little")
        return bytes((function, 2 * count)) + struct.pack(f">{count}H", *words)

    def wrap(self, request, pdu):
        body = bytes((self.unit,)) + pdu
        return body + crc16(body) if self.rtu else request[:4] + struct.pack(">H", len(body)) + body


def session(unit, clock, *devices, respond=None, **of_bus):
    """The driver over a fake line to the unit, and the line."""
    line = FakeLine(clock=clock, respond=respond or unit)
    kind = "rtu" if unit.rtu else "tcp"
    bus = Bus("bus", f"modbus.{kind}", "fake", **of_bus)
    driver = (rtu if unit.rtu else tcp).build(bus=bus, devices=devices, line=line, clock=clock)
    return driver, line


async def drive(coroutine, clock):
    """What the coroutine gives; virtual time moves on until it does, in growing steps."""
    task = asyncio.ensure_future(coroutine)
    step = 0.0
    for _ in range(40):
        await clock.advance(step)
        if task.done():
            return await task
        step = max(2 * step, 0.001)
    task.cancel()
    raise AssertionError("not done in weeks of virtual time")

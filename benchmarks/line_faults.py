"""Wrong (tag, value) pairs after line faults: python -m benchmarks.line_faults [FAULTS]

100,000 faults on a simulated line with self-describing registers (`_faulty_line.py`), half of the answers faulty; every
value the driver calls good is checked against the question it was read by. Beside it what pymodbus's RTU client gives
to the question after a late answer.
"""

from __future__ import annotations

import asyncio
import logging
import struct
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from benchmarks._faulty_line import TIMEOUT_NS, FaultyLine, StepClock, crc, word
from benchmarks._table import Row, machine, print_table
from drivers.modbus import rtu, tcp
from gateway.layout import Field
from gateway.site import Bus, Device, Group, Point

FAULTS = 100_000
SLOW_SECONDS = 0.25  # how late the answer to pymodbus comes; its timeout is 0.1


@dataclass
class Outcome:
    """What a run gave."""

    faults: Counter[str] = field(default_factory=Counter)
    good: int = 0  # values called good
    bad: int = 0
    wrong: int = 0  # good ones that are not what the question in hand was answered with
    polls: int = 0


def devices() -> list[Device]:
    """Three units; blocks of one length and of others, bits, one register alone, two blocks by a hole."""
    made = []
    for unit in (1, 2, 3):
        places = {
            "same": [("holding", address) for address in range(100, 104)],
            "twin": [("holding", address) for address in range(200, 204)],
            "hole": [("input", address) for address in (0, 1, 400, 401)],
            "single": [("holding", 7)],
            "bits": [("coil", address) for address in range(20, 33)],
        }
        groups = tuple(
            Group(
                f"d{unit}/{name}",
                f"d{unit}",
                100_000_000,
                tuple(
                    Point(f"{table}{address}", f"c/{unit}/{table}{address}", _field(table), table, address)
                    for table, address in rows
                ),
                1_000_000_000,
            )
            for name, rows in places.items()
        )
        made.append(Device(f"d{unit}", "bus", "any", unit, "a/b/c", groups, timeout_ns=TIMEOUT_NS))
    return made


def _field(table: str) -> Field:
    return Field("bit") if table == "coil" else Field("uint16")


async def play(faults: int, seed: int, *, driver: str, echo: bool = False, rate: float = 0.5) -> Outcome:
    """Poll until that many faults happened, and check every good value."""
    clock = StepClock()
    line = FaultyLine(clock, seed, rtu=driver == "rtu", rate=rate, echo=echo)
    bus = Bus("bus", f"modbus.{driver}", "simulated", baud=19_200)
    units = devices()
    session = (rtu if driver == "rtu" else tcp).build(bus=bus, devices=units, line=line, clock=clock)
    outcome = Outcome(line.faults)
    pairs = [(device, group) for device in units for group in device.groups]
    while line.faults.total() < faults:
        device, group = line.random.choice(pairs)
        first = len(line.asked)
        reading = await session.poll(device, group)
        outcome.polls += 1
        good = np.flatnonzero(reading.quality == 0)
        outcome.good += len(good)
        outcome.bad += len(group.points) - len(good)
        for index in good:
            if not _true(line, first, device, group.points[index], int(reading.raw[index])):
                outcome.wrong += 1
        clock.ns += line.random.randrange(0, 30_000_000)
    return outcome


def _true(line: FaultyLine, first: int, device: Device, point: Point, value: int) -> bool:
    """Whether a question of this poll asked for the point and its unit gave this value in answer to it."""
    function = {"coil": 1, "holding": 3, "input": 4}[point.table]
    for asked in line.asked[first:]:
        if (asked.unit, asked.function) != (device.unit, function):
            continue
        if asked.address <= point.address < asked.address + asked.count:
            told = word(asked.unit, function, point.address, asked.number)
            if value == (told & 1 if function == 1 else told):
                return True
    return False


async def pymodbus_after_a_late_answer(times: int = 4) -> int:
    """How often pymodbus's RTU client gives the next question the late answer of the one before."""
    from pymodbus.client import AsyncModbusTcpClient  # noqa: PLC0415
    from pymodbus.exceptions import ModbusException  # noqa: PLC0415
    from pymodbus.framer import FramerType  # noqa: PLC0415

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        slow = True
        while request := await _read(reader):
            address, count = struct.unpack(">HH", request[2:6])
            body = (
                request[:2]
                + bytes((2 * count,))
                + struct.pack(f">{count}H", *range(address, address + count))
            )
            if slow:  # answers in order, the first one late
                await asyncio.sleep(SLOW_SECONDS)
            slow = False
            writer.write(body + crc(body))

    logging.getLogger("pymodbus").setLevel(logging.CRITICAL)
    wrong = 0
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    for _ in range(times):
        client = AsyncModbusTcpClient("127.0.0.1", port=port, framer=FramerType.RTU, timeout=0.1, retries=0)
        await client.connect()
        try:
            await client.read_holding_registers(100, count=2, device_id=1)
        except ModbusException:
            await asyncio.sleep(SLOW_SECONDS - 0.12)
        try:
            answer = await client.read_holding_registers(200, count=2, device_id=1)
            wrong += answer.registers != [200, 201]
        except ModbusException:
            pass
        client.close()
    server.close()
    return wrong


async def _read(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read(8)
    except asyncio.CancelledError:  # the loop is closing
        return b""


def run(data: Path | None = None, faults: int = FAULTS) -> list[Row]:
    """The rows of this figure."""
    del data
    late = asyncio.run(pymodbus_after_a_late_answer())
    rows = []
    for driver, echo, share in (("rtu", False, 0.5), ("rtu", True, 0.2), ("tcp", False, 0.3)):
        done = asyncio.run(play(round(faults * share), 1, driver=driver, echo=echo))
        what = f"{done.faults.total()} faults, {driver}{' with echo' if echo else ''}: wrong pairs"
        text = f"{done.wrong} wrong, {done.good} good, {done.bad} bad"
        peer = f"pymodbus: {late} of 4 wrong after a late answer" if driver == "rtu" else ""
        rows.append(Row(what, peer, "0", text, reached=done.wrong == 0))
    return rows


def main() -> None:
    print(machine())
    print_table(run(faults=int(sys.argv[1]) if len(sys.argv) > 1 else FAULTS))


if __name__ == "__main__":
    main()

"""Our driver against pymodbus's server over sockets, and our bytes against libmodbus's, asked on the wire."""

from __future__ import annotations

import asyncio
import ctypes
import os
import struct
import subprocess
import sys
import termios
import tty
from pathlib import Path

import pytest
from pymodbus.framer import FramerType
from pymodbus.pdu.device import ModbusDeviceIdentification
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from drivers.modbus import rtu, rtu_over_tcp, tcp
from drivers.modbus.mbap import MbapTalk
from drivers.modbus.pdu import Bits, Read, Registers
from drivers.modbus.question import Question
from drivers.modbus.rtu_talk import RtuTalk
from gateway.clock import SystemClock
from gateway.layout import Field
from gateway.lines import open_line
from gateway.lines.tcp import TcpLine
from gateway.model import Quality
from gateway.site import Bus, Device, Group, Point
from tests.system.servers import free_port
from tests.unit.modbus.kit import Unit

ASKED = [(1, 19, 19), (2, 196, 22), (3, 107, 3), (4, 8, 1), (3, 0, 125), (1, 0, 1)]


def made(port, kind):
    """A device of every table, with one register nobody has."""
    rows = [
        ("holding", 0, Field("float32")),
        ("holding", 2, Field("uint16", scale="0.1")),
        ("holding", 3, Field("int32", order="CDAB")),
        ("holding", 5, Field("string", words=3)),
        ("input", 0, Field("int16")),
        ("coil", 0, Field("bit")),
        ("coil", 9, Field("bit")),
        ("discrete", 1, Field("bit")),
        ("holding", 500, Field("uint16")),
    ]
    points = tuple(Point(f"{table}{at}", f"a/b/c/{table}{at}", field, table, at) for table, at, field in rows)
    group = Group("d/fast", "d", 100_000_000, points, 1_000_000_000)
    device = Device("d", "bus", "any", 7, "a/b/c", (group,), timeout_ns=120_000_000_000)
    clock = SystemClock()
    driver = {"tcp": tcp, "rtu_over_tcp": rtu_over_tcp}[kind].build(
        bus=Bus("bus", f"modbus.{kind}", f"127.0.0.1:{port}", baud=115_200),
        devices=[device],
        line=TcpLine("127.0.0.1", port, clock),
        clock=clock,
    )
    return driver, device, group


def words_of(*parts):
    data = b"".join(parts)
    return list(struct.unpack(f">{len(data) // 2}H", data))


HOLDING = words_of(struct.pack(">f", 12.5), struct.pack(">H", 235), bytes.fromhex("fffeffff"), b"ABCDE\0")
BITS = [n in {0, 9, 12} for n in range(16)]


@pytest.mark.parametrize(("kind", "framer"), [("tcp", FramerType.SOCKET), ("rtu_over_tcp", FramerType.RTU)])
async def test_every_table_of_pymodbus_server(kind, framer):
    port = free_port()
    data = (
        [SimData(0, values=BITS, datatype=DataType.BITS)],
        [SimData(0, values=[not bit for bit in BITS], datatype=DataType.BITS)],
        [SimData(0, values=HOLDING, datatype=DataType.REGISTERS)],
        [SimData(0, values=[0xFFFB], datatype=DataType.REGISTERS)],
    )
    identity = ModbusDeviceIdentification(info={0: "Acme", 1: "BD-200", 2: "2.1"})
    server = ModbusTcpServer(
        SimDevice(7, data, identity=identity), framer=framer, identity=identity, address=("127.0.0.1", port)
    )
    await server.serve_forever(background=True)
    driver, device, group = made(port, kind)
    try:
        for _ in range(3):
            reading = await driver.poll(device, group)
            assert reading.values[[0, 1, 2, 4, 5, 6]].tolist() == [12.5, 23.5, -2.0, -5.0, 1.0, 1.0]
            assert reading.values[7] == 1.0
            assert reading.quality.tolist() == [0] * 8 + [Quality.REFUSED]
            assert group.layout().typed(reading.raw[None, :])[3].tolist() == ["ABCDE"]
        assert await driver.probe(device)
        told = await driver.identify(device)
        assert told.objects == {0: b"Acme", 1: b"BD-200", 2: b"2.1"}
        assert told.server_id
    finally:
        await driver.close()
        await server.shutdown()


async def test_a_serial_port_of_the_machine():
    """RTU by pyserial on a pty, one register refused; the unit on the other end answers by hand-made bytes."""
    here, there = os.openpty()
    tty.setraw(here, termios.TCSANOW)
    unit = Unit({3: {n: 100 + n for n in range(40) if n != 17}}, rtu_frames=True, unit=7)

    def answer():
        request = os.read(here, 300)
        os.write(here, unit(request))

    asyncio.get_running_loop().add_reader(here, answer)
    points = tuple(Point(f"p{n}", f"a/b/c/p{n}", Field("uint16"), "holding", n) for n in range(40))
    group = Group("d/fast", "d", 100_000_000, points, 1_000_000_000)
    device = Device("d", "bus", "any", 7, "a/b/c", (group,), timeout_ns=120_000_000_000)
    bus, clock = Bus("bus", "modbus.rtu", os.ttyname(there), baud=115_200), SystemClock()
    driver = rtu.build(bus=bus, devices=[device], line=open_line(bus, clock), clock=clock)
    try:
        for _ in range(3):
            reading = await driver.poll(device, group)
            assert reading.quality.tolist() == [Quality.REFUSED if n == 17 else 0 for n in range(40)]
            assert reading.values[39] == 139.0
        assert unit.asked[-2:] == [(3, 0, 17), (3, 18, 22)]
        assert await driver.probe(device)
    finally:
        await driver.close()
        asyncio.get_running_loop().remove_reader(here)
        os.close(here)
        os.close(there)


@pytest.fixture(scope="module")
def libmodbus() -> list[str]:
    """The words that start a client of libmodbus, which asks one question."""
    try:
        ctypes.CDLL("libmodbus.so.5")
    except OSError:
        pytest.skip("no libmodbus on this machine: .ci/debian.sh brings it with mbpoll")
    return [sys.executable, str(Path(__file__).with_name("libmodbus_ask.py"))]


def words_in(answer):
    assert isinstance(answer, (Registers, Bits))
    return answer.words.tolist()


def pdu_of(function, count):
    """A hand-made answer: words 1, 2, 3, ... or every third bit."""
    if function <= 2:
        packed = sum(1 << place for place in range(0, count, 3))
        data = packed.to_bytes((count + 7) // 8, "little")
    else:
        data = struct.pack(f">{count}H", *range(1, count + 1))
    return bytes((function, len(data))) + data


@pytest.mark.parametrize(("function", "address", "count"), ASKED)
async def test_libmodbus_asks_with_the_same_bytes_and_reads_the_same_answer(
    libmodbus, function, address, count
):
    question = Question(7, Read(function, address, count))
    talk = MbapTalk()
    ours, answers = talk.begin(question), []

    async def record(reader, writer):
        request = await reader.readexactly(12)
        answers.append(request)
        pdu = pdu_of(function, count)
        writer.write(request[:4] + struct.pack(">HB", len(pdu) + 1, 7) + pdu)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(record, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    command = [*libmodbus, "tcp", str(port), str(function), str(address), str(count)]
    async with asyncio.timeout(180):
        process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
        told, _ = await process.communicate()
    server.close()
    assert process.returncode == 0
    assert answers[0][2:] == ours[2:]
    pdu = pdu_of(function, count)
    frame = ours[:4] + struct.pack(">HB", len(pdu) + 1, 7) + pdu
    assert words_in(talk.feed(frame)) == [int(line) for line in told.split()]


@pytest.mark.parametrize(("function", "address", "count"), ASKED)
def test_libmodbus_sends_the_same_serial_frame(libmodbus, function, address, count):
    """On a pty: the request as libmodbus frames it, CRC included."""
    here, there = os.openpty()
    tty.setraw(here, termios.TCSANOW)
    command = [*libmodbus, "rtu", os.ttyname(there), str(function), str(address), str(count)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        request = b""
        while len(request) < 8:
            request += os.read(here, 8 - len(request))
    finally:
        process.kill()
        process.wait()
        os.close(here)
        os.close(there)
    assert request == RtuTalk().begin(Question(7, Read(function, address, count)))

"""Load: many Modbus TCP units with many registers that all change every 100 ms, on little CPU and without pymodbus.

Every register says who it is and when: `word_of(unit, address, sequence)`. Register 0 is the sequence itself, register
1 counts the unit's answers, both modulo 65536.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import struct
from pathlib import Path
from typing import Protocol, cast

from gateway.ports import Clock
from simulators.writesite import SiteText, write_site

CHANGE_NS = 100_000_000
_READS = (3, 4)  # Modbus Application Protocol V1.1b3, 6.3 and 6.4
_HEAD = struct.Struct(">HHHB")


def word_of(unit: int, address: int, sequence: int) -> int:
    """What register `address` of a unit holds in that tenth of a second; addresses 0 and 1 are told above."""
    return (unit * 257 + address * 31 + sequence) & 0xFFFF


class Units:
    """The registers of units 1..n, made when asked for and kept until they change."""

    def __init__(self, registers: int, clock: Clock) -> None:
        self.registers = registers
        self._clock = clock
        self._start_ns = clock.boottime_ns()
        self._kept: dict[int, tuple[int, bytes]] = {}
        self.answers: dict[int, int] = {}

    def sequence(self) -> int:
        return (self._clock.boottime_ns() - self._start_ns) // CHANGE_NS

    def read(self, unit: int, address: int, count: int) -> bytes:
        """The words as bytes; the answer is counted."""
        sequence = self.sequence()
        kept = self._kept.get(unit)
        if kept is None or kept[0] != sequence:
            words = (word_of(unit, place, sequence) for place in range(self.registers))
            kept = (sequence, struct.pack(f">{self.registers}H", *words))
            self._kept[unit] = kept
        self.answers[unit] = self.answers.get(unit, 0) + 1
        data = kept[1]
        if address < 2:
            data = struct.pack(">HH", sequence & 0xFFFF, self.answers[unit] & 0xFFFF) + data[4:]
        return data[2 * address : 2 * (address + count)]


class Registers(Protocol):
    """What a port serves."""

    registers: int  # of each unit

    def read(self, unit: int, address: int, count: int) -> bytes:
        """The words as bytes."""


class LoadPort(asyncio.Protocol):
    """One connection: any number of requests in any cut of bytes."""

    def __init__(self, units: Registers, numbers: range) -> None:
        self._units, self._numbers = units, numbers
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer + data if self._buffer else data
        answers = []
        while len(buffer) >= 8:
            transaction, protocol, length, unit = _HEAD.unpack_from(buffer)
            if protocol != 0 or not 2 <= length <= 254:
                self._close()
                return
            if len(buffer) < 6 + length:
                break
            answers.append(self._answer(transaction, unit, buffer[7 : 6 + length]))
            buffer = buffer[6 + length :]
        self._buffer = buffer
        if answers and self._transport is not None:
            self._transport.write(b"".join(answers))

    def _answer(self, transaction: int, unit: int, pdu: bytes) -> bytes:
        function = pdu[0]
        if unit not in self._numbers:
            return _frame(transaction, unit, bytes([function | 0x80, 11]))
        if function not in _READS or len(pdu) != 5:
            return _frame(transaction, unit, bytes([function | 0x80, 1]))
        address, count = struct.unpack_from(">HH", pdu, 1)
        if not 1 <= count <= 125:
            return _frame(transaction, unit, bytes([function | 0x80, 3]))
        if address + count > self._units.registers:
            return _frame(transaction, unit, bytes([function | 0x80, 2]))
        return _frame(
            transaction, unit, bytes([function, 2 * count]) + self._units.read(unit, address, count)
        )

    def _close(self) -> None:
        if self._transport is not None:
            self._transport.close()


def _frame(transaction: int, unit: int, pdu: bytes) -> bytes:
    return _HEAD.pack(transaction, 0, len(pdu) + 1, unit) + pdu


async def listen(units: Units, numbers: range, port: int) -> asyncio.Server:
    """Serve those units on a loopback port; 0 takes a free one."""
    loop = asyncio.get_running_loop()
    return await loop.create_server(lambda: LoadPort(units, numbers), "127.0.0.1", port)


async def run_load(
    devices: int, registers: int, port: int, folder: Path | None, clock: Clock, *, separate: bool
) -> None:
    """Serve until SIGTERM or SIGINT; ports are printed as one JSON object first."""
    units = Units(registers, clock)
    parts = [range(unit, unit + 1) for unit in range(1, devices + 1)] if separate else [range(1, devices + 1)]
    servers = [await listen(units, numbers, port and port + place) for place, numbers in enumerate(parts)]
    ports = [server.sockets[0].getsockname()[1] for server in servers]
    if folder is not None:
        write_site(folder, load_site(registers, dict(zip(ports, parts, strict=True))))
    print(json.dumps({"ports": ports, "devices": devices, "registers": registers}), flush=True)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()
    for server in servers:
        server.close()
        with contextlib.suppress(asyncio.CancelledError):
            await server.wait_closed()


def load_site(registers: int, ports: dict[int, range]) -> SiteText:
    """A site that reads every register of every unit each 100 ms."""
    site = SiteText("load", "load_unit", "100ms")
    for address in range(registers):
        site.point(f"r{address:05d}", address, "uint16")
    for port, numbers in ports.items():
        site.bus(f"port{port}", f"127.0.0.1:{port}", [(f"unit{unit}", unit) for unit in numbers])
    return site

"""Serial ports that go wrong, on real pseudo-terminals: what came last is read again within two polls.

Port, termios and driver are the real ones; time is virtual and moves only when no byte is under way in the kernel, so
that a run says the same on a machine that stalls. Faults, one after another with some good polls between: the port is
pulled out and put in again, the device answers at another baud rate, with half a frame, after noise, or not at all, it
says something before it is asked (a whole old answer, or half of one), or the line begins to echo. Every value that is
good has to be that of the question.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import pty
import random
import struct
import tempfile
import tty
from pathlib import Path
from typing import Any

from benchmarks.reliability.inputs.modbus import crc
from benchmarks.reliability.row import Outcome, Row, dice
from drivers import load_driver
from gateway.clock import VirtualClock
from gateway.layout import Field
from gateway.lines import SerialLine
from gateway.model import BAD_FROM, Reading
from gateway.site import Bus, Device, Group, Point

MS, S = 1_000_000, 1_000_000_000
PERIOD_S, TIMEOUT_NS = 1.0, 200 * MS
MOST_POLLS = 2  # until a value is good again
UNIT, REGISTERS = 7, 4
WHOLE = 0.7  # of what is said unasked
PATIENCE_S = 300.0  # for a byte in the kernel, on a machine that is busy with something else
FAULTS = ("unplugged", "baud", "half", "noise", "silent", "unasked", "echo")


class CountedLine(SerialLine):
    """A port that says how many bytes it gave to the kernel and took from it."""

    def __init__(self, bus: Bus, clock: VirtualClock) -> None:
        super().__init__(bus, clock)
        self.given = self.taken = 0

    async def send(self, data: bytes) -> None:
        await super().send(data)
        self.given += len(data)

    def _read(self) -> bool:
        before = len(self._buffer)
        came = super()._read()
        if came:
            self.taken += len(self._buffer) - before
        return came

    @property
    def opening(self) -> bool:
        return self._opening.locked()

    @property
    def open(self) -> bool:
        return self._port is not None


class Unit:
    """A device on the other end of the pty, with one fault at a time."""

    def __init__(self, path: Path, chance: random.Random, kind: str) -> None:
        self._path, self._chance, self._kind = path, chance, kind
        self.fault = ""
        self.answers = 0  # what the registers, or the pan, say
        self.heard = self.said = 0  # bytes, since it was plugged in
        self.master = self._slave = -1
        self._request = b""
        self.plug_in()

    def plug_in(self) -> None:
        """Another pty under the same name."""
        self.master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self.master, False)
        self._path.unlink(missing_ok=True)
        self._path.symlink_to(os.ttyname(self._slave))
        self.heard = self.said = 0
        self._request = b""
        asyncio.get_running_loop().add_reader(self.master, self._hear)

    def unplug(self) -> None:
        asyncio.get_running_loop().remove_reader(self.master)
        os.close(self.master)
        os.close(self._slave)
        self._path.unlink()
        self.master = -1

    def _hear(self) -> None:
        with contextlib.suppress(OSError):
            data = os.read(self.master, 4096)
            self.heard += len(data)
            self._request += data
        if self.fault == "echo":
            self._say(data)
        while (answer := self._answered()) is not None:
            self._say(self._spoiled(answer))

    def _answered(self) -> bytes | None:
        """The answer to the next whole question."""
        if self._kind == "modbus.rtu":
            if len(self._request) < 8:
                return None
            unit, function, _, count = struct.unpack(">BBHH", self._request[:6])
            self._request = self._request[8:]
            self.answers = self.answers % 60_000 + 1
            if function in (3, 4):
                return _registers(unit, function, count, self.answers)
            body = bytes((unit, function | 0x80, 1))  # it has no bits: V1.1b3, 7, exception 1
            return body + crc(body)
        line, end, rest = self._request.partition(b"\r\n")
        if not end:
            return None
        self._request = rest
        if line == b"I4":
            return b'I4 A "4711"\r\n'
        self.answers += 1
        return _weight(self.answers)

    def _spoiled(self, answer: bytes) -> bytes:
        chance = self._chance
        if self.fault == "silent":
            return b""
        if self.fault == "half":
            return answer[: chance.randrange(1, len(answer) - 2)]
        if self.fault == "noise":
            return chance.randbytes(chance.randrange(1, 9)).replace(b"\n", b"").replace(b"\r", b"") + answer
        return at_other_baud(answer, chance.choice((0.5, 2.0, 4.0))) if self.fault == "baud" else answer

    def say_unasked(self) -> None:
        """What the registers or the pan said before the last time: somebody pressed a key, or an answer is late."""
        modbus = self._kind == "modbus.rtu"
        old = _registers(UNIT, 3, REGISTERS, self.answers - 1) if modbus else _weight(self.answers - 1)
        whole = self._chance.random() < WHOLE
        self._say(old if whole else old[: self._chance.randrange(1, len(old) - 2)])

    def _say(self, data: bytes) -> None:
        self.said += len(data)
        while data:
            data = data[os.write(self.master, data) :]


def _registers(unit: int, function: int, count: int, value: int) -> bytes:
    body = struct.pack(f">BBB{count}H", unit, function, 2 * count, *[value] * count)
    return body + crc(body)


def _weight(value: int) -> bytes:
    return b"S S %10.2f kg\r\n" % value


def at_other_baud(data: bytes, ratio: float) -> bytes:
    """What a port reads that samples so many times as fast as the device sends: 8 bits, no parity, one stop bit."""
    wire = [bit for byte in data for bit in (0, *((byte >> place) & 1 for place in range(8)), 1)] + [1] * 40
    sampled, at = bytearray(), 0.0
    while at < len(wire) - 1:
        if wire[int(at)]:
            at += 1 / ratio / 4  # idle: looks for a start bit four times a bit
            continue
        bits = [wire[min(int(at + (place + 1.5) / ratio), len(wire) - 1)] for place in range(8)]
        sampled.append(sum(bit << place for place, bit in enumerate(bits)))
        at += 10 / ratio
    return bytes(sampled)


class Bench:
    """A driver, its port and the unit at the end of it."""

    def __init__(self, folder: Path, chance: random.Random, kind: str) -> None:
        self.clock = VirtualClock()
        path = folder / "ttyTEST"
        self.unit = Unit(path, chance, kind)
        bus = Bus("line1", kind, str(path), baud=19_200)
        if kind == "modbus.rtu":
            points = tuple(
                Point(f"r{at}", f"a/b/c/r{at}", Field("uint16"), "holding", 100 + at)
                for at in range(REGISTERS)
            )
        else:
            points = (Point("mass", "a/b/c/mass", Field("float64"), uom="kg"),)
        self.group = Group("unit/normal", "unit", round(PERIOD_S * S), points, 5 * S)
        self.device = Device("unit", "line1", "any", UNIT, "a/b/c", (self.group,), timeout_ns=TIMEOUT_NS)
        self.line = CountedLine(bus, self.clock)
        self.driver: Any = load_driver(kind).build(
            bus=bus, devices=[self.device], line=self.line, clock=self.clock
        )

    async def poll(self) -> Reading:
        """One poll, and the rest of its period."""
        began = self.clock.boottime_ns()
        task: asyncio.Task[Reading] = asyncio.ensure_future(self.driver.poll(self.device, self.group))
        while not task.done():
            await self._still()
            if not task.done():
                await self.clock.advance(0.005)
        rest_s = PERIOD_S - (self.clock.boottime_ns() - began) / S
        await self.clock.advance(max(rest_s, 0.0))
        return task.result()

    async def unasked(self) -> None:
        """The unit says something of its own, and all of it lies in the port."""
        self.unit.say_unasked()
        await self._still()

    async def _still(self) -> None:
        """Wait, in real time, until no byte is under way."""
        loop = asyncio.get_running_loop()
        until = loop.time() + PATIENCE_S
        while self._under_way() and loop.time() < until:  # noqa: ASYNC110 # the kernel tells nobody
            await asyncio.sleep(0.0002)
        await asyncio.sleep(0)

    def _under_way(self) -> bool:
        line, unit = self.line, self.unit
        if line.opening:
            return True
        if unit.master < 0 or not line.open:
            return False
        return line.given > unit.heard or unit.said > line.taken

    def replug(self) -> None:
        self.unit.plug_in()
        self.line.given = self.line.taken = 0

    def true(self, reading: Reading) -> bool:
        """Whether every good value is what the unit said last."""
        good = reading.quality < BAD_FROM
        return bool((reading.values[good] == self.unit.answers).all())

    async def close(self) -> None:
        await self.driver.close()
        if self.unit.master >= 0:
            self.unit.unplug()


async def play(seed: int, number: int, count: int, outcome: Outcome) -> None:
    """So many faults on one port."""
    chance = dice("ports", seed, number)
    kind = ("modbus.rtu", "serial.scale")[number % 2]
    with tempfile.TemporaryDirectory(prefix="lotwatch-ports-") as folder:
        bench = Bench(Path(folder), chance, kind)
        try:
            await bench.poll()  # a port that is open, and a unit that has answered
            for _ in range(count):
                await _fault(bench, chance, outcome, kind)
        finally:
            await bench.close()


async def _fault(bench: Bench, chance: random.Random, outcome: Outcome, kind: str) -> None:
    fault = chance.choice(FAULTS if kind == "modbus.rtu" else FAULTS[:-1])  # RS-232 of a scale hears no echo
    outcome.count += 1
    outcome.facts[f"{kind} {fault}"] += 1
    bench.unit.fault = fault
    if fault == "unplugged":
        bench.unit.unplug()
    for _ in range(chance.choice((1, 2, 3, 8))):
        if fault == "unasked":
            await bench.unasked()
        reading = await bench.poll()
        good = bool((reading.quality < BAD_FROM).all())
        if not bench.true(reading) or (good and fault in ("unplugged", "silent", "half")):
            outcome.find(f"{kind} while {fault}: {reading}")
        outcome.facts["good while faulty"] += good
    bench.unit.fault = ""
    if fault == "unplugged":
        bench.replug()
    polls = 0
    while True:
        polls += 1
        reading = await bench.poll()
        if not bench.true(reading):
            outcome.find(f"{kind} after {fault}: {reading}, and the unit said {bench.unit.answers}")
        if (reading.quality < BAD_FROM).all():
            break
        if polls > 10 * MOST_POLLS:
            break
    outcome.facts[f"read again at poll {polls}"] += 1
    if polls > MOST_POLLS:
        outcome.find(f"{kind} after {fault}: read again at poll {polls}, {reading.quality.tolist()}")


def run(seed: int, number: int, count: int) -> Outcome:
    """So many faults on a port of one driver."""
    outcome = Outcome()
    asyncio.run(play(seed, number, count, outcome))
    return outcome


ROW = Row(
    "ports", "faults of a serial port, on ptys", f"read again within {MOST_POLLS} polls",
    per_run=60, nightly=10_000, budget_s=60, batch=30, run=run,
)  # fmt: skip
